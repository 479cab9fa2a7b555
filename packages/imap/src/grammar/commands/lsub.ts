/** LSUB (RFC 3501 §6.3.9). */
import type { WholeSyntax } from './command-syntax.ts';

/** `lsub SP mailbox SP list-mailbox` */
export const lsubSyntax: WholeSyntax = {
  word: 'LSUB',
  parse(decoder) {
    decoder.space();
    const reference = decoder.mailbox();
    decoder.space();
    return { name: 'lsub', reference, pattern: decoder.listMailbox() };
  },
};
