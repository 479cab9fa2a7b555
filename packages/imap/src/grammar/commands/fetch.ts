/** FETCH and UID FETCH (RFC 3501 §6.4.5, §6.4.8). */
import { parseFetchItems } from '../fetch-item.ts';
import type { WholeSyntax } from './command-syntax.ts';

/** `fetch SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att … ")")` */
export const fetchSyntax: WholeSyntax = {
  word: 'FETCH',
  hasUidForm: true,
  parse(decoder, numbering) {
    decoder.space();
    const set = decoder.sequenceSet();
    decoder.space();
    return { name: 'fetch', numbering, set, items: parseFetchItems(decoder) };
  },
};
