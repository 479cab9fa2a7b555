/** The client half for a site of other software, by protocol. */
import { createForeignImap } from '@homeward/imap/upstream';
import { createForeignPop3 } from '@homeward/pop3/upstream';
import type { ForeignDialogue } from '@homeward/sasl';
import type { ForeignTarget } from './foreign-ports.ts';

export function createForeignDialogue({ protocol, tls }: ForeignTarget): ForeignDialogue {
  const options = { startsTls: tls === 'starttls' };
  return protocol === 'pop3' ? createForeignPop3(options) : createForeignImap(options);
}
