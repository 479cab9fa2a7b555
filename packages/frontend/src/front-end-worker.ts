/**
 * One front-end process at work: its listeners, its conversations, and the order in which they
 * end. Everything it uses is made by `wiring.ts`.
 */
import { formatEndpoint } from '@homeward/net';
import { type ClientListenerConfig, spreadEnds, type StopMode, waitFor } from '@homeward/service';
import type { FrontEndConfig } from './config.ts';
import type { HomeHealth } from './health/home-health.ts';
import type { LmtpService } from './lmtp/lmtp-service.ts';
import type { ConversationSet } from './conversation/conversation-set.ts';
import type { Clock, MailProtocol } from './login/ports.ts';
import type { OpenDoor } from './listeners.ts';

/** Where clients can connect. */
export interface ListenAddress {
  readonly protocol: MailProtocol | 'lmtp';
  readonly tls: ClientListenerConfig['tls'];
  readonly port: number;
  /** `host:port`. */
  readonly address: string;
}

/** How long what is known of the directory is served while it is away. */
export const DIRECTORY_COPY_LIFE_MS: number = 3_600_000;
/** It is heard of three times a second. */
const DIRECTORY_LOST_AFTER_MS = 3_000;
/** How long conversations have to end before their connections are cut. */
const STOP_LIMIT_MS = 10_000;

/** What a worker is made of. */
export interface WorkerParts {
  readonly doors: readonly OpenDoor[];
  readonly conversations: ConversationSet;
  /** Undefined: no mail is taken from MTAs. */
  readonly lmtp: Pick<LmtpService, 'doors' | 'stopAll' | 'destroyAll'> | undefined;
  readonly isLmtpEnabled: () => boolean;
  readonly clock: Clock;
  /** How long the directory has not been heard of; Infinity before the first contact. */
  readonly directoryBehindMs: () => number;
  /** Why it is away, or was last. */
  readonly whyDirectoryAway: () => string;
  readonly isProtocolEnabled: (protocol: MailProtocol) => boolean;
  readonly homes: Pick<HomeHealth, 'findFault' | 'count'>;
  /** Why this front end is in maintenance; nothing when it is active. */
  readonly findMaintenanceFault: () => string | undefined;
  /** How it stops. */
  readonly stopping: () => {
    /** How long load balancers have to see that it is not ready. */
    readonly noticeMs: number;
    /** For the notice, and for the end of conversations, spread over the rest of it. */
    readonly windowMs: number;
    readonly random: () => number;
  };
  /** Takes the live settings of another configuration. */
  readonly applyConfig: (config: FrontEndConfig) => void;
  /** What is to be closed when the last conversation is over. */
  readonly stack: AsyncDisposableStack;
}

export class FrontEndWorker {
  readonly #parts: WorkerParts;
  readonly #cut: PromiseWithResolvers<void> = Promise.withResolvers();
  #closed: Promise<void> | undefined;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  get addresses(): readonly ListenAddress[] {
    const { doors, lmtp } = this.#parts;
    const ofLmtp = lmtp?.doors.map((door) => ({ protocol: 'lmtp' as const, ...door }));
    return [...doors, ...(ofLmtp ?? [])].map(({ protocol, tls, listener: { local } }) => ({
      protocol,
      tls,
      port: local.port,
      address: formatEndpoint(local),
    }));
  }

  get conversationCount(): number {
    return this.#parts.conversations.count;
  }

  /** Why no client can come in; nothing when all is well. */
  findListenerFault(): string | undefined {
    if (this.#closed !== undefined) return 'the front end is stopping';
    return this.#parts.findMaintenanceFault();
  }

  /** Why no account can be found; nothing when all is well. */
  findDirectoryFault(): string | undefined {
    const behindMs = this.#parts.directoryBehindMs();
    if (behindMs === Infinity) {
      return `the directory was not reached yet (${this.#parts.whyDirectoryAway()})`;
    }
    if (behindMs <= DIRECTORY_COPY_LIFE_MS) return undefined;
    const why = this.#parts.whyDirectoryAway();
    return `the directory was not heard of for ${Math.round(behindMs / 1000)} s (${why})`;
  }

  /** While it is away, but known well enough; nothing when all is well. */
  findDirectoryTrouble(): string | undefined {
    const isAway = this.#parts.directoryBehindMs() > DIRECTORY_LOST_AFTER_MS;
    return isAway ? this.#parts.whyDirectoryAway() : undefined;
  }

  /** Of the directory's copy; Infinity before the first contact. */
  get directoryBehindMs(): number {
    return this.#parts.directoryBehindMs();
  }

  /** Which mailboxes can be reached. Other front ends do no better. */
  get homes(): Pick<HomeHealth, 'findFault' | 'count'> {
    return this.#parts.homes;
  }

  /** Ports that are open for the protocol, switched off or not. */
  countListeners(protocol: MailProtocol): number {
    return this.#parts.doors.filter((door) => door.protocol === protocol).length;
  }

  /** Why clients of this protocol had better go elsewhere; nothing when all is well. */
  findProtocolFault(protocol: MailProtocol): string | undefined {
    if (this.countListeners(protocol) === 0) return 'has no listener';
    return this.#parts.isProtocolEnabled(protocol) ? undefined : 'is switched off';
  }

  /** Why MTAs had better go elsewhere; nothing when all is well. */
  findLmtpFault(): string | undefined {
    if (this.#parts.lmtp === undefined) return 'has no listener';
    return this.#parts.isLmtpEnabled() ? undefined : 'is switched off';
  }

  /** Takes what of a configuration that was read again is live. */
  applyConfig(config: FrontEndConfig): void {
    this.#parts.applyConfig(config);
  }

  /**
   * Leaves the load balancers, then takes no more clients, ends conversations one after another
   * within the window, each at a safe point, and gives everything back. May be called again with
   * `now`.
   */
  close(mode: StopMode = 'drain'): Promise<void> {
    if (mode === 'now') this.#cut.resolve();
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { doors, lmtp, conversations, clock, stack } = this.#parts;
    const listeners = [...doors, ...(lmtp?.doors ?? [])].map(({ listener }) => listener);
    await this.#leave();
    await Promise.all(listeners.map((listener) => listener.stop()));
    const cancel = clock.after(STOP_LIMIT_MS, () => this.#cut.resolve(), { keepsProcess: true });
    const stopped = Promise.all([conversations.stopAll(), lmtp?.stopAll()]);
    await Promise.race([stopped, this.#cut.promise]);
    cancel();
    lmtp?.destroyAll();
    await Promise.all(listeners.map((listener) => listener.close()));
    await stack.disposeAsync();
  }

  /**
   * Goes on serving while load balancers turn away; closing a listener resets who waits in its
   * queue. Then empties itself; newcomers are so few by now that they may come until the end.
   */
  async #leave(): Promise<void> {
    const { conversations, clock, stopping } = this.#parts;
    const { windowMs, random, ...notice } = stopping();
    const noticeMs = Math.min(notice.noticeMs, windowMs / 3);
    if (windowMs === 0) return;
    const cut = this.#cut.promise;
    await Promise.race([waitFor(clock, noticeMs), cut]);
    const spread = spreadEnds({
      sessions: conversations.find(),
      end: (conversation) => conversation.end('shutting-down'),
      windowMs: windowMs - noticeMs,
      clock,
      random,
    });
    await Promise.race([spread.done, cut]);
    spread.cancel();
  }
}
