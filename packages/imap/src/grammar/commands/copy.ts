/** COPY and UID COPY (RFC 3501 §6.4.7, §6.4.8). */
import type { WholeSyntax } from './command-syntax.ts';

/** `copy SP sequence-set SP mailbox` */
export const copySyntax: WholeSyntax = {
  word: 'COPY',
  hasUidForm: true,
  parse(decoder, numbering) {
    decoder.space();
    const set = decoder.sequenceSet();
    decoder.space();
    return { name: 'copy', numbering, set, mailbox: decoder.mailbox() };
  },
};
