/** The client half for a site of other software, by protocol. */
import { createForeignImap } from '@homeward/imap/upstream';
import { createForeignPop3 } from '@homeward/pop3/upstream';
import type { ForeignDialogue } from '@homeward/sasl';
import { createForeignSmtp } from '@homeward/smtp/upstream';
import type { ForeignTarget } from './foreign-ports.ts';

export function createForeignDialogue({ protocol, tls }: ForeignTarget): ForeignDialogue {
  const options = { startsTls: tls === 'starttls' };
  switch (protocol) {
    case 'imap':
      return createForeignImap(options);
    case 'pop3':
      return createForeignPop3(options);
    case 'submission':
      return createForeignSmtp(options);
  }
}
