/** MOVE and UID MOVE (RFC 6851 §4.1). */
import type { WholeSyntax } from './command-syntax.ts';

/** `move SP sequence-set SP mailbox` */
export const moveSyntax: WholeSyntax = {
  word: 'MOVE',
  hasUidForm: true,
  parse(decoder, numbering) {
    decoder.space();
    const set = decoder.sequenceSet();
    decoder.space();
    return { name: 'move', numbering, set, mailbox: decoder.mailbox() };
  },
};
