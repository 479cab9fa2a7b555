/**
 * Blanks what is not code in a TypeScript source: comments, and the insides of strings, template
 * texts and regular expressions. Offsets and line breaks stay, so that a position found in the
 * blanked text is a position in the source.
 *
 * This is a scanner and no parser: it tells a regular expression from a division by what comes
 * before the slash, which is right for the formatted sources of this repository.
 */

const wordsBeforeRegExp: ReadonlySet<string> = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'do',
  'else',
  'void',
  'throw',
  'new',
  'delete',
  'await',
  'yield',
  'instanceof',
]);

/** The source with everything but code replaced by spaces; quotes stay where they were. */
export function blankNonCode(source: string): string {
  return new Scanner(source).run();
}

class Scanner {
  readonly #source: string;
  readonly #pieces: string[] = [];
  /** Depth of braces at which each open `${` of a template ends. */
  readonly #templates: number[] = [];
  #at = 0;
  #depth = 0;
  /** The last token of code, to tell a regular expression from a division. */
  #previous = '';

  constructor(source: string) {
    this.#source = source;
  }

  run(): string {
    while (this.#at < this.#source.length) this.#step();
    return this.#pieces.join('');
  }

  #step(): void {
    const char = this.#source[this.#at] ?? '';
    const pair = this.#source.slice(this.#at, this.#at + 2);
    if (pair === '//') this.#blankUntil('\n', 0);
    else if (pair === '/*') this.#blankUntil('*/', 2);
    else if (char === "'" || char === '"') this.#quoted(char);
    else if (char === '`') this.#template();
    else if (char === '/' && this.#startsRegExp()) this.#regExp();
    else if (char === '}' && this.#templates.at(-1) === this.#depth) this.#template();
    else this.#code();
  }

  #code(): void {
    const rest = this.#source.slice(this.#at, this.#at + 200);
    const token = /^(?:[\w$]+|\s+)/.exec(rest)?.[0] ?? this.#source[this.#at] ?? '';
    if (token === '{') this.#depth += 1;
    if (token === '}') this.#depth -= 1;
    if (token.trim() !== '') this.#previous = token;
    this.#keep(token.length);
  }

  /** After a value a slash divides, after anything else it opens a regular expression. */
  #startsRegExp(): boolean {
    if (/^[\w$]+$/.test(this.#previous)) return wordsBeforeRegExp.has(this.#previous);
    return ![')', ']', '}', '"', "'", '`', '/'].includes(this.#previous);
  }

  #quoted(quote: string): void {
    let end = this.#at + 1;
    while (end < this.#source.length && this.#source[end] !== quote) {
      if (this.#source[end] === '\n') break;
      end += this.#source[end] === '\\' ? 2 : 1;
    }
    this.#keepEnds(end);
  }

  #regExp(): void {
    let end = this.#at + 1;
    for (let isClass = false; end < this.#source.length; end += 1) {
      const char = this.#source[end];
      if (char === '\n' || (char === '/' && !isClass)) break;
      if (char === '\\') end += 1;
      else if (char === '[') isClass = true;
      else if (char === ']') isClass = false;
    }
    this.#keepEnds(end);
  }

  /** From a backtick, or the brace that ends a `${`, to the closing backtick or the next `${`. */
  #template(): void {
    if (this.#source[this.#at] === '}') {
      this.#templates.pop();
      this.#depth -= 1;
    }
    let end = this.#at + 1;
    while (end < this.#source.length && this.#source[end] !== '`') {
      if (this.#source.startsWith('${', end)) {
        this.#depth += 1;
        this.#templates.push(this.#depth);
        this.#keepEnds(end + 1);
        this.#previous = '{';
        return;
      }
      end += this.#source[end] === '\\' ? 2 : 1;
    }
    this.#keepEnds(end);
  }

  #keep(length: number): void {
    this.#pieces.push(this.#source.slice(this.#at, this.#at + length));
    this.#at += length;
  }

  /** Keeps the first and the last character up to `end`, and blanks what is between them. */
  #keepEnds(end: number): void {
    this.#previous = this.#source[this.#at] ?? '';
    this.#keep(1);
    this.#blank(Math.min(end, this.#source.length));
    if (this.#at < this.#source.length) this.#keep(1);
  }

  #blankUntil(mark: string, markLength: number): void {
    const found = this.#source.indexOf(mark, this.#at + markLength);
    this.#blank(found === -1 ? this.#source.length : found + markLength);
  }

  #blank(end: number): void {
    this.#pieces.push(this.#source.slice(this.#at, end).replace(/[^\n]/g, ' '));
    this.#at = end;
  }
}
