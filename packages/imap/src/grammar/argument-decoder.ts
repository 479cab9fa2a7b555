/**
 * Reads one gathered command, its literals included, element by element. Methods are named
 * after the elements of RFC 3501 §9, so that a command's parser reads like its ABNF line.
 *
 * The octets lie in one Latin-1 string, one character each; only here and in the parsers of
 * `commands/` do exceptions mean "not as the grammar says".
 *
 * Deviation: blanks at the very end of a command are put up with (RFC 3501 §2.2.1 has none);
 * old phones and scripts send them, and nothing else can be meant.
 */
import { parseCalendarDay, parseInternalDate } from './calendar.ts';
import type { CalendarDay, FlagName, InternalDate } from './command.ts';
import { findSystemFlag, withoutDoubles } from './flag.ts';
import { parseMailboxName } from './mailbox-name.ts';
import type { NumberRange, NumberSet } from './number-set.ts';
import {
  ASTRING,
  ATOM,
  DIGIT,
  isOfClass,
  KEYWORD,
  LIST,
  QUOTED,
  skipClass,
  TAG,
} from './octet-class.ts';
import { CommandSyntaxError, LITERAL_AWAITED } from './syntax-error.ts';

const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN = 0x28;
const CLOSE = 0x29;
const STAR = 0x2a;
const PLUS = 0x2b;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;

const LARGEST_NUMBER = 0xffff_ffff;
/** Parentheses, NOT and OR within each other; real clients stay below twenty. */
const DEPTH_LIMIT = 100;

/** A cursor over one command. Not to be used again after it threw. */
export class ArgumentDecoder {
  readonly #text: string;
  readonly #isPrefix: boolean;
  #at = 0;
  #depth = 0;

  /**
   * @param text The whole command without its last CRLF; or, `isPrefix`, a command up to the
   *   CRLF of a literal's announcement: reading that literal then throws `LITERAL_AWAITED`.
   */
  constructor(text: string, isPrefix: boolean) {
    this.#text = text;
    this.#isPrefix = isPrefix;
  }

  /** Octets read so far. */
  get position(): number {
    return this.#at;
  }

  /** @throws A syntax error that says what was expected, and where. */
  fail(expected: string, at: number = this.#at): never {
    throw new CommandSyntaxError(`Expected ${expected} at octet ${at + 1}`);
  }

  // ---- single octets

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

  take(character: string): void {
    if (!this.tryTake(character)) this.fail(`"${character}"`);
  }

  comesNext(character: string): boolean {
    return this.#text.charCodeAt(this.#at) === character.charCodeAt(0);
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

  // ---- words and strings

  /** tag: what the answer begins with. */
  tag(): string {
    return this.#run(TAG, 'a tag');
  }

  /** A word of the grammar itself, in capitals: `HEADER.FIELDS`, `UNSEEN`. */
  keyword(expected: string): string {
    return this.#run(KEYWORD, expected).toUpperCase();
  }

  /** Takes the word if it is the next one, whatever its case. */
  tryKeyword(word: string): boolean {
    const end = skipClass(this.#text, this.#at, KEYWORD);
    if (end - this.#at !== word.length) return false;
    if (this.#text.slice(this.#at, end).toUpperCase() !== word) return false;
    this.#at = end;
    return true;
  }

  atom(expected = 'an atom'): string {
    return this.#run(ATOM, expected);
  }

  astring(expected = 'an atom or a string'): string {
    const end = skipClass(this.#text, this.#at, ASTRING);
    if (end === this.#at) return this.string(expected);
    return this.#takeUpTo(end);
  }

  astringOctets(expected?: string): Uint8Array {
    return Buffer.from(this.astring(expected), 'latin1');
  }

  /** quoted or literal. */
  string(expected = 'a string'): string {
    const code = this.#text.charCodeAt(this.#at);
    if (code === QUOTE) return this.#quoted();
    if (code === OPEN_BRACE) return this.#literal();
    return this.fail(expected);
  }

  nstring(expected = 'a string or NIL'): string | undefined {
    return this.tryKeyword('NIL') ? undefined : this.string(expected);
  }

  /** Base64 without a blank in it, not decoded; also the "=" of RFC 4959 §3. */
  base64Word(): string {
    const end = skipClass(this.#text, this.#at, ATOM);
    if (end === this.#at) this.fail('base64');
    return this.#takeUpTo(end);
  }

  mailbox(): string {
    const start = this.#at;
    const name = parseMailboxName(this.astring('a mailbox name'));
    if (name === undefined) {
      throw new CommandSyntaxError(`The mailbox name at octet ${start + 1} is no valid text`);
    }
    return name;
  }

  /** list-mailbox: a mailbox name with wildcards. */
  listMailbox(): string {
    const start = this.#at;
    const end = skipClass(this.#text, start, LIST);
    const octets = end > start ? this.#takeUpTo(end) : this.string('a mailbox pattern');
    const pattern = parseMailboxName(octets);
    if (pattern === undefined) {
      throw new CommandSyntaxError(`The pattern at octet ${start + 1} is no valid text`);
    }
    return pattern;
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

  /** 1 to 2^32-1. */
  nzNumber(expected = 'a number from 1 to 4294967295'): number {
    const start = this.#at;
    const number = this.number(expected);
    return number > 0 ? number : this.fail(expected, start);
  }

  sequenceSet(): NumberSet {
    const set: NumberRange[] = [this.#numberRange()];
    while (this.#text.charCodeAt(this.#at) === COMMA) {
      this.#at += 1;
      set.push(this.#numberRange());
    }
    return set;
  }

  #numberRange(): NumberRange {
    const first = this.#setEnd();
    if (this.#text.charCodeAt(this.#at) !== COLON) return { first, last: first };
    this.#at += 1;
    return { first, last: this.#setEnd() };
  }

  #setEnd(): number | undefined {
    if (this.#text.charCodeAt(this.#at) !== STAR) return this.nzNumber('a number or "*"');
    this.#at += 1;
    return undefined;
  }

  /** @returns Whether a digit or "*" comes next: the start of a sequence set. */
  startsSet(): boolean {
    const code = this.#text.charCodeAt(this.#at);
    return code === STAR || skipClass(this.#text, this.#at, DIGIT) > this.#at;
  }

  // ---- flags and dates

  /** flag, and \Recent, which some clients send back with the others. */
  flag(): FlagName {
    if (this.#text.charCodeAt(this.#at) !== BACKSLASH) return this.atom('a flag');
    const end = skipClass(this.#text, this.#at + 1, ATOM);
    const flag = findSystemFlag(this.#text.slice(this.#at, end));
    // flag-extension (RFC 3501 §9) is for flags that a later RFC defines: none did.
    if (flag === undefined) this.fail('one of the system flags');
    this.#at = end;
    return flag;
  }

  /** flag-list: may be empty. */
  flagList(): readonly FlagName[] {
    return withoutDoubles(this.listOrNothing(() => this.flag()));
  }

  /** date: a day, quoted or not. */
  date(): CalendarDay {
    const start = this.#at;
    const isQuoted = this.#text.charCodeAt(start) === QUOTE;
    const day = parseCalendarDay(isQuoted ? this.#quoted() : this.atom('a date'));
    return day ?? this.fail('a date such as 1-Feb-2024', start);
  }

  /** date-time, with its quotes. */
  dateTime(): InternalDate {
    const start = this.#at;
    const date = this.comesNext('"') ? parseInternalDate(this.#quoted()) : undefined;
    return date ?? this.fail('a date-time such as "01-Feb-2024 12:00:00 +0000"', start);
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

  /**
   * The announcement of a literal that is streamed: at the very end of a prefix. APPEND's
   * message is one.
   */
  streamedLiteral(expected: string): void {
    if (this.#text.charCodeAt(this.#at) !== OPEN_BRACE) this.fail(expected);
    this.#literalMarker();
    if (!this.#isPrefix || this.#at !== this.#text.length) this.fail('the end of the line');
  }

  #run(classes: number, expected: string): string {
    const end = skipClass(this.#text, this.#at, classes);
    if (end === this.#at) this.fail(expected);
    return this.#takeUpTo(end);
  }

  #takeUpTo(end: number): string {
    const taken = this.#text.slice(this.#at, end);
    this.#at = end;
    return taken;
  }

  #quoted(): string {
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
    this.#at = at + 1;
    return value;
  }

  #literal(): string {
    const sizeBytes = this.#literalMarker();
    const end = this.#at + sizeBytes;
    if (this.#isPrefix && this.#at === this.#text.length) throw LITERAL_AWAITED;
    if (end > this.#text.length) this.fail('the whole literal');
    return this.#takeUpTo(end);
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
}

/** @returns Whether `text` may be written as an atom. */
export function isAtom(text: string): boolean {
  return isOfClass(text, ATOM);
}
