/**
 * A cursor over one gathered command: single octets, runs of a class, strings, numbers, lists
 * and nesting. The elements of the grammar that are made of these are the argument decoder's.
 *
 * The octets lie in one Latin-1 string, one character each.
 *
 * Deviation: blanks at the very end of a command are put up with (RFC 3501 §2.2.1 has none);
 * old phones and scripts send them, and nothing else can be meant.
 */
import { isUtf8 } from 'node:buffer';
import { DIGIT, QUOTED, skipClass } from './octet-class.ts';
import { CommandSyntaxError, LITERAL_AWAITED } from './syntax-error.ts';

const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN = 0x28;
const CLOSE = 0x29;
const PLUS = 0x2b;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;

const LARGEST_NUMBER = 0xffff_ffff;
const LARGEST_LARGE_NUMBER = 0x7fff_ffff_ffff_ffffn;
/** Parentheses, NOT and OR within each other; real clients stay below twenty. */
const DEPTH_LIMIT = 100;

/** Not to be used again after it threw. */
export class CommandCursor {
  readonly #text: string;
  readonly #isPrefix: boolean;
  /** The client has enabled UTF-8 (RFC 6855 §3): quoted strings and names are in it. */
  protected readonly isUtf8: boolean;
  #at = 0;
  #depth = 0;

  /**
   * @param text The whole command without its last CRLF; or, `isPrefix`, a command up to the
   *   CRLF of a literal's announcement: reading that literal then throws `LITERAL_AWAITED`.
   */
  constructor(text: string, isPrefix: boolean, isUtf8 = false) {
    this.#text = text;
    this.#isPrefix = isPrefix;
    this.isUtf8 = isUtf8;
  }

  /** Octets read so far. */
  get position(): number {
    return this.#at;
  }

  /** @throws A syntax error that says what was expected, and where. */
  fail(expected: string, at: number = this.#at): never {
    throw new CommandSyntaxError(`Expected ${expected} at octet ${at + 1}`);
  }

  space(): void {
    if (this.#text.charCodeAt(this.#at) !== SPACE) this.fail('a space');
    this.#at += 1;
  }

  /** Takes `character` if it comes next. */
  tryTake(character: string): boolean {
    if (!this.comesNext(character)) return false;
    this.#at += 1;
    return true;
  }

  /** Takes `phrase`, in capitals, if it comes next in any case. */
  tryPhrase(phrase: string): boolean {
    if (!this.comesNextAs(phrase)) return false;
    this.#at += phrase.length;
    return true;
  }

  /** @returns whether `phrase`, in capitals, comes next in any case. */
  comesNextAs(phrase: string): boolean {
    return this.#text.slice(this.#at, this.#at + phrase.length).toUpperCase() === phrase;
  }

  take(character: string): void {
    if (!this.tryTake(character)) this.fail(`"${character}"`);
  }

  comesNext(character: string): boolean {
    return this.#text.charCodeAt(this.#at) === character.charCodeAt(0);
  }

  /** @param text In capitals, whatever the case of what comes. */
  startsWith(text: string): boolean {
    return this.#text.slice(this.#at, this.#at + text.length).toUpperCase() === text;
  }

  /** @returns Whether something other than blanks is left. */
  hasMore(): boolean {
    let at = this.#at;
    while (this.#text.charCodeAt(at) === SPACE) at += 1;
    return at < this.#text.length;
  }

  end(): void {
    if (this.hasMore()) this.fail('the end of the command');
  }

  /** @returns The end of the run of octets of these classes that comes next. */
  protected endOf(classes: number): number {
    return skipClass(this.#text, this.#at, classes);
  }

  /** Takes a run of octets of these classes; at least one. */
  protected run(classes: number, expected: string): string {
    const end = this.endOf(classes);
    if (end === this.#at) this.fail(expected);
    return this.takeUpTo(end);
  }

  protected takeUpTo(end: number): string {
    const taken = this.#text.slice(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** What lies ahead, up to `end`. */
  protected peekUpTo(end: number): string {
    return this.#text.slice(this.#at, end);
  }

  // ---- strings

  /** quoted or literal. */
  string(expected = 'a string'): string {
    const code = this.#text.charCodeAt(this.#at);
    if (code === QUOTE) return this.quoted();
    if (code === OPEN_BRACE) return this.#literal();
    return this.fail(expected);
  }

  /**
   * The announcement of a literal that is streamed: at the very end of a prefix. APPEND's
   * message is one.
   */
  streamedLiteral(expected: string): void {
    // literal8 (RFC 3516 §4.4): what is in it is not the grammar's.
    this.tryTake('~');
    if (this.#text.charCodeAt(this.#at) !== OPEN_BRACE) this.fail(expected);
    this.#literalMarker();
    if (!this.#isPrefix || this.#at !== this.#text.length) this.fail('the end of the line');
  }

  protected quoted(): string {
    const start = this.#at + 1;
    let value = '';
    let from = start;
    let at = skipClass(this.#text, from, QUOTED);
    while (this.#text.charCodeAt(at) === BACKSLASH) {
      const escaped = this.#text.charCodeAt(at + 1);
      if (escaped !== QUOTE && escaped !== BACKSLASH) this.fail('a backslash or a quote', at + 1);
      value += this.#text.slice(from, at);
      from = at + 1;
      at = skipClass(this.#text, at + 2, QUOTED);
    }
    if (this.#text.charCodeAt(at) !== QUOTE) this.fail('the closing quote', at);
    value += this.#text.slice(from, at);
    // RFC 6855 §3: a client that says that it sends UTF-8 must.
    if (this.isUtf8 && !isUtf8(Buffer.from(value, 'latin1'))) this.fail('UTF-8', start);
    this.#at = at + 1;
    return value;
  }

  #literal(): string {
    const sizeBytes = this.#literalMarker();
    const end = this.#at + sizeBytes;
    if (this.#isPrefix && this.#at === this.#text.length) throw LITERAL_AWAITED;
    if (end > this.#text.length) this.fail('the whole literal');
    return this.takeUpTo(end);
  }

  /** `{n}` CRLF or `{n+}` CRLF (RFC 7888 §8). */
  #literalMarker(): number {
    this.#at += 1;
    const sizeBytes = this.number('the size of a literal');
    if (this.#text.charCodeAt(this.#at) === PLUS) this.#at += 1;
    if (!this.#text.startsWith('}\r\n', this.#at)) this.fail('"}" and the end of the line');
    this.#at += 3;
    return sizeBytes;
  }

  // ---- numbers

  /** 0 to 2^32-1. */
  number(expected = 'a number'): number {
    const start = this.#at;
    const end = skipClass(this.#text, start, DIGIT);
    // Zeros in front are allowed, hence 20; more cannot be meant as a number.
    const number = end === start || end - start > 20 ? -1 : Number(this.#text.slice(start, end));
    if (number < 0 || number > LARGEST_NUMBER) this.fail(expected);
    this.#at = end;
    return number;
  }

  /** number64 (RFC 9051 §9): 0 to 2^63-1; beyond 2^53 the nearest that can be had. */
  largeNumber(expected = 'a number'): number {
    const start = this.#at;
    const end = skipClass(this.#text, start, DIGIT);
    const isTooLong = end === start || end - start > 20;
    const exact = isTooLong ? undefined : BigInt(this.#text.slice(start, end));
    if (exact === undefined || exact > LARGEST_LARGE_NUMBER) return this.fail(expected);
    this.#at = end;
    return Number(exact);
  }

  /** nz-number64 (RFC 9051 §9): 1 to 2^63-1. */
  nzLargeNumber(expected = 'a number from 1 on'): number {
    const start = this.#at;
    const number = this.largeNumber(expected);
    return number > 0 ? number : this.fail(expected, start);
  }

  /**
   * mod-sequence-valzer (RFC 7162 §7).
   *
   * Deviation: taken for mod-sequence-value as well, where 0 means "everything" to clients.
   */
  modSequence(): number {
    return this.largeNumber('a mod-sequence');
  }

  /** 1 to 2^32-1. */
  nzNumber(expected = 'a number from 1 to 4294967295'): number {
    const start = this.#at;
    const number = this.number(expected);
    return number > 0 ? number : this.fail(expected, start);
  }

  // ---- lists and nesting

  /** "(" item *(SP item) ")" */
  list<Item>(item: () => Item): Item[] {
    if (this.#text.charCodeAt(this.#at) !== OPEN) this.fail('"("');
    this.#at += 1;
    const items = [item()];
    while (this.#text.charCodeAt(this.#at) === SPACE) {
      this.#at += 1;
      items.push(item());
    }
    if (this.#text.charCodeAt(this.#at) !== CLOSE) this.fail('a space or ")"');
    this.#at += 1;
    return items;
  }

  /** "(" [item *(SP item)] ")" */
  listOrNothing<Item>(item: () => Item): Item[] {
    const isEmpty =
      this.#text.charCodeAt(this.#at) === OPEN && this.#text.charCodeAt(this.#at + 1) === CLOSE;
    if (!isEmpty) return this.list(item);
    this.#at += 2;
    return [];
  }

  /** Reads something that may hold its like, within a bound of depth. */
  nested<Value>(read: () => Value): Value {
    this.#depth += 1;
    if (this.#depth > DEPTH_LIMIT) {
      throw new CommandSyntaxError(
        `Nested deeper than ${DEPTH_LIMIT} levels at octet ${this.#at + 1}`,
      );
    }
    const value = read();
    this.#depth -= 1;
    return value;
  }
}
