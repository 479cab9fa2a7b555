/** DELETE (RFC 3501 §6.3.4). */
import type { WholeSyntax } from './command-syntax.ts';

/** `delete SP mailbox` */
export const deleteSyntax: WholeSyntax = {
  word: 'DELETE',
  parse(decoder) {
    decoder.space();
    return { name: 'delete', mailbox: decoder.mailbox() };
  },
};
