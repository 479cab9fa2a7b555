/** One back-end worker at work: its listeners, its connections, and the order in which they end. */
import type { Endpoint, Listener } from '@homeward/net';
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

/** Everything it uses is made by `wiring.ts`. */
export class BackEndWorker {
  readonly #listeners: readonly OpenListener[];
  readonly #sessions: LiveSessions;
  readonly #parts: AsyncDisposableStack;
  readonly #after: (delayMs: number, run: () => void) => () => void;
  readonly #isDirectoryKnown: () => boolean;
  readonly #applyConfig: (config: BackEndConfig) => void;
  #closed: Promise<void> | undefined;

  /**
   * @param parts What is to be closed when the last session is over.
   * @param after Starts a timer that keeps the process; what it returns cancels it.
   * @param isDirectoryKnown Whether the keys of front ends were ever read.
   * @param applyConfig Takes the live settings of another configuration.
   */
  constructor(
    listeners: readonly OpenListener[],
    sessions: LiveSessions,
    parts: AsyncDisposableStack,
    after: (delayMs: number, run: () => void) => () => void,
    isDirectoryKnown: () => boolean,
    applyConfig: (config: BackEndConfig) => void,
  ) {
    this.#listeners = listeners;
    this.#sessions = sessions;
    this.#parts = parts;
    this.#after = after;
    this.#isDirectoryKnown = isDirectoryKnown;
    this.#applyConfig = applyConfig;
  }

  /** Where it listens. */
  get addresses(): readonly { readonly name: ListenerName; readonly address: Endpoint }[] {
    return this.#listeners.map(({ name, listener }) => ({ name, address: listener.local }));
  }

  get sessionCount(): number {
    return this.#sessions.count;
  }

  /** False after a start without the directory, until that was read: all tickets are refused. */
  get isDirectoryKnown(): boolean {
    return this.#isDirectoryKnown();
  }

  /** Takes what of a configuration that was read again is live. */
  applyConfig(config: BackEndConfig): void {
    this.#applyConfig(config);
  }

  /** It takes no more connections. */
  get isClosing(): boolean {
    return this.#closed !== undefined;
  }

  /**
   * Takes no more connections, asks every session to end at its next safe point, cuts those
   * that have not after `limitMs`, then closes the mailboxes. Idempotent.
   */
  close(limitMs: number): Promise<void> {
    this.#closed ??= this.#close(limitMs);
    return this.#closed;
  }

  async #close(limitMs: number): Promise<void> {
    await Promise.all(this.#listeners.map(({ listener }) => listener.stop()));
    const limit = Promise.withResolvers<void>();
    const cancel = this.#after(limitMs, () => limit.resolve());
    await this.#sessions.endAll(limit.promise);
    // Left alone it would hold the process until it runs out.
    cancel();
    await Promise.all(this.#listeners.map(({ listener }) => listener.close()));
    await this.#parts.disposeAsync();
  }
}
