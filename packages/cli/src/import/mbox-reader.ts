/**
 * Takes an mbox file apart (RFC 4155, and the older habits): octets in, messages out. A message
 * begins at a line "From …" that stands at the start or behind an empty line and ends in what
 * looks like a date; `>From ` in a body becomes `From ` again (mboxrd, mboxo). The empty line
 * in front of the next message belongs to the file, not to the message; so do Status, X-Status
 * and X-Keywords, in which mail programs keep flags.
 *
 * Memory is bounded by one message of the largest size that any site takes.
 */
import { readHeaderField } from '@homeward/mime';
import { settableFlags } from './source-flags.ts';

/** A message as it was stored, line ends as in the file. */
export interface MboxMessage {
  /** IMAP's, from Status, X-Status and X-Keywords; these fields are not in the octets. */
  readonly flags: readonly string[];
  /** From the "From " line; undefined if that names no time. */
  readonly receivedMs: number | undefined;
  readonly octets: Buffer;
  /** The octets are then cut off. */
  readonly isTooBig: boolean;
}

/** More than the largest `limits.messageBytes` that a back end can have. */
const MOST_BYTES = 1_100 * 1_048_576;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const ENVELOPE_LINE = Buffer.from('From ');
const HEADER_BYTES = 256 * 1024;
/** `Thu Jan  1 00:00:00 1970`, at times with a zone before or after the year. */
const ENVELOPE_DATE = /\s(\w{3} +\w{3} +\d{1,2} +\d{1,2}:\d{2}(?::\d{2})?(?: +[\w+-]+)? +\d{4}.*)$/;

/** One file, fed in pieces. */
export class MboxReader {
  /** Of a line whose end has not come yet. */
  #rest: Buffer = Buffer.alloc(0);
  #lines: Buffer[] = [];
  #bytes = 0;
  #isTooBig = false;
  #receivedMs: number | undefined;
  #isInMessage = false;
  #isBehindEmptyLine = true;
  /** The start of this line has been taken already. */
  #isMidLine = false;

  /** @returns The messages that ended in this piece. */
  *push(chunk: Buffer): Generator<MboxMessage> {
    const octets = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (let at = octets.indexOf(LF); at >= 0; at = octets.indexOf(LF, from)) {
      yield* this.#takeLine(octets.subarray(from, at + 1));
      from = at + 1;
    }
    this.#rest = octets.subarray(from);
    // A line that never ends is as good as any number of short ones.
    if (this.#rest.length > HEADER_BYTES) {
      this.#keep(this.#rest);
      this.#isMidLine = true;
      this.#rest = Buffer.alloc(0);
    }
  }

  /** @returns The last message. */
  *end(): Generator<MboxMessage> {
    if (this.#rest.length > 0) yield* this.#takeLine(this.#rest);
    this.#rest = Buffer.alloc(0);
    yield* this.#finish();
  }

  *#takeLine(line: Buffer): Generator<MboxMessage> {
    if (this.#isMidLine) {
      this.#isMidLine = false;
      this.#isBehindEmptyLine = false;
      this.#keep(line);
      return;
    }
    if (this.#isBehindEmptyLine && startsWith(line, ENVELOPE_LINE, 0)) {
      const receivedMs = parseEnvelopeDate(line);
      // The first line of a file is one whatever its date looks like.
      if (receivedMs !== 'no-date' || !this.#isInMessage) {
        yield* this.#finish();
        this.#isInMessage = true;
        this.#receivedMs = receivedMs === 'no-date' ? undefined : receivedMs;
        this.#isBehindEmptyLine = false;
        return;
      }
    }
    this.#isBehindEmptyLine = isEmptyLine(line);
    this.#keep(isQuotedEnvelopeLine(line) ? line.subarray(1) : line);
  }

  #keep(line: Buffer): void {
    if (!this.#isInMessage || this.#isTooBig) return;
    if (this.#bytes + line.length > MOST_BYTES) this.#isTooBig = true;
    else {
      this.#lines.push(line);
      this.#bytes += line.length;
    }
  }

  *#finish(): Generator<MboxMessage> {
    if (!this.#isInMessage) return;
    // The separator's own empty line.
    const last = this.#lines.at(-1);
    if (this.#lines.length > 1 && last !== undefined && isEmptyLine(last)) this.#lines.pop();
    const { flags, lines } = takeFlagFields(this.#lines);
    const message = {
      octets: Buffer.concat(lines),
      flags,
      receivedMs: this.#receivedMs,
      isTooBig: this.#isTooBig,
    };
    this.#lines = [];
    this.#bytes = 0;
    this.#isTooBig = false;
    this.#isInMessage = false;
    yield message;
  }
}

function startsWith(line: Buffer, word: Buffer, at: number): boolean {
  return (
    line.length >= at + word.length &&
    line.compare(word, 0, word.length, at, at + word.length) === 0
  );
}

function isEmptyLine(line: Buffer): boolean {
  return line[0] === LF || (line[0] === CR && line[1] === LF);
}

function isQuotedEnvelopeLine(line: Buffer): boolean {
  if (line[0] !== 0x3e) return false;
  let at = 1;
  while (line[at] === 0x3e) at += 1;
  return startsWith(line, ENVELOPE_LINE, at);
}

/** Without a zone the time is UTC, as RFC 4155 wants it. */
function parseEnvelopeDate(line: Buffer): number | undefined | 'no-date' {
  const text = ENVELOPE_DATE.exec(line.subarray(0, 500).toString('latin1').trimEnd())?.[1];
  if (text === undefined) return 'no-date';
  const hasZone = /[+-]\d{4}|\b(?:UTC|GMT|[ECMP][SD]T)\b/.test(text);
  const timeMs = Date.parse(hasZone ? text : `${text} UTC`);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** By Status, X-Status and X-Keywords, as mutt, pine and Dovecot write them. */
function takeFlagFields(lines: readonly Buffer[]): {
  readonly flags: readonly string[];
  readonly lines: readonly Buffer[];
} {
  const end = lines.findIndex(isEmptyLine);
  const header = end < 0 ? lines : lines.slice(0, end);
  const kept: Buffer[] = [];
  const fields: Buffer[] = [];
  let isFlagField = false;
  for (const line of header) {
    const isContinuation = line[0] === SPACE || line[0] === TAB;
    if (!isContinuation) isFlagField = FLAG_FIELD.test(line.toString('latin1', 0, 16));
    (isFlagField ? fields : kept).push(line);
  }
  if (fields.length === 0) return { flags: [], lines };
  const text = Buffer.concat(fields).subarray(0, HEADER_BYTES);
  const letters =
    (readHeaderField(text, 'status') ?? '') + (readHeaderField(text, 'x-status') ?? '');
  const flags = Object.entries(FLAG_OF).flatMap(([letter, flag]) =>
    letters.toUpperCase().includes(letter) ? [flag] : [],
  );
  const keywords = (readHeaderField(text, 'x-keywords') ?? '').split(/[ \t\r\n]+/);
  return {
    flags: [...flags, ...settableFlags(keywords).filter((flag) => !flag.startsWith('\\'))],
    lines: end < 0 ? kept : [...kept, ...lines.slice(end)],
  };
}

const FLAG_FIELD = /^(?:(?:x-)?status|x-keywords):/i;

const FLAG_OF: Readonly<Record<string, string>> = {
  R: '\\Seen',
  A: '\\Answered',
  F: '\\Flagged',
  T: '\\Draft',
  D: '\\Deleted',
};
