/**
 * What SEARCH, SORT and THREAD share: result options (RFC 4731 §3.1, RFC 5182 §3, RFC 9394 §4),
 * the charset, and the keys (RFC 4466 §2.6 search-program).
 */
import type { PartialRange } from '@homeward/search';
import type { ArgumentDecoder } from './argument-decoder.ts';
import type { SearchKey, SearchReturns } from './command.ts';
import { parseSearchKeys } from './search-key.ts';

const nothing: SearchReturns = {
  min: false,
  max: false,
  count: false,
  all: false,
  save: false,
  partial: undefined,
};

const words: ReadonlyMap<string, 'min' | 'max' | 'count' | 'all' | 'save'> = new Map([
  ['MIN', 'min'],
  ['MAX', 'max'],
  ['COUNT', 'count'],
  ['ALL', 'all'],
  ['SAVE', 'save'],
]);

/** `RETURN SP "(" [option *(SP option)] ")" SP`, if it comes next; none said means ALL. */
export function tryReturns(decoder: ArgumentDecoder): SearchReturns | undefined {
  if (!decoder.tryKeyword('RETURN')) return undefined;
  decoder.space();
  const start = decoder.position;
  const options = decoder.listOrNothing(() => parseOption(decoder));
  const returns = Object.assign({}, nothing, ...options) as SearchReturns;
  // RFC 9394 §3.1: one PARTIAL, one ALL, or neither.
  const partialCount = options.filter((option) => option.partial !== undefined).length;
  if (partialCount > 1 || (returns.all && returns.partial !== undefined)) {
    decoder.fail('one PARTIAL or ALL', start);
  }
  decoder.space();
  return options.length === 0 ? { ...returns, all: true } : returns;
}

function parseOption(decoder: ArgumentDecoder): Partial<SearchReturns> {
  const start = decoder.position;
  const word = decoder.keyword('a result option');
  const option = words.get(word);
  if (option !== undefined) return { [option]: true };
  if (word !== 'PARTIAL') return decoder.fail('a known result option', start);
  decoder.space();
  return { partial: parsePartialRange(decoder) };
}

/** `nz-number ":" nz-number`, or both behind "-" (RFC 9394 §4). */
export function parsePartialRange(decoder: ArgumentDecoder): PartialRange {
  const isFromEnd = decoder.comesNext('-');
  const first = parseEnd(decoder, isFromEnd);
  decoder.take(':');
  return { first, last: parseEnd(decoder, isFromEnd) };
}

function parseEnd(decoder: ArgumentDecoder, isFromEnd: boolean): number {
  if (isFromEnd) decoder.take('-');
  const number = decoder.nzNumber();
  return isFromEnd ? -number : number;
}

/** `["CHARSET" SP charset SP] search-key *(SP search-key)` */
export function parseProgram(decoder: ArgumentDecoder): {
  readonly charset: string | undefined;
  readonly criteria: SearchKey;
} {
  const hasCharset = decoder.tryKeyword('CHARSET');
  if (hasCharset) decoder.space();
  const charset = hasCharset ? parseCharset(decoder) : undefined;
  return { charset, criteria: parseSearchKeys(decoder) };
}

/** `charset SP`: its name in capitals, known or not. */
export function parseCharset(decoder: ArgumentDecoder): string {
  const charset = decoder.astring('a charset').toUpperCase();
  decoder.space();
  return charset;
}
