/** Tokens of address fields (RFC 5322 §3.2), read leniently. */

/** A word, a quoted string, a comment, or one of the characters that divide them. */
export interface AddressToken {
  readonly kind: 'word' | 'quoted' | 'comment' | 'special';
  /** Quotes, backslashes and parentheses already removed. */
  readonly text: string;
  readonly hasSpaceBefore: boolean;
}

/** Splits into tokens, lazily. Remembers what never closes, so that it looks only once. */
export class AddressTokenizer {
  readonly #text: string;
  #position = 0;
  #hasOpenQuote = false;
  #hasOpenComment = false;

  constructor(text: string) {
    this.#text = text;
  }

  next(): AddressToken | undefined {
    let hasSpaceBefore = false;
    for (;;) {
      const start = this.#position;
      while (isSpace(this.#text.charCodeAt(this.#position))) this.#position++;
      if (this.#position >= this.#text.length) return undefined;
      hasSpaceBefore ||= this.#position > start;
      const token = this.#readToken(this.#text[this.#position] as string, hasSpaceBefore);
      if (token !== undefined) return token;
    }
  }

  #readToken(first: string, hasSpaceBefore: boolean): AddressToken | undefined {
    if (first === '"') return this.#readQuoted(hasSpaceBefore);
    if (first === '(') return this.#readComment(hasSpaceBefore);
    if ('<>@,;:.)'.includes(first)) {
      this.#position++;
      return { kind: 'special', text: first, hasSpaceBefore };
    }
    return { kind: 'word', text: this.#readWord(first), hasSpaceBefore };
  }

  #readWord(first: string): string {
    const pattern = first === '=' ? encodedWordPattern : first === '[' ? literalPattern : undefined;
    const word = (pattern && this.#match(pattern)) || this.#match(wordPattern);
    this.#position += word.length;
    return word;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    return pattern.exec(this.#text)?.[0] ?? '';
  }

  #readQuoted(hasSpaceBefore: boolean): AddressToken | undefined {
    const end = this.#hasOpenQuote ? -1 : findClosing(this.#text, this.#position, '"', '');
    if (end === -1) {
      this.#hasOpenQuote = true;
      this.#position++;
      return undefined;
    }
    const text = removeBackslashes(this.#text.slice(this.#position + 1, end));
    this.#position = end + 1;
    return { kind: 'quoted', text, hasSpaceBefore };
  }

  #readComment(hasSpaceBefore: boolean): AddressToken | undefined {
    const end = this.#hasOpenComment ? -1 : findClosing(this.#text, this.#position, ')', '(');
    if (end === -1) {
      this.#hasOpenComment = true;
      this.#position++;
      return undefined;
    }
    const text = removeBackslashes(this.#text.slice(this.#position + 1, end)).trim();
    this.#position = end + 1;
    return { kind: 'comment', text, hasSpaceBefore };
  }
}

/** Everything that is neither space as `isSpace` has it nor divides: a no-break space is a letter. */
const wordPattern = /[^ \t-\r"(<>@,;:.)]+/y;
const encodedWordPattern = /=\?[^?\s]{1,60}\?[bq]\?[^?\s]{0,998}\?=/iy;
const literalPattern = /\[[^\]\s,<>]{0,255}\]/y;

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** @returns The index of the closing character for the opening one at `start`, or -1. */
function findClosing(text: string, start: number, closing: string, opening: string): number {
  let depth = 1;
  for (let index = start + 1; index < text.length; index++) {
    const character = text[index];
    if (character === '\\') index++;
    else if (character === closing) {
      if (--depth === 0) return index;
    } else if (character === opening) depth++;
  }
  return -1;
}

function removeBackslashes(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\(.)/gs, '$1') : text;
}
