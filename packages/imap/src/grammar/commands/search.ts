/** SEARCH and UID SEARCH (RFC 3501 §6.4.4, §6.4.8; RFC 4466 §2.6.1). */
import { parseProgram, tryReturns } from '../search-program.ts';
import type { WholeSyntax } from './command-syntax.ts';

/** `search [SP search-return-opts] SP search-program` */
export const searchSyntax: WholeSyntax = {
  word: 'SEARCH',
  hasUidForm: true,
  parse(decoder, numbering) {
    decoder.space();
    const returns = tryReturns(decoder);
    return { name: 'search', numbering, returns, ...parseProgram(decoder) };
  },
};
