/** SELECT and EXAMINE (RFC 3501 §6.3.1, §6.3.2). */
import type { WholeSyntax } from './command-syntax.ts';

function selecting(name: 'select' | 'examine'): WholeSyntax {
  return {
    word: name.toUpperCase(),
    parse(decoder) {
      decoder.space();
      return { name, mailbox: decoder.mailbox() };
    },
  };
}

/** `select SP mailbox` */
export const selectSyntax: WholeSyntax = selecting('select');
/** `examine SP mailbox` */
export const examineSyntax: WholeSyntax = selecting('examine');
