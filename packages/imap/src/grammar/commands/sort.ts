/** SORT and UID SORT (RFC 5256 §5, RFC 5957 §5, RFC 5267 §6). */
import type { SortCriterion, SortKey } from '@homeward/search';
import type { ArgumentDecoder } from '../argument-decoder.ts';
import { parseSearchKeys } from '../search-key.ts';
import { parseCharset, tryReturns } from '../search-program.ts';
import type { WholeSyntax } from './command-syntax.ts';

/** By their word. */
export const SORT_KEYS: ReadonlyMap<string, SortKey> = new Map([
  ['ARRIVAL', 'arrival'],
  ['CC', 'cc'],
  ['DATE', 'date'],
  ['DISPLAYFROM', 'display-from'],
  ['DISPLAYTO', 'display-to'],
  ['FROM', 'from'],
  ['SIZE', 'size'],
  ['SUBJECT', 'subject'],
  ['TO', 'to'],
]);

/** `sort [SP search-return-opts] SP "(" sort-criterion *(SP sort-criterion) ")" SP charset 1*(SP search-key)` */
export const sortSyntax: WholeSyntax = {
  word: 'SORT',
  hasUidForm: true,
  parse(decoder, numbering) {
    decoder.space();
    const returns = tryReturns(decoder);
    const order = decoder.list(() => parseCriterion(decoder));
    decoder.space();
    const charset = parseCharset(decoder);
    const criteria = parseSearchKeys(decoder);
    return { name: 'sort', numbering, returns, order, charset, criteria };
  },
};

function parseCriterion(decoder: ArgumentDecoder): SortCriterion {
  const isReversed = decoder.tryKeyword('REVERSE');
  if (isReversed) decoder.space();
  const start = decoder.position;
  const key = SORT_KEYS.get(decoder.keyword('a sort key'));
  return { key: key ?? decoder.fail('a known sort key', start), isReversed };
}
