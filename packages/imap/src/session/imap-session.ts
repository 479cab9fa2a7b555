/**
 * An IMAP session behind login: reads commands, runs one at a time, answers in order, until
 * LOGOUT, the end of the stream, or its owner's wish.
 *
 * It holds no socket and no timer: octets come and go by an `OctetStream`, whose owner sets
 * the idle limit (RFC 3501 §5.4); mail comes from a `MailboxPort`.
 */
import type { OctetStream } from '@homeward/wire';
import type { CommandReaderLimits } from '../grammar/command-reader.ts';
import { createCommandReader } from '../grammar/create-command-reader.ts';
import { runAppend } from './append.ts';
import type { CommandEvent, CommandProblem } from '../grammar/command-reader.ts';
import { OFFERED_CHARSETS } from '../grammar/search-charset.ts';
import type { Command } from '../grammar/command.ts';
import { findSessionCommand } from './command-table.ts';
import { type CommandResult, bad, no } from './command-result.ts';
import { InputGate } from './input-gate.ts';
import type { MailboxPort } from './ports.ts';
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
}

/** A session to be run once. The caller closes stream and mailbox afterwards. */
export interface ImapSession {
  /** Serves until the end; never rejects for anything that a client can do. */
  run(): Promise<SessionEnd>;
  /** Ends it at the next safe point: between commands or in IDLE, never inside a command. */
  requestEnd(reason: EndRequest): void;
}

/** Makes a session for an account that is already authenticated. */
export function createImapSession(parts: ImapSessionParts): ImapSession {
  return new Session(parts);
}

class Session implements ImapSession {
  readonly #context: SessionContext;
  #badCommands = 0;

  constructor({ stream, mailbox, limits, options, early }: ImapSessionParts) {
    const reader = createCommandReader(limits);
    const writer = new ResponseWriter(stream);
    const gate = new InputGate(stream);
    this.#context = new SessionContext({ mailbox, options, writer, reader, gate });
    if (early.length > 0) reader.push(early);
  }

  requestEnd(reason: EndRequest): void {
    this.#context.endRequest ??= reason;
    this.#context.gate.wake();
  }

  async run(): Promise<SessionEnd> {
    const context = this.#context;
    try {
      for (;;) {
        await this.#serveNext();
        if (context.end !== undefined) break;
      }
      this.#sayFarewell(context.end);
      await context.writer.flush();
      return context.end;
    } finally {
      this.#context.deselect();
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
      case 'append-start':
        await this.#serve(event.tag, event.command, () => runAppend(this.#context, event));
        return;
      case 'error':
        this.#refuse(event);
        return;
      case 'message-octets':
      case 'message-end':
        // `runAppend` takes these; here they would be a bug of the reader.
        throw new Error(`unexpected ${event.kind}`);
    }
  }

  async #waitForInput(): Promise<void> {
    const context = this.#context;
    const flushed = context.writer.flush();
    if (flushed !== undefined) await flushed;
    if (context.endRequest !== undefined) {
      context.finish(context.endRequest);
      return;
    }
    const input = await context.gate.wait();
    if (input === 'woken') return;
    if (typeof input === 'string') context.finishByStream(input);
    else context.reader.push(input);
  }

  /** Runs a command and says its tagged response; a bug ends at most the session. */
  async #serve(tag: string, command: Command, run: () => Promise<CommandResult>): Promise<void> {
    const context = this.#context;
    let result: CommandResult;
    try {
      result = await run();
    } catch (error) {
      context.options.observe({ kind: 'failed', command: command.name, error });
      if (context.writer.isInsideLiteral) {
        // The client counts octets; no words can reach it any more.
        context.finish('client-gone');
        return;
      }
      result = no('[SERVERBUG] Something went wrong here; the command may not have been done');
    }
    if (context.end === undefined || context.end === 'logged-out') {
      this.#conclude(tag, command, result);
    }
  }

  #conclude(tag: string, command: Command, result: CommandResult): void {
    const context = this.#context;
    const mayReportExpunges = findSessionCommand(command)?.mayReportExpunges(command) ?? true;
    const withUids = 'numbering' in command && command.numbering === 'uid';
    context.reportChanges(mayReportExpunges, withUids);
    context.writer.tagged(tag, result.status, result.text);
    this.#badCommands = result.status === 'BAD' ? this.#badCommands + 1 : 0;
    if (this.#badCommands >= context.options.maxBadCommands) context.finish('too-many-errors');
    context.options.observe({
      kind: 'command',
      name: command.name,
      outcome: result.status,
      mailbox: 'mailbox' in command ? command.mailbox : undefined,
    });
  }

  async #run(command: Command): Promise<CommandResult> {
    const row = findSessionCommand(command);
    if (row === undefined) return bad('You are logged in already');
    if (!row.states.includes(this.#context.state)) return bad('Select a mailbox first');
    return row.run(this.#context, command);
  }

  #refuse(event: Extract<CommandEvent, { readonly kind: 'error' }>): void {
    const context = this.#context;
    const { writer, options } = context;
    const { status, code } = problemAnswers[event.problem] ?? plainBad;
    if (event.tag === undefined) writer.untagged(`BAD ${event.text}`);
    else writer.tagged(event.tag, status, `${code}${event.text}`);
    options.observe({
      kind: 'command',
      name: (event.commandName ?? 'unreadable').toLowerCase(),
      outcome: status,
      mailbox: undefined,
    });
    this.#badCommands += 1;
    if (event.isFatal) context.finish('protocol-error');
    else if (this.#badCommands >= options.maxBadCommands) context.finish('too-many-errors');
  }

  #sayFarewell(end: SessionEnd): void {
    const farewell = farewells[end];
    if (farewell !== undefined) this.#context.writer.untagged(`BYE ${farewell}`);
  }
}

/** What is refused though it is well-formed; everything else is BAD. */
const problemAnswers: Readonly<
  Partial<Record<CommandProblem, { readonly status: TaggedStatus; readonly code: string }>>
> = {
  'message-too-big': { status: 'NO', code: '[TOOBIG] ' },
  'bad-charset': { status: 'NO', code: `[BADCHARSET (${OFFERED_CHARSETS.join(' ')})] ` },
};
const plainBad = { status: 'BAD', code: '' } as const;

/** LOGOUT said goodbye by itself; who is gone hears nothing. */
const farewells: Readonly<Record<SessionEnd, string | undefined>> = {
  'logged-out': undefined,
  'client-gone': undefined,
  'idle-too-long': 'You were idle for too long; connect again when you need to',
  'too-many-errors': 'Too many commands made no sense',
  'protocol-error': 'That could not be read as IMAP',
  'shutting-down': '[UNAVAILABLE] The server is restarting; connect again',
  'mail-unavailable': '[UNAVAILABLE] The mail store has stopped; connect again',
  'account-changed': '[UNAVAILABLE] The account has changed; log in again',
};
