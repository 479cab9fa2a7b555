/**
 * Reads one gathered command, its literals included, element by element. Methods are named
 * after the elements of RFC 3501 §9, so that a command's parser reads like its ABNF line.
 *
 * Only here, in the cursor and in the parsers of `commands/` do exceptions mean "not as the
 * grammar says".
 */
import { parseCalendarDay, parseInternalDate } from './calendar.ts';
import { CommandCursor } from './command-cursor.ts';
import type { CalendarDay, FlagName, InternalDate } from './command.ts';
import { findSystemFlag, withoutDoubles } from './flag.ts';
import { parseMailboxName, parseUtf8MailboxName } from './mailbox-name.ts';
import { type NumberRange, type NumberSet, SAVED_RESULT } from './number-set.ts';
import { ASTRING, ATOM, DIGIT, KEYWORD, LIST, TAG } from './octet-class.ts';
import { CommandSyntaxError } from './syntax-error.ts';

/** A cursor that knows the grammar's elements. */
export class ArgumentDecoder extends CommandCursor {
  // ---- words and strings

  /** tag: what the answer begins with. */
  tag(): string {
    return this.run(TAG, 'a tag');
  }

  /** A word of the grammar itself, in capitals: `HEADER.FIELDS`, `UNSEEN`. */
  keyword(expected: string): string {
    return this.run(KEYWORD, expected).toUpperCase();
  }

  /** Takes the word if it is the next one, whatever its case. */
  tryKeyword(word: string): boolean {
    const end = this.endOf(KEYWORD);
    if (end - this.position !== word.length) return false;
    if (this.peekUpTo(end).toUpperCase() !== word) return false;
    this.takeUpTo(end);
    return true;
  }

  atom(expected = 'an atom'): string {
    return this.run(ATOM, expected);
  }

  astring(expected = 'an atom or a string'): string {
    const end = this.endOf(ASTRING);
    return end === this.position ? this.string(expected) : this.takeUpTo(end);
  }

  astringOctets(expected?: string): Uint8Array {
    return Buffer.from(this.astring(expected), 'latin1');
  }

  nstring(expected = 'a string or NIL'): string | undefined {
    return this.tryKeyword('NIL') ? undefined : this.string(expected);
  }

  /** Base64 without a blank in it, not decoded; also the "=" of RFC 4959 §3. */
  base64Word(): string {
    return this.run(ATOM, 'base64');
  }

  mailbox(): string {
    const start = this.position;
    const name = this.#name(this.astring('a mailbox name'));
    if (name === undefined) {
      throw new CommandSyntaxError(`The mailbox name at octet ${start + 1} is no valid text`);
    }
    return name;
  }

  /** list-mailbox: a mailbox name with wildcards. */
  listMailbox(): string {
    const start = this.position;
    const end = this.endOf(LIST);
    const octets = end > start ? this.takeUpTo(end) : this.string('a mailbox pattern');
    const pattern = this.#name(octets);
    if (pattern === undefined) {
      throw new CommandSyntaxError(`The pattern at octet ${start + 1} is no valid text`);
    }
    return pattern;
  }

  #name(octets: string): string | undefined {
    return this.isUtf8 ? parseUtf8MailboxName(octets) : parseMailboxName(octets);
  }

  // ---- numbers

  /** sequence-set, or "$" (RFC 5182 §3). */
  sequenceSet(): NumberSet {
    if (this.tryTake('$')) return SAVED_RESULT;
    const set: NumberRange[] = [this.#numberRange()];
    while (this.tryTake(',')) set.push(this.#numberRange());
    return set;
  }

  #numberRange(): NumberRange {
    const first = this.#setEnd();
    return { first, last: this.tryTake(':') ? this.#setEnd() : first };
  }

  #setEnd(): number | undefined {
    return this.tryTake('*') ? undefined : this.nzNumber('a number or "*"');
  }

  /** @returns Whether a digit, "*" or "$" comes next: the start of a sequence set. */
  startsSet(): boolean {
    return this.comesNext('*') || this.comesNext('$') || this.endOf(DIGIT) > this.position;
  }

  // ---- flags and dates

  /** flag, and \Recent, which some clients send back with the others. */
  flag(): FlagName {
    const start = this.position;
    if (!this.tryTake('\\')) return this.atom('a flag');
    const flag = findSystemFlag(`\\${this.takeUpTo(this.endOf(ATOM))}`);
    // flag-extension (RFC 3501 §9) is for flags that a later RFC defines: none did.
    return flag ?? this.fail('one of the system flags', start);
  }

  /** flag-list: may be empty. */
  flagList(): readonly FlagName[] {
    return withoutDoubles(this.listOrNothing(() => this.flag()));
  }

  /** date: a day, quoted or not. */
  date(): CalendarDay {
    const start = this.position;
    const isQuoted = this.comesNext('"');
    const day = parseCalendarDay(isQuoted ? this.quoted() : this.atom('a date'));
    return day ?? this.fail('a date such as 1-Feb-2024', start);
  }

  /** date-time, with its quotes. */
  dateTime(): InternalDate {
    const start = this.position;
    const date = this.comesNext('"') ? parseInternalDate(this.quoted()) : undefined;
    return date ?? this.fail('a date-time such as "01-Feb-2024 12:00:00 +0000"', start);
  }
}
