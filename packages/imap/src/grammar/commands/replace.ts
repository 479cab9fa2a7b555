/** REPLACE and UID REPLACE (RFC 8508 §5), up to the first literal. */
import { parseFirstPiece } from '../append-message.ts';
import type { StreamingSyntax } from './command-syntax.ts';

/** `replace SP seq-number SP mailbox append-message` */
export const replaceSyntax: StreamingSyntax = {
  word: 'REPLACE',
  hasUidForm: true,
  form: { maySeveral: false },
  parseHead(decoder, numbering) {
    decoder.space();
    const number = decoder.tryTake('*') ? undefined : decoder.nzNumber('a message or "*"');
    decoder.space();
    const command = { name: 'replace', numbering, number, mailbox: decoder.mailbox() } as const;
    return { command, piece: parseFirstPiece(decoder, this.form) };
  },
};
