/**
 * A POP3 session behind login: TRANSACTION and UPDATE (RFC 1939 §5, §6). It reads commands, runs
 * one at a time, answers in order, until QUIT, the end of the stream, or its owner's wish.
 *
 * It holds no socket and no timer: octets come and go by an `OctetStream`, whose owner sets the
 * idle limit (RFC 1939 §3: at least 10 minutes); mail comes from a `MaildropPort`.
 *
 * Only QUIT removes messages. However else a session ends, none is removed (RFC 1939 §6).
 */
import { lineWithReference } from '@homeward/sasl';
import type { Line, OctetStream } from '@homeward/wire';
import type { Pop3Command } from '../grammar/command.ts';
import { parseCommand } from '../grammar/parse-command.ts';
import { formatErr } from '../grammar/response.ts';
import { formatSessionEnd } from '../grammar/session-end-words.ts';
import type { Texts } from '../grammar/texts/texts.ts';
import { runCommand } from './command-table.ts';
import type { MaildropPort } from './ports.ts';
import { ReplyWriter } from './reply-writer.ts';
import { SessionContext } from './session-context.ts';
import type { EndRequest, Outcome, Pop3SessionOptions, SessionEnd } from './session-context.ts';
import { SessionInput } from './session-input.ts';

/** What a session is made of. */
export interface Pop3SessionParts {
  readonly stream: OctetStream;
  readonly maildrop: MaildropPort;
  readonly options: Pop3SessionOptions;
  /** Octets that arrived behind the login command. */
  readonly early: Uint8Array;
  /** Said at the end of farewells: under what the conversation is found in the log. */
  readonly reference?: string | undefined;
}

/** A session to be run once. The caller closes stream and maildrop afterwards. */
export interface Pop3Session {
  /** Serves until the end; never rejects for anything that a client or the store can do. */
  run(): Promise<SessionEnd>;
  /**
   * Ends it at the next safe point: while it waits for a command, or before the next one, never
   * inside a reply. The client is told; nothing is removed.
   */
  requestEnd(reason: EndRequest): void;
}

/** Makes a session for a maildrop that is locked already. */
export function createPop3Session(parts: Pop3SessionParts): Pop3Session {
  return new Session(parts);
}

/** Commands that arrived together and are run before others get a turn. */
const COMMANDS_PER_TURN = 64;

class Session implements Pop3Session {
  readonly #context: SessionContext;
  readonly #reference: string | undefined;
  #endRequest: EndRequest | undefined;
  #badCommandCount = 0;
  #turnCount = 0;
  #commandBeganMs = 0;
  /** What was said up to the command that the owner was told of last. */
  #observedBytes = 0;

  constructor({ stream, maildrop, options, early, reference }: Pop3SessionParts) {
    this.#reference = reference;
    const writer = new ReplyWriter(stream);
    const input = new SessionInput(stream, early);
    this.#context = new SessionContext({ maildrop, options, writer, input });
  }

  requestEnd(reason: EndRequest): void {
    this.#endRequest ??= reason;
    this.#context.input.wake();
  }

  async run(): Promise<SessionEnd> {
    const context = this.#context;
    for (;;) {
      await this.#serveNext();
      if (context.end !== undefined) break;
    }
    await context.readAhead.release();
    const farewell = formatFarewell(context.end, context.texts);
    if (farewell !== undefined) context.writer.say(lineWithReference(farewell, this.#reference));
    await context.writer.flush();
    return context.end;
  }

  /** One line, or a wait for more. */
  async #serveNext(): Promise<void> {
    const context = this.#context;
    if (this.#endRequest !== undefined) {
      context.finish(this.#endRequest);
      return;
    }
    const line = context.input.takeLine(context.options.commandBytes);
    if (line === 'need-more') await this.#waitForInput();
    else if (line === 'too-long') context.finish('protocol-error');
    else await this.#serve(line);
  }

  async #waitForInput(): Promise<void> {
    const context = this.#context;
    this.#turnCount = 0;
    const flushed = context.writer.flush();
    // The client has its answer now, and takes it in while the next message is opened.
    context.readAhead.prepare();
    if (flushed !== undefined) await flushed;
    const input = await context.input.wait();
    if (input === 'timed-out') context.finish('idle-too-long');
    else if (input === 'ended' || input === 'broken') context.finish('client-gone');
  }

  async #serve(line: Line): Promise<void> {
    const context = this.#context;
    this.#commandBeganMs = context.options.elapsedMs();
    const parsed = parseCommand(line, 'transaction', context.texts);
    if (parsed.ok) {
      const outcome = await this.#run(parsed.command);
      this.#badCommandCount = 0;
      this.#observe(line, parsed.command.name, parsed.command, outcome);
    } else {
      const outcome = context.err(parsed.text);
      this.#badCommandCount += 1;
      if (this.#badCommandCount >= context.options.maxBadCommands) {
        context.finish('too-many-errors');
      }
      this.#observe(line, parsed.name ?? 'unreadable', undefined, outcome);
    }
    if (context.input.isBroken) context.finish('client-gone');
    const flushed = context.writer.flushIfFull();
    if (flushed !== undefined) await flushed;
    this.#turnCount += 1;
    if (this.#turnCount % COMMANDS_PER_TURN === 0) await context.options.breathe();
  }

  /** Tells the owner of a command that was answered. */
  #observe(line: Line, name: string, command: Pop3Command | undefined, outcome: Outcome): void {
    const { writer, options } = this.#context;
    const { saidBytes } = writer;
    options.observe({
      kind: 'command',
      name,
      outcome,
      command,
      requestBytes: line.octets.length + (line.end === 'crlf' ? 2 : 1),
      responseBytes: saidBytes - this.#observedBytes,
      durationMs: options.elapsedMs() - this.#commandBeganMs,
    });
    this.#observedBytes = saidBytes;
  }

  /** Runs a command; a bug or a failing store ends at most the session. */
  async #run(command: Pop3Command): Promise<Outcome> {
    const context = this.#context;
    try {
      const running = runCommand(context, command);
      return running instanceof Promise ? await running : running;
    } catch (error) {
      context.options.observe({ kind: 'failed', command: command.name, error });
      if (context.isInsideReply) {
        context.finish('store-failed');
        return 'ERR';
      }
      return context.err(context.texts.storeFailed, 'SYS/TEMP');
    }
  }
}

/** QUIT said goodbye by itself; who is gone, or in the middle of a message, hears nothing. */
function formatFarewell(end: SessionEnd, texts: Texts): string | undefined {
  switch (end) {
    case 'logged-out':
    case 'client-gone':
    case 'store-failed':
      return undefined;
    case 'idle-too-long':
      return formatErr(undefined, texts.idle);
    case 'too-many-errors':
      return formatErr(undefined, texts.tooManyErrors);
    case 'protocol-error':
      return formatErr(undefined, texts.lineTooLong);
    default:
      return formatSessionEnd(end, texts, true);
  }
}
