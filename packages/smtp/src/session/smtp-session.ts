/**
 * A submission behind login (RFC 5321 §3, RFC 6409), or a delivery by LMTP (RFC 2033). It reads
 * commands, runs one at a time and answers in order (RFC 2920 §3.2), until QUIT, the end of the
 * stream, or its owner's wish.
 *
 * It holds no socket and no timer: octets come and go by an `OctetStream`, whose owner sets the
 * idle limit (RFC 5321 §4.5.3.2: 5 minutes); who takes the mail is a `MailPort`. A message passes
 * through in pieces, under back-pressure, and is never held as a whole.
 */
import { lineWithReference, type SessionEndReason } from '@homeward/sasl';
import type { Line, OctetStream } from '@homeward/wire';
import { formatProblem } from '../grammar/command-problem.ts';
import { parseCommand } from '../grammar/parse-command.ts';
import { formatReply } from '../grammar/reply.ts';
import { formatSessionEnd } from '../grammar/session-end-words.ts';
import { runCommand } from './command-table.ts';
import type { MailPort } from './ports.ts';
import { SessionContext } from './session-context.ts';
import type { SessionEnd, SmtpSessionOptions } from './session-context.ts';
import { SessionInput } from './session-input.ts';

/** What a session is made of. */
export interface SmtpSessionParts {
  readonly stream: OctetStream;
  readonly port: MailPort;
  readonly options: SmtpSessionOptions;
  /** Octets that arrived behind the login command. */
  readonly early: Uint8Array;
  /** Said at the end of farewells: under what the conversation is found in the log. */
  readonly reference?: string | undefined;
}

/** A session to be run once. The caller closes the stream afterwards. */
export interface SmtpSession {
  /** Serves until the end; never rejects for anything that a client or the port can do. */
  run(): Promise<SessionEnd>;
  /**
   * Ends it at the next safe point: while it waits for a command, or before the next one, never
   * inside a message. The client is told; a transaction without its message is forgotten.
   */
  requestEnd(reason: SessionEndReason): void;
}

/** Makes a session. */
export function createSmtpSession(parts: SmtpSessionParts): SmtpSession {
  return new Session(parts);
}

/** Commands that arrived together and are run before others get a turn. */
const COMMANDS_PER_TURN = 64;
const FAILED_TEXT = 'The server has a fault, try again later';

class Session implements SmtpSession {
  readonly #stream: OctetStream;
  readonly #context: SessionContext;
  readonly #reference: string | undefined;
  #endRequest: SessionEndReason | undefined;
  #badCommandCount = 0;
  #commandCount = 0;

  constructor({ stream, port, options, early, reference }: SmtpSessionParts) {
    this.#reference = reference;
    this.#stream = stream;
    this.#context = new SessionContext(port, options, new SessionInput(stream, early));
  }

  requestEnd(reason: SessionEndReason): void {
    this.#endRequest ??= reason;
    this.#context.input.wake();
  }

  async run(): Promise<SessionEnd> {
    const context = this.#context;
    for (;;) {
      await this.#serveNext();
      if (context.end !== undefined) break;
    }
    await this.#leave(context.end);
    return context.end;
  }

  async #leave(end: SessionEnd): Promise<void> {
    const context = this.#context;
    try {
      await context.reset();
    } catch (error) {
      context.options.observe({ kind: 'failed', command: 'RSET', error });
    }
    const farewell = formatFarewell(end);
    if (farewell !== undefined) context.say(421, lineWithReference(farewell, this.#reference));
    await this.#flush();
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
    else if (line === 'too-long') this.#refuseLongLine();
    else await this.#serve(line);
  }

  /** What comes behind it may be anything: nothing more is read. */
  #refuseLongLine(): void {
    this.#context.reply(500, '5.5.6', 'The line is too long');
    this.#context.finish('protocol-error');
  }

  async #waitForInput(): Promise<void> {
    await this.#flush();
    const input = await this.#context.input.wait();
    if (input === 'timed-out') this.#context.finish('idle-too-long');
    else if (input === 'ended' || input === 'broken') this.#context.finish('client-gone');
  }

  async #serve(line: Line): Promise<void> {
    const context = this.#context;
    const { options } = context;
    const startedMs = options.elapsedMs();
    const [contentBytes, saidBytes] = [context.input.contentBytes, context.saidBytes];
    const parsed = parseCommand(line);
    let name: string = 'unreadable';
    if (parsed.ok) {
      ({ name } = parsed.command);
      await this.#run(parsed.command);
      this.#badCommandCount = 0;
    } else {
      context.say(500, formatProblem(parsed));
      // RFC 3030 §2: how many octets follow is not known.
      if (parsed.name === 'BDAT') context.finish('protocol-error');
      this.#badCommandCount += 1;
      if (this.#badCommandCount >= options.badCommandLimit) context.finish('too-many-errors');
    }
    const lineBytes = line.octets.length + (line.end === 'crlf' ? 2 : 1);
    options.observe({
      kind: 'command',
      name,
      code: context.lastCode,
      durationMs: options.elapsedMs() - startedMs,
      requestBytes: lineBytes + context.input.contentBytes - contentBytes,
      responseBytes: context.saidBytes - saidBytes,
    });
    this.#commandCount += 1;
    if (this.#commandCount % COMMANDS_PER_TURN === 0) {
      await this.#flush();
      await options.breathe();
    }
  }

  /** A bug or a failing port ends at most the transaction. */
  async #run(command: Parameters<typeof runCommand>[1]): Promise<void> {
    const context = this.#context;
    try {
      await runCommand(context, command, () => this.#flush());
    } catch (error) {
      context.options.observe({ kind: 'failed', command: command.name, error });
      context.transaction = undefined;
      context.reply(451, '4.3.0', FAILED_TEXT);
      // Where in the client's octets a failed message ended is not known.
      if (command.name === 'DATA' || command.name === 'BDAT') context.finish('protocol-error');
    }
  }

  async #flush(): Promise<void> {
    const unsent = this.#context.takeUnsent();
    if (unsent === '') return;
    const written = this.#stream.write(unsent);
    if (written !== undefined) await written;
  }
}

/** QUIT said goodbye by itself; who is gone hears nothing, and errors were answered. */
function formatFarewell(end: SessionEnd): string | undefined {
  switch (end) {
    case 'logged-out':
    case 'client-gone':
      return undefined;
    case 'idle-too-long':
      return formatReply(421, '4.4.2', 'Nothing was said for too long');
    case 'too-many-errors':
      return formatReply(421, '4.7.0', 'Too many errors');
    case 'protocol-error':
      return formatReply(421, '4.5.0', 'The connection ends here');
    default:
      return formatSessionEnd(end);
  }
}
