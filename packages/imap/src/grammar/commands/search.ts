/** SEARCH and UID SEARCH (RFC 3501 §6.4.4, §6.4.8). */
import type { ArgumentDecoder } from '../argument-decoder.ts';
import { isSearchCharset } from '../search-charset.ts';
import { parseSearchKeys } from '../search-key.ts';
import { CommandSyntaxError } from '../syntax-error.ts';
import type { WholeSyntax } from './command-syntax.ts';

/** `search [SP "CHARSET" SP astring] 1*(SP search-key)` */
export const searchSyntax: WholeSyntax = {
  word: 'SEARCH',
  hasUidForm: true,
  parse(decoder, numbering) {
    decoder.space();
    const charset = decoder.tryKeyword('CHARSET') ? parseCharset(decoder) : undefined;
    return { name: 'search', numbering, charset, criteria: parseSearchKeys(decoder) };
  },
};

function parseCharset(decoder: ArgumentDecoder): string {
  decoder.space();
  const charset = decoder.astring('a charset').toUpperCase();
  if (!isSearchCharset(charset)) {
    throw new CommandSyntaxError('This charset is not known here; use UTF-8', 'bad-charset');
  }
  decoder.space();
  return charset;
}
