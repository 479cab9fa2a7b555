/**
 * An IMAP session behind login: reads commands, runs one at a time, answers in order, until
 * LOGOUT, the end of the stream, or its owner's wish.
 *
 * It holds no socket and no timer: octets come and go by an `OctetStream`, whose owner sets
 * the idle limit (RFC 3501 §5.4); mail comes from a `MailboxPort`.
 */
import { lineWithReference, type SessionEndReason, withReference } from '@homeward/sasl';
import type { OctetStream } from '@homeward/wire';
import type { CommandEvent, CommandReaderLimits } from '../grammar/command-reader.ts';
import { reportChanges, tellUnasked } from './change-report.ts';
import { createCommandReader } from '../grammar/create-command-reader.ts';
import { runAppend } from './append/run-append.ts';
import type { Command } from '../grammar/command.ts';
import { formatSessionEnd } from '../grammar/session-end-words.ts';
import { findSessionCommand } from './command-table.ts';
import { type CommandResult, bad, no } from './command-result.ts';
import { InputGate } from './input-gate.ts';
import type { MailboxPort } from './ports.ts';
import { describeProblem } from './problem-answers.ts';
import { refuseSequenceNumbers } from './sequence-numbers.ts';
import { forgetSaved } from './search/search-run.ts';
import { ResponseWriter, type TaggedStatus } from './response-writer.ts';
import {
  type EndRequest,
  type ImapSessionOptions,
  SessionContext,
  type SessionEnd,
} from './session-context.ts';

/** What a session is made of. */
export interface ImapSessionParts {
  readonly stream: OctetStream;
  readonly mailbox: MailboxPort;
  readonly limits: CommandReaderLimits;
  readonly options: ImapSessionOptions;
  /** Octets that arrived behind the login command. */
  readonly early: Uint8Array;
  /** Said at the end of farewells: under what the conversation is found in the log. */
  readonly reference?: string | undefined;
  /**
   * Compresses the stream both ways from now on (RFC 4978): everything that is written later, and
   * what comes later, `early` at first, which was read already. Called at most once.
   */
  readonly startCompression?: ((early: Uint8Array) => void) | undefined;
}

/** A session to be run once. The caller closes stream and mailbox afterwards. */
export interface ImapSession {
  /** Serves until the end; never rejects for anything that a client can do. */
  run(): Promise<SessionEnd>;
  /**
   * Ends it at the next safe point: between commands or in IDLE, never inside a command.
   * Commands that came already but did not begin are not run.
   */
  requestEnd(reason: EndRequest): void;
}

/** Makes a session for an account that is already authenticated. */
export function createImapSession(parts: ImapSessionParts): ImapSession {
  return new Session(parts);
}

/** Commands that run without a pause for others, if a client sent so many ahead. */
const COMMANDS_UNPAUSED = 8;

/** Commands that take messages out of the selected folder. */
const removing: ReadonlySet<string> = new Set(['expunge', 'move', 'replace']);

class Session implements ImapSession {
  readonly #context: SessionContext;
  readonly #startCompression: ImapSessionParts['startCompression'];
  readonly #reference: string | undefined;
  #badCommands = 0;
  /** Commands since the last wait or pause. */
  #unpausedCount = 0;
  #commandBeganMs = 0;
  /** What the owner was told of. */
  #observedBytes = { consumed: 0, said: 0 };

  constructor(parts: ImapSessionParts) {
    const { stream, mailbox, limits, options, early } = parts;
    const reader = createCommandReader(limits);
    const writer = new ResponseWriter(stream);
    const gate = new InputGate(stream);
    this.#context = new SessionContext({ mailbox, options, limits, writer, reader, gate });
    this.#startCompression = parts.startCompression;
    this.#reference = parts.reference;
    if (parts.startCompression !== undefined) this.#context.compression = 'off';
    if (early.length > 0) reader.push(early);
  }

  requestEnd(reason: EndRequest): void {
    this.#context.endRequest ??= reason;
    this.#context.gate.wake();
  }

  async run(): Promise<SessionEnd> {
    const context = this.#context;
    try {
      while (context.end === undefined) {
        if (context.endRequest !== undefined) context.finish(context.endRequest);
        else await this.#serveNext();
      }
      this.#sayFarewell(context.end);
      await context.writer.flush();
      return context.end;
    } finally {
      context.close();
    }
  }

  /** One event of the reader: a command, or a wait for more. */
  async #serveNext(): Promise<void> {
    const event = this.#context.reader.next();
    switch (event.kind) {
      case 'need-more':
        await this.#waitForInput();
        return;
      case 'continuation':
        this.#context.writer.continuation('OK');
        return;
      case 'command':
        await this.#serve(event.tag, event.command, () => this.#run(event.command));
        return;
      case 'append-literal':
      case 'append-end':
        await this.#serve(event.tag, event.command, () => runAppend(this.#context, event));
        return;
      case 'error':
        this.#refuse(event);
        await this.#giveWay();
        return;
      case 'message-octets':
        // `runAppend` takes these; here they would be a bug of the reader.
        throw new Error(`unexpected ${event.kind}`);
    }
  }

  async #waitForInput(): Promise<void> {
    const context = this.#context;
    const flushed = context.writer.flush();
    if (flushed !== undefined) await flushed;
    this.#unpausedCount = 0;
    const input = await context.gate.wait();
    if (input === 'woken') return await this.#tellUnasked();
    if (typeof input === 'string') context.finishByStream(input);
    else context.reader.push(input);
  }

  /** What a client asked by NOTIFY to hear of at any time. */
  async #tellUnasked(): Promise<void> {
    const context = this.#context;
    const { watch } = context;
    if (watch === undefined || context.endRequest !== undefined) return;
    try {
      await tellUnasked(context, watch.tellsExpungesAnytime);
    } catch (error) {
      context.options.observe({ kind: 'failed', command: 'notify', error });
      context.finish('failed');
    }
  }

  /** Runs a command and says its tagged response; a bug ends at most the session. */
  async #serve(tag: string, command: Command, run: () => Promise<CommandResult>): Promise<void> {
    const context = this.#context;
    context.tag = tag;
    this.#commandBeganMs = context.options.nowMs();
    context.progress.begin(tag);
    let result: CommandResult;
    try {
      result = await run();
    } catch (error) {
      context.options.observe({ kind: 'failed', command: command.name, error });
      if ('returns' in command && command.returns?.save === true) forgetSaved(context);
      result = no('[SERVERBUG] Something went wrong here; the command may not have been done');
      // Where the client is amid a line or counts octets, no words can reach it any more.
      if (!context.writer.abandonResponse()) context.finish('failed');
    }
    if (context.end === undefined || context.end === 'logged-out') {
      await this.#conclude(tag, command, result);
    }
    context.progress.end();
    if (context.compression === 'due') await this.#compress();
    await this.#giveWay();
  }

  /** The tagged answer is the last that is not compressed (RFC 4978 §3). */
  async #compress(): Promise<void> {
    const { writer, reader, gate } = this.#context;
    await writer.flush();
    this.#context.compression = 'active';
    const rest = [reader.takeRest(), gate.takeArrived() ?? new Uint8Array()];
    this.#startCompression?.(Buffer.concat(rest));
  }

  async #conclude(tag: string, command: Command, result: CommandResult): Promise<void> {
    const context = this.#context;
    try {
      const mayReportExpunges = findSessionCommand(command)?.mayReportExpunges(command) ?? true;
      const withUids = 'numbering' in command && command.numbering === 'uid';
      // What the client itself removed it is told of, whatever it wishes to hear.
      const isOwn = removing.has(command.name);
      const which = isOwn ? 'whatever-is-wished' : 'as-wished';
      const reported = reportChanges(context, mayReportExpunges, withUids, which);
      if (reported !== undefined) await reported;
      if (context.watch !== undefined) await context.watch.tell();
    } catch (error) {
      // What the client was told may be half of the truth, so its view is not to be trusted.
      context.options.observe({ kind: 'failed', command: command.name, error });
      context.finish('failed');
      return;
    }
    context.writer.tagged(tag, result.status, this.#withModSeq(result));
    this.#count(result.status);
    this.#observe(command.name, command, result);
  }

  /** Tells the owner of a command that was answered. */
  #observe(name: string, command: Command | undefined, { status, text }: CommandResult): void {
    const { reader, writer, options } = this.#context;
    const { consumedBytes } = reader;
    const { saidBytes } = writer;
    options.observe({
      kind: 'command',
      name,
      outcome: status,
      text,
      mailbox: command !== undefined && 'mailbox' in command ? command.mailbox : undefined,
      command,
      requestBytes: consumedBytes - this.#observedBytes.consumed,
      responseBytes: saidBytes - this.#observedBytes.said,
      durationMs: Math.max(0, options.nowMs() - this.#commandBeganMs),
    });
    this.#observedBytes = { consumed: consumedBytes, said: saidBytes };
  }

  /** Adds the mod-sequence that the client may remember (RFC 7162 §3.2, §3.2.7). */
  #withModSeq({ status, text }: CommandResult): string {
    const { view, enabled, writer } = this.#context;
    const modSeq = enabled.condstore
      ? view?.takeModSeqToTell(this.#context.holdsBackNews)
      : undefined;
    if (modSeq === undefined) return text;
    const code = `[HIGHESTMODSEQ ${modSeq}]`;
    if (status === 'OK' && !text.startsWith('[')) return `${code} ${text}`;
    writer.untagged(`OK ${code} Told up to here`);
    return text;
  }

  /** Commands that were sent ahead must neither gather answers nor keep others from working. */
  async #giveWay(): Promise<void> {
    const relieved = this.#context.writer.relieve();
    if (relieved !== undefined) await relieved;
    this.#unpausedCount += 1;
    if (this.#unpausedCount < COMMANDS_UNPAUSED) return;
    this.#unpausedCount = 0;
    await this.#context.breathe();
  }

  #count(status: TaggedStatus): void {
    const context = this.#context;
    this.#badCommands = status === 'BAD' ? this.#badCommands + 1 : 0;
    if (this.#badCommands >= context.options.maxBadCommands) context.finish('too-many-errors');
  }

  async #run(command: Command): Promise<CommandResult> {
    const row = findSessionCommand(command);
    if (row === undefined) return bad('[CLIENTBUG] You are logged in already');
    const refusal = this.#context.enabled.uidOnly ? refuseSequenceNumbers(command) : undefined;
    if (refusal !== undefined) return refusal;
    if (!row.states.includes(this.#context.state)) return bad('[CLIENTBUG] Select a mailbox first');
    return row.run(this.#context, command);
  }

  #refuse(event: Extract<CommandEvent, { readonly kind: 'error' }>): void {
    const context = this.#context;
    const { writer, options } = context;
    const { status, text } = describeProblem(event);
    if (event.tag === undefined) writer.untagged(`BAD ${text}`);
    else writer.tagged(event.tag, status, text);
    this.#commandBeganMs = options.nowMs();
    this.#observe((event.commandName ?? 'unreadable').toLowerCase(), undefined, { status, text });
    if (event.isFatal) context.finish('protocol-error');
    else this.#count(status);
  }

  #sayFarewell(end: SessionEnd): void {
    if (isSessionEndReason(end)) {
      this.#context.writer.text(lineWithReference(formatSessionEnd(end), this.#reference));
      return;
    }
    const farewell = farewells[end];
    if (farewell === undefined) return;
    this.#context.writer.untagged(`BYE ${withReference(farewell, this.#reference)}`);
  }
}

/** LOGOUT said goodbye by itself; who is gone, or amid a broken answer, hears nothing. */
const farewells: Readonly<Record<Exclude<SessionEnd, SessionEndReason>, string | undefined>> = {
  'logged-out': undefined,
  'client-gone': undefined,
  'idle-too-long': 'You were idle for too long; connect again when you need to',
  'too-many-errors': 'Too many commands made no sense',
  'protocol-error': 'That could not be read as IMAP',
  failed: undefined,
  'mail-unavailable': '[UNAVAILABLE] The mail store has stopped; connect again',
};

function isSessionEndReason(end: SessionEnd): end is SessionEndReason {
  return !Object.hasOwn(farewells, end);
}
