/** One back-end worker at work: its listeners, its connections, and the order in which they end. */
import type { Endpoint, Listener } from '@homeward/net';
import { type Clock, spreadEnds, type StopMode } from '@homeward/service';
import type { BackEndConfig } from './config.ts';
import type { LiveSessions } from './connection/live-sessions.ts';

export type ListenerName =
  | 'imaps'
  | 'pop3s'
  | 'submissions'
  | 'lmtps'
  | 'imap'
  | 'pop3'
  | 'submission';

export interface OpenListener {
  readonly name: ListenerName;
  readonly listener: Listener;
}

/** How long sessions that were told to end may take to reach a safe point. */
const COMMAND_LIMIT_MS = 10_000;
/** What the mailboxes and everything else take then. */
const CLOSING_LIMIT_MS = 5_000;

/** For one worker, its window included. */
export function stopLimitMs({
  stopWindowSeconds,
}: Pick<BackEndConfig, 'stopWindowSeconds'>): number {
  return stopWindowSeconds * 1000 + COMMAND_LIMIT_MS + CLOSING_LIMIT_MS;
}

/** Everything it uses; `wiring.ts` makes it. */
export interface BackEndWorkerParts {
  readonly listeners: readonly OpenListener[];
  readonly sessions: LiveSessions;
  readonly clock: Clock;
  /** In which order sessions end: 0 to 1, without 1. */
  readonly random: () => number;
  /** How long a stop takes that is in no hurry, what runs then not counted. */
  readonly stopWindowMs: number;
  /** Whether the keys of front ends were ever read. */
  readonly isDirectoryKnown: () => boolean;
  /** Takes the live settings of another configuration. */
  readonly applyConfig: (config: BackEndConfig) => void;
  /** What is to be closed when the last session is over. */
  readonly stack: AsyncDisposableStack;
}

export class BackEndWorker {
  readonly #parts: BackEndWorkerParts;
  readonly #cut: PromiseWithResolvers<void> = Promise.withResolvers();
  #closed: Promise<void> | undefined;

  constructor(parts: BackEndWorkerParts) {
    this.#parts = parts;
  }

  /** Where it listens. */
  get addresses(): readonly { readonly name: ListenerName; readonly address: Endpoint }[] {
    return this.#parts.listeners.map(({ name, listener }) => ({ name, address: listener.local }));
  }

  get sessionCount(): number {
    return this.#parts.sessions.count;
  }

  /** False after a start without the directory, until that was read: all tickets are refused. */
  get isDirectoryKnown(): boolean {
    return this.#parts.isDirectoryKnown();
  }

  /** Takes what of a configuration that was read again is live. */
  applyConfig(config: BackEndConfig): void {
    this.#parts.applyConfig(config);
  }

  /** It takes no more connections. */
  get isClosing(): boolean {
    return this.#closed !== undefined;
  }

  /**
   * Takes no more connections: front ends find nobody here, and tell newcomers to come later,
   * since a session that began now would have to end at once. Then tells one session after another
   * within the window to end at its next safe point, gives the last ones time to reach it, cuts
   * those that have not, and closes the mailboxes. May be called again with `now`, which cuts all.
   */
  close(mode: StopMode = 'drain'): Promise<void> {
    if (mode === 'now') this.#cut.resolve();
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { listeners, sessions, clock, stack } = this.#parts;
    await Promise.all(listeners.map(({ listener }) => listener.stop()));
    await this.#leave();
    const cancel = clock.after(COMMAND_LIMIT_MS, () => this.#cut.resolve(), { keepsProcess: true });
    await sessions.endAll(this.#cut.promise);
    // Left alone it would hold the process until it runs out.
    cancel();
    await Promise.all(listeners.map(({ listener }) => listener.close()));
    await stack.disposeAsync();
  }

  /** Until the last session was told, or is over. */
  async #leave(): Promise<void> {
    const { sessions, stopWindowMs, clock, random } = this.#parts;
    if (stopWindowMs === 0) return;
    const spread = spreadEnds({
      sessions: sessions.keepOnly(({ isLoggedIn }) => isLoggedIn),
      end: (session) => session.requestEnd(),
      windowMs: stopWindowMs,
      clock,
      random,
    });
    await Promise.race([spread.done, sessions.allDone(), this.#cut.promise]);
    spread.cancel();
  }
}
