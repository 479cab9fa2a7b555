/**
 * SEARCH HEADER and its kin (RFC 3501 §6.4.4) over many headers, several texts at once: what is
 * not decoded need not be, what cannot be there is not looked for.
 */
import { decodeEncodedWords } from './encoded-words.ts';
import { unfoldValue, viewAsBuffer } from './header-fields.ts';
import { createFieldNames, visitNamedFields } from './named-fields.ts';
import { foldForSearch } from './text-folding.ts';

/** A text to be found in any field of a name. */
export interface SoughtHeaderText {
  /** Field name in any case. */
  readonly field: string;
  /** What `foldForSearch` made of the text; empty: that there is such a field is enough. */
  readonly text: string;
}

/** Prepared for one search. */
export interface HeaderSearch {
  /**
   * @param headerOctets A header block; its empty line may be there or not.
   * @returns Whether each text was found, in the order given; overwritten by the next call.
   */
  match(headerOctets: Uint8Array): readonly boolean[];
}

interface FieldTexts {
  readonly name: string;
  readonly texts: { readonly text: string; readonly order: number; readonly isAscii: boolean }[];
}

/** Finds what `foldHeaderValue` of any of `readHeaderFields` contains, only faster. */
export function createHeaderSearch(sought: readonly SoughtHeaderText[]): HeaderSearch {
  const byField = new Map<string, FieldTexts>();
  for (const [order, { field, text }] of sought.entries()) {
    const name = field.toLowerCase();
    const known = byField.get(name) ?? { name, texts: [] };
    known.texts.push({ text, order, isAscii: isAscii(text) });
    byField.set(name, known);
  }
  const fields = [...byField.values()];
  const names = createFieldNames(fields.map(({ name }) => name));
  const found = sought.map(() => false);
  return {
    match: (headerOctets) => {
      found.fill(false);
      let openCount = sought.length;
      const header = viewAsBuffer(headerOctets).toString('latin1');
      visitNamedFields(header, names, (order, start, end) => {
        const { texts } = fields[order] as FieldTexts;
        openCount -= findTexts(header.slice(start, end), texts, found);
        return openCount === 0;
      });
      return found;
    },
  };
}

/** @returns How many more were found. */
function findTexts(raw: string, texts: FieldTexts['texts'], found: boolean[]): number {
  const isPlain = isAscii(raw) && !raw.includes('=?');
  let folded: string | undefined;
  let count = 0;
  for (const { text, order, isAscii: isAsciiText } of texts) {
    if (found[order] === true || (isPlain && !isAsciiText)) continue;
    if (text !== '') {
      folded ??= foldValue(unfoldValue(raw), isPlain);
      if (!folded.includes(text)) continue;
    }
    found[order] = true;
    count += 1;
  }
  return count;
}

function foldValue(value: string, isPlain: boolean): string {
  return isPlain ? value.toUpperCase() : foldForSearch(decodeEncodedWords(value));
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}
