/** RENAME (RFC 3501 §6.3.5). */
import type { WholeSyntax } from './command-syntax.ts';

/** `rename SP mailbox SP mailbox` */
export const renameSyntax: WholeSyntax = {
  word: 'RENAME',
  parse(decoder) {
    decoder.space();
    const from = decoder.mailbox();
    decoder.space();
    return { name: 'rename', from, to: decoder.mailbox() };
  },
};
