/**
 * The incremental reader of `command-reader.ts`: frames lines and literals (RFC 3501 §4.3,
 * RFC 7888), has what it gathered parsed, and finds the next command after one that is wrong.
 *
 * What is gathered for one command never exceeds `commandBytes`; messages and everything that
 * is refused pass through without being kept. Framing is strict, since an octet misplaced here
 * would let what one party takes for a message be another's command:
 *
 * - A line ends with CRLF. A bare LF or CR refuses the command ('bad-line-end').
 * - NUL is refused in lines, in literals and in messages (RFC 3501 §9 CHAR8).
 * - Every announcement of a literal is tried against the grammar first, so a client is never
 *   invited to send what will be refused anyway.
 * - Where a client may go on without an invitation (`{n+}`), the octets are skipped; if there
 *   are too many to wait for, or the line they follow has no proper end, the error is fatal
 *   (`refused-input.ts`).
 */
import { ByteQueue, findLiteralMarker, takeLine } from '@homeward/wire';
import type { Line, LiteralMarker } from '@homeward/wire';
import type { AppendForm, AppendPlace } from './append-message.ts';
import type { StreamingCommand } from './command.ts';
import type {
  AppendAnnouncement,
  CommandEvent,
  CommandReader,
  CommandReaderLimits,
} from './command-reader.ts';
import type { CommandProblem } from './command-problem.ts';
import { identifyCommand, parseCommand, parsePiece } from './parse-command.ts';
import type { ParseFailure, ParsedCommand } from './parse-command.ts';
import { isUninvited, RefusedInput } from './refused-input.ts';

/** Makes a reader that has seen nothing. It holds nothing that must be closed. */
export function createCommandReader(limits: CommandReaderLimits): CommandReader {
  return new QueueCommandReader(limits);
}

/** A line's head in which a tag and a command word are looked for. */
const HEAD_BYTES = 64;
/**
 * Prefixes of one command that are tried against the grammar. Trying all would make a command
 * of many empty literals cost the square of its length; the last parse sees them all anyway.
 */
const TRIES_LIMIT = 8;

const LF = 0x0a;
const NUL = 0x00;

type State =
  /** Before or inside a command's lines. */
  | 'line'
  | 'literal'
  /** After `append-literal`. */
  | 'decision'
  | 'message'
  | 'refused'
  /** After a fatal error: whatever comes is nobody's. */
  | 'lost';

const BARE_TEXT = 'Lines end with CR LF, and neither stands alone';
const UNINVITED_TEXT = 'The literal is too big to be sent without an invitation';

const UNSKIPPABLE = {
  problem: 'literal-too-big',
  text: 'The literal is too big to be skipped',
} as const;
const NAMELESS = { tag: undefined, commandName: undefined } as const;

type ErrorEvent = Extract<CommandEvent, { readonly kind: 'error' }>;

const NEED_MORE: CommandEvent = { kind: 'need-more' };
const CONTINUATION: CommandEvent = { kind: 'continuation' };

class QueueCommandReader implements CommandReader {
  readonly #limits: CommandReaderLimits;
  readonly #queue = new ByteQueue();
  readonly #refused: RefusedInput;
  #pushedBytes = 0;
  #state: State = 'line';
  /** The current command as far as it is here, as Latin-1. */
  #text = '';
  #tryCount = 0;
  #isUtf8 = false;
  /** Octets of the literal or of the message that are still to come. */
  #remainingBytes = 0;
  /** The command whose messages are being streamed. */
  #streamed: Streamed | undefined;
  /** Of the literal that is being decided on or streamed. */
  #isSynchronizing = false;
  #isBinary = false;

  constructor(limits: CommandReaderLimits) {
    this.#limits = limits;
    this.#refused = new RefusedInput(this.#queue, limits.messageBytes);
  }

  push(octets: Uint8Array): void {
    this.#pushedBytes += octets.length;
    this.#queue.push(octets);
  }

  get consumedBytes(): number {
    return this.#pushedBytes - this.#queue.length;
  }

  next(): CommandEvent {
    for (;;) {
      const event = this.#advance();
      if (event !== undefined) return event;
    }
  }

  acceptMessage(): void {
    this.#assertDecisionDue();
    this.#state = 'message';
  }

  refuseMessage(): void {
    this.#assertDecisionDue();
    if (this.#isSynchronizing) this.#startOver();
    else this.#skip(this.#remainingBytes);
  }

  readLine(limitBytes: number): Uint8Array | undefined | 'too-long' {
    const line = takeLine(this.#queue, limitBytes + 2);
    if (line === 'need-more') return undefined;
    if (line === 'too-long') return line;
    const isProper = line.end === 'crlf' && !line.hasBareCr;
    return isProper ? line.octets : Buffer.concat([line.octets, Buffer.of(LF)]);
  }

  acceptUtf8(): void {
    this.#isUtf8 = true;
  }

  takeRest(): Uint8Array {
    this.#startOver();
    return this.#queue.takeAll();
  }

  /** One step; undefined if there is nothing to tell about it. */
  #advance(): CommandEvent | undefined {
    switch (this.#state) {
      case 'line':
        return this.#advanceLine();
      case 'literal':
        return this.#advanceLiteral();
      case 'decision':
        throw new Error('next() between append-start and the decision on its message');
      case 'message':
        return this.#advanceMessage();
      case 'refused':
        return this.#advanceRefused();
      case 'lost':
        this.#queue.clear();
        return NEED_MORE;
    }
  }

  #advanceLine(): CommandEvent | undefined {
    const line = takeLine(this.#queue, this.#limits.commandBytes - this.#text.length);
    if (line === 'need-more') return NEED_MORE;
    if (line === 'too-long') return this.#rejectLongLine();
    const marker = findLiteralMarker(line.octets);
    if (line.end === 'lf' || line.hasBareCr || line.hasNul || marker === 'bad') {
      return this.#rejectLine(line, marker);
    }
    this.#text += line.octets.toString('latin1');
    if (marker !== undefined) return this.#announced(marker);
    const parsed = this.#parse(false);
    this.#startOver();
    switch (parsed.kind) {
      case 'command':
        return parsed;
      case 'streaming':
        return { kind: 'append-end', ...announcement(parsed) };
      case 'failed':
        return errorEvent(parsed);
      case 'literal-awaited':
        throw new Error('a whole command awaited a literal');
    }
  }

  /** What was gathered is a command, or the rest of one behind a message. */
  #parse(isPrefix: boolean): ParsedCommand {
    if (this.#streamed === undefined) return parseCommand(this.#text, isPrefix, this.#isUtf8);
    const { tag, command, form, place } = this.#streamed;
    const parsed = parsePiece(this.#text, isPrefix, place, form);
    if (parsed.kind === 'piece') {
      return { kind: 'streaming', tag, command, form, piece: parsed.piece };
    }
    return parsed.kind === 'failed' ? { ...parsed, ...identityOf(this.#streamed) } : parsed;
  }

  /** A line ended with the announcement of a literal. */
  #announced(marker: LiteralMarker): CommandEvent | undefined {
    this.#text += '\r\n';
    this.#tryCount += 1;
    if (this.#tryCount <= TRIES_LIMIT) {
      const parsed = this.#parse(true);
      if (parsed.kind === 'failed') return this.#refuse(parsed, marker);
      if (parsed.kind === 'streaming') return this.#messageAnnounced(parsed, marker);
    }
    if (this.#isTooBigUninvited(marker)) {
      return this.#refuse(this.#failure('literal-too-big', UNINVITED_TEXT), marker);
    }
    const limitBytes = this.#limits.commandBytes;
    if (this.#text.length + marker.sizeBytes > limitBytes) {
      const text = `A command may have ${limitBytes} octets, its literals included`;
      return this.#refuse(this.#failure('literal-too-big', text), marker);
    }
    this.#remainingBytes = marker.sizeBytes;
    this.#state = 'literal';
    return marker.isSynchronizing ? CONTINUATION : undefined;
  }

  #messageAnnounced(
    parsed: Extract<ParsedCommand, { readonly kind: 'streaming' }>,
    marker: LiteralMarker,
  ): CommandEvent {
    const { sizeBytes, isSynchronizing } = marker;
    const { tag, command, form, piece } = parsed;
    // The command ends with a line that has no literal, or it would have been parsed as whole.
    if (piece.place === undefined) throw new Error('a literal was announced and not read');
    if (this.#isTooBigUninvited(marker)) {
      return this.#refuse(this.#failure('message-too-big', UNINVITED_TEXT), marker);
    }
    if (sizeBytes > this.#limits.messageBytes) {
      const text = `A message may have ${this.#limits.messageBytes} octets`;
      return this.#refuse(this.#failure('message-too-big', text), marker);
    }
    this.#startOver();
    this.#state = 'decision';
    this.#remainingBytes = sizeBytes;
    this.#isSynchronizing = isSynchronizing;
    this.#isBinary = marker.isBinary;
    this.#streamed = { tag, command, form, place: piece.place };
    return { kind: 'append-literal', ...announcement(parsed), sizeBytes, isSynchronizing };
  }

  /** RFC 7888 §5: LITERAL- allows no more than 4096 octets without an invitation. */
  #isTooBigUninvited(marker: LiteralMarker): boolean {
    const limitBytes = this.#limits.nonSynchronizingBytes ?? Number.POSITIVE_INFINITY;
    return !marker.isSynchronizing && marker.sizeBytes > limitBytes;
  }

  #advanceLiteral(): CommandEvent | undefined {
    if (this.#queue.length < this.#remainingBytes) return NEED_MORE;
    const octets = this.#queue.take(this.#remainingBytes);
    if (octets.includes(NUL)) {
      const failure = this.#failure('nul-octet', 'A literal holds a NUL octet');
      this.#skip(0);
      return errorEvent(failure);
    }
    this.#text += octets.toString('latin1');
    this.#state = 'line';
    return undefined;
  }

  #advanceMessage(): CommandEvent | undefined {
    if (this.#remainingBytes === 0) {
      // What follows is read as a line of the same command.
      this.#state = 'line';
      return undefined;
    }
    if (this.#queue.length === 0) return NEED_MORE;
    const octets = this.#queue.takeSome(this.#remainingBytes);
    this.#remainingBytes -= octets.length;
    if (!octets.includes(NUL)) return { kind: 'message-octets', octets };
    const failure = this.#isBinary
      ? this.#failure('binary-content', 'Messages with NUL are not kept; send them as base64')
      : this.#failure('nul-octet', 'The message holds a NUL octet');
    this.#skip(this.#remainingBytes);
    return errorEvent(failure);
  }

  #advanceRefused(): CommandEvent | undefined {
    const step = this.#refused.advance();
    if (step === 'need-more') return NEED_MORE;
    if (step === 'lost') return this.#lose({ ...UNSKIPPABLE, ...NAMELESS });
    this.#startOver();
    return undefined;
  }

  #rejectLongLine(): CommandEvent {
    const limitBytes = this.#limits.commandBytes;
    // No LF lies within the limit, so the head holds none.
    const isHead = this.#text === '' && this.#streamed === undefined;
    const head = isHead ? this.#queue.take(Math.min(HEAD_BYTES, limitBytes)) : undefined;
    if (head !== undefined) this.#text = head.toString('latin1');
    const failure = this.#failure('line-too-long', `A command may have ${limitBytes} octets`);
    this.#skip(0);
    return errorEvent(failure);
  }

  /** A line that is no line, whatever stands in it. */
  #rejectLine(line: Line, marker: LiteralMarker | 'bad' | undefined): CommandEvent {
    const isBadEnd = line.end === 'lf' || line.hasBareCr;
    this.#text += line.octets.subarray(0, HEAD_BYTES).toString('latin1');
    const failure = line.hasNul
      ? this.#failure('nul-octet', 'The command holds a NUL octet')
      : isBadEnd
        ? this.#failure('bad-line-end', BARE_TEXT)
        : this.#failure('bad-literal', 'The size of the literal is no number that can be meant');
    if (!isUninvited(line.octets, marker)) {
      this.#startOver();
      return errorEvent(failure);
    }
    this.#startOver();
    const isFindable = line.end === 'crlf' && this.#canSkip(marker);
    return isFindable ? errorEvent(failure) : this.#lose(failure);
  }

  /** Refuses a command at the announcement of its literal. */
  #refuse(failure: ParseFailure, marker: LiteralMarker): CommandEvent {
    this.#startOver();
    // Not invited, so the client will not send it: the command is over.
    if (marker.isSynchronizing) return errorEvent(failure);
    if (this.#canSkip(marker)) return errorEvent(failure);
    return this.#lose({ ...failure, ...UNSKIPPABLE });
  }

  /** There is no telling where the next command begins. */
  #lose(failure: ParseFailure): CommandEvent {
    this.#state = 'lost';
    return { ...errorEvent(failure), isFatal: true };
  }

  /** Arranges for the skipping of an uninvited literal, if there is an end to it. */
  #canSkip(marker: LiteralMarker | 'bad' | undefined): boolean {
    if (!this.#refused.skipLiteral(marker)) return false;
    this.#startOver();
    this.#state = 'refused';
    return true;
  }

  /** Goes on behind so many octets and the line in which they end. */
  #skip(sizeBytes: number): void {
    this.#startOver();
    this.#refused.skip(sizeBytes);
    this.#state = 'refused';
  }

  /** The failure of the command gathered so far, with its tag and word if they can be read. */
  #failure(problem: CommandProblem, text: string): ParseFailure {
    const identity =
      this.#streamed === undefined
        ? identifyCommand(this.#text.slice(0, HEAD_BYTES))
        : identityOf(this.#streamed);
    return { ...identity, problem, text };
  }

  #startOver(): void {
    this.#state = 'line';
    this.#text = '';
    this.#tryCount = 0;
    this.#streamed = undefined;
  }

  #assertDecisionDue(): void {
    if (this.#state !== 'decision') throw new Error('no message awaits a decision');
  }
}

/** A command whose messages are being streamed, and what its last literal was. */
interface Streamed {
  readonly tag: string;
  readonly command: StreamingCommand;
  readonly form: AppendForm;
  readonly place: AppendPlace;
}

function identityOf({ tag, command }: Streamed): Pick<ParseFailure, 'tag' | 'commandName'> {
  return { tag, commandName: command.name.toUpperCase() };
}

function announcement({
  tag,
  command,
  piece,
}: Extract<ParsedCommand, { readonly kind: 'streaming' }>): AppendAnnouncement {
  return { tag, command, steps: piece.steps };
}

function errorEvent(failure: ParseFailure): ErrorEvent {
  const { tag, commandName, problem, text } = failure;
  return { kind: 'error', tag, commandName, problem, text, isFatal: false };
}
