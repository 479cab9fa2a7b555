/** APPEND (RFC 3501 §6.3.11), of several messages, too (RFC 3502), up to the first literal. */
import { parseFirstPiece } from '../append-message.ts';
import type { StreamingSyntax } from './command-syntax.ts';

/** `append SP mailbox 1*append-message` */
export const appendSyntax: StreamingSyntax = {
  word: 'APPEND',
  form: { maySeveral: true },
  parseHead(decoder) {
    decoder.space();
    const command = { name: 'append', mailbox: decoder.mailbox() } as const;
    return { command, piece: parseFirstPiece(decoder, this.form) };
  },
};
