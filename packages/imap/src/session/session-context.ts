/**
 * What a running command works with: the session's parts and its state. One object for each
 * session, given to every command; it owns the selected folder.
 */
import type { SessionEndReason } from '@homeward/sasl';
import type { StreamEnd } from '@homeward/wire';
import { changeableFlags } from './access/rights.ts';
import type { FolderPort, MailboxPort } from './ports.ts';
import { formatMailbox } from '../grammar/responses/mailbox.ts';
import { EnabledExtensions } from './enabled-extensions.ts';
import type { KeptTexts } from './fetch/kept-texts.ts';
import { FolderView } from './folder-view.ts';
import type { InputGate } from './input-gate.ts';
import type { Watch } from './notify/watch.ts';
import { PROGRESS_MS, Progress } from './progress.ts';
import type { ResponseWriter } from './response-writer.ts';
import type { Command } from '../grammar/command.ts';
import type { CommandReader, CommandReaderLimits } from '../grammar/command-reader.ts';

/** What the owner of a session decides. */
export interface ImapSessionOptions {
  /** Capabilities after login, space separated (RFC 3501 §7.2.1). */
  readonly capabilities: string;
  /** Name and other facts for ID (RFC 2971), beside what the client tells. */
  readonly serverId: ReadonlyMap<string, string>;
  /** Text of BYE at LOGOUT. */
  readonly farewell: string;
  /** Consecutive commands answered BAD before the session ends. */
  readonly maxBadCommands: number;
  /** Shared by all sessions of a process. */
  readonly keptTexts: KeptTexts;
  /** The time, for SEARCH OLDER and YOUNGER. */
  readonly nowMs: () => number;
  /** Lets other work of the process in between; called often during long commands. */
  readonly breathe: () => Promise<void>;
  /** Calls `remind` at such intervals or so, never at once, until what it returns is called. */
  readonly remindRegularly: (intervalMs: number, remind: () => void) => () => void;
  /** Told of what happens; must not throw. Never given secrets or message text. */
  readonly observe: (event: SessionEvent) => void;
}

/** For logs and metrics. */
export type SessionEvent =
  | {
      readonly kind: 'command';
      readonly name: string;
      readonly outcome: 'OK' | 'NO' | 'BAD';
      /** Text of the tagged response, its code first. */
      readonly text: string;
      readonly mailbox: string | undefined;
      /** Undefined if it could not be read; see `describeArguments` for what may be logged. */
      readonly command: Command | undefined;
      /** The session's octets of both directions since the command before. */
      readonly requestBytes: number;
      readonly responseBytes: number;
      /** From the whole of its head to its answer; by `nowMs`, so not below 0. */
      readonly durationMs: number;
    }
  | { readonly kind: 'client-id'; readonly fields: ReadonlyMap<string, string | undefined> }
  /** A bug or a failing store: the client was told NO [SERVERBUG] or BYE. */
  | { readonly kind: 'failed'; readonly command: string; readonly error: unknown };

/** Why the owner wants a session to end. */
export type EndRequest = SessionEndReason | 'mail-unavailable';

/** How a session ended. */
export type SessionEnd =
  | 'logged-out'
  | 'client-gone'
  | 'idle-too-long'
  | 'too-many-errors'
  | 'protocol-error'
  /** A bug or a failing store, with an answer half said. */
  | 'failed'
  | EndRequest;

/** Fewer messages than these take no time worth mentioning. */
const SLOW_COUNT = 500;

/** Authenticated, or with a folder selected (RFC 3501 §3). */
export type SessionState = 'authenticated' | 'selected';

/** State and parts of one session. */
export class SessionContext {
  readonly mailbox: MailboxPort;
  readonly options: ImapSessionOptions;
  /** Read at each use. */
  readonly limits: CommandReaderLimits;
  readonly writer: ResponseWriter;
  readonly reader: CommandReader;
  readonly gate: InputGate;
  readonly enabled: EnabledExtensions = new EnabledExtensions();
  readonly progress: Progress;
  /** `due` from the command up to its tagged answer. */
  compression: 'impossible' | 'off' | 'due' | 'active' = 'impossible';
  #view: FolderView | undefined;
  #watch: Watch | undefined;
  #unfollow: (() => void) | undefined;
  /** Tag of the command that is being run. */
  tag = '';
  /** Set by the owner: end at the next safe point. */
  endRequest: EndRequest | undefined;
  #end: SessionEnd | undefined;

  constructor(parts: {
    readonly mailbox: MailboxPort;
    readonly options: ImapSessionOptions;
    readonly limits: CommandReaderLimits;
    readonly writer: ResponseWriter;
    readonly reader: CommandReader;
    readonly gate: InputGate;
  }) {
    this.mailbox = parts.mailbox;
    this.options = parts.options;
    this.limits = parts.limits;
    this.writer = parts.writer;
    this.reader = parts.reader;
    this.gate = parts.gate;
    this.progress = new Progress(() => parts.options.nowMs());
  }

  /** Why the session is over; undefined while it goes on. */
  get end(): SessionEnd | undefined {
    return this.#end;
  }

  /** Ends the session after the present step; the first reason counts. */
  finish(end: SessionEnd): void {
    this.#end ??= end;
  }

  /** Ends the session because the client's octets did. */
  finishByStream(end: StreamEnd): void {
    this.finish(end === 'timed-out' ? 'idle-too-long' : 'client-gone');
  }

  get state(): SessionState {
    return this.#view === undefined ? 'authenticated' : 'selected';
  }

  get view(): FolderView | undefined {
    return this.#view;
  }

  /** The view in commands that the table allows in selected state only. */
  get selectedView(): FolderView {
    if (this.#view === undefined) throw new Error('no folder is selected');
    return this.#view;
  }

  /** Takes over an open folder as the selected one. */
  select(folder: FolderPort): FolderView {
    this.deselect();
    const view = new FolderView(folder, !this.enabled.rev2);
    this.#view = view;
    this.#followFolder();
    return view;
  }

  /** Leaves the selected folder, if any. */
  deselect(): void {
    this.#unfollow?.();
    this.#unfollow = undefined;
    this.#view?.folder.close();
    this.#view = undefined;
  }

  /** A mailbox name as this client wants it. */
  formatMailbox(name: string): string {
    return formatMailbox(name, this.enabled.utf8);
  }

  /**
   * Enables a capability (RFC 5161), by name or because a command implies it. A client that knows
   * mod-sequences from now on learns that of the selected folder (RFC 7162 §3.1).
   *
   * @returns its name if there was something to enable.
   */
  enable(capability: string): string | undefined {
    const knewModSeqs = this.enabled.condstore;
    const name = this.enabled.enable(capability);
    if (this.enabled.utf8) this.reader.acceptUtf8();
    if (!knewModSeqs && this.enabled.condstore && this.#view !== undefined) {
      this.writer.untagged(`OK [HIGHESTMODSEQ ${this.#view.settledModSeq}] Told up to here`);
    }
    return name;
  }

  /** Waits for the store to deal with so many messages, and says so if that takes long. */
  async waitFor<Result>(work: Promise<Result>, messageCount: number): Promise<Result> {
    if (messageCount < SLOW_COUNT) return await work;
    const stop = this.options.remindRegularly(PROGRESS_MS, () => {
      this.writer.untagged(this.progress.say());
      // Nothing else is said meanwhile, so that there is nothing to hold back.
      void this.writer.flush();
    });
    try {
      return await work;
    } finally {
      stop();
    }
  }

  /** Tells the client of keywords that are new in the selected folder. */
  reportKeywords(): void {
    const keywords = this.#view?.takeNewKeywords();
    if (keywords !== undefined) {
      writeFlagLists(this.writer, keywords, this.selectedView.folder);
    }
  }

  /** What the client wants to hear of unasked (RFC 5465); undefined: what RFC 3501 §5.2 says. */
  get watch(): Watch | undefined {
    return this.#watch;
  }

  /** The client does not want to hear of the selected folder, so it does not know how it is. */
  get holdsBackNews(): boolean {
    return this.#watch?.wishes === 'nothing';
  }

  setWatch(watch: Watch): void {
    this.#watch?.close();
    this.#watch = watch;
    this.#followFolder();
  }

  /** Gives up everything that the session holds. */
  close(): void {
    this.#watch?.close();
    this.deselect();
  }

  #followFolder(): void {
    this.#unfollow?.();
    this.#unfollow = undefined;
    const isWatched = this.#watch !== undefined && this.#watch.wishes !== 'nothing';
    if (isWatched) this.#unfollow = this.#view?.folder.subscribe(() => this.gate.wake());
  }

  /**
   * Pauses a long command: lets the client take what was said, and others work.
   *
   * @returns false if nobody listens any more: the command need not go on.
   */
  async breathe(): Promise<boolean> {
    const progress = this.writer.isResponseOpen ? undefined : this.progress.takeDue();
    if (progress !== undefined) this.writer.untagged(progress);
    await this.writer.relieve();
    this.gate.lookAhead();
    await this.options.breathe();
    if (this.gate.isBroken) this.finish('client-gone');
    return this.#end === undefined;
  }
}

/** FLAGS and PERMANENTFLAGS of the selected folder (RFC 3501 §7.2.6, §7.1). */
export function writeFlagLists(
  writer: ResponseWriter,
  keywords: readonly string[],
  folder: Pick<FolderPort, 'rights' | 'isReadOnly'>,
): void {
  const flags = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft', ...keywords];
  writer.untagged(`FLAGS (${flags.join(' ')})`);
  const permanent = changeableFlags(folder, [...flags, '\\*']);
  const text = permanent.length === 0 ? 'No flags can be changed' : 'Flags are kept';
  writer.untagged(`OK [PERMANENTFLAGS (${permanent.join(' ')})] ${text}`);
}
