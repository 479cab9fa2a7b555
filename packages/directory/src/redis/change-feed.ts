/**
 * Hears of changes through Redis's pub/sub, and makes up for what pub/sub loses.
 *
 * Every change has a number (the counter that its write raised) and carries it in its message.
 * A number left out, a counter that ran ahead of the messages for two looks in a row, a counter
 * that went back (failover to an older copy) and every new subscription are all told as
 * `everything`. The counter is looked at three times a second, whatever the number of logins, and
 * the directory's id beside it: in another one it would count something else.
 */
import type { ChangeListeners } from '../change-listeners.ts';
import type { Clock } from '../clock.ts';
import { PeriodicTask } from '../periodic-task.ts';
import { DirectoryUnavailableError } from '../ports.ts';
import { decodeChange } from '../record-codec.ts';
import type { DirectoryIdentity } from './directory-identity.ts';
import type { KeyLayout } from './key-layout.ts';
import type { RedisClient, RedisLink } from './redis-link.ts';

/** Two looks and a round trip stay well within the second that the port promises. */
const LOOK_PAUSE_MS = 300;

export interface ChangeFeedOptions {
  readonly link: RedisLink;
  /** A connection of its own; the feed closes it. */
  readonly subscriber: RedisClient;
  readonly keys: KeyLayout;
  readonly listeners: ChangeListeners;
  readonly clock: Clock;
  readonly identity: DirectoryIdentity;
  /** Rejects as unavailable where the directory is not the one that is known. */
  readonly confirmIdentity: () => Promise<void>;
}

export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #looking: PeriodicTask;
  /** Number of the last change that listeners know of. */
  #lastNumber: number | undefined;
  /** A counter that ran ahead at the last look: its message may only have been on its way. */
  #suspectNumber: number | undefined;
  #inSyncAtMs: number | undefined;
  /** Messages before the present subscription may have been lost. */
  #mustStartOver = true;
  /** How often servers had changed at the last look: another one may count otherwise. */
  #seenDisturbances = 0;
  readonly #firstSubscription = Promise.withResolvers<void>();

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
    const { subscriber, clock } = options;
    subscriber.on('error', () => undefined);
    subscriber.on('ready', () => void this.#subscribe());
    subscriber.on('message', (_channel: string, message: string) => this.#hear(message));
    this.#looking = new PeriodicTask(clock, LOOK_PAUSE_MS, () => this.look());
  }

  /** See `DirectoryDriver.inSyncAtMs`. */
  get inSyncAtMs(): number | undefined {
    return this.#inSyncAtMs;
  }

  async close(): Promise<void> {
    this.#options.subscriber.disconnect();
    await this.#looking.stop();
  }

  /** Settles when messages come in, or after `limitMs`, whichever is first. Never rejects. */
  async waitUntilSubscribed(limitMs: number): Promise<void> {
    const late = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(limitMs, late.resolve, { keepsProcess: true });
    await Promise.race([this.#firstSubscription.promise, late.promise]);
    cancel();
  }

  /**
   * Compares the counter with what was heard. Done again and again by itself; call it to have it
   * done now, after the first connection. Never rejects.
   */
  async look(): Promise<void> {
    const knownNumber = this.#lastNumber;
    try {
      const askedAtMs = this.#options.clock.elapsedMs();
      // Keeps the silent connection from being taken for a dead one, and finds out if it is.
      const ping = this.#options.subscriber.ping().catch(() => undefined);
      this.#judge(await this.#readCounter(), knownNumber, askedAtMs);
      await ping;
    } catch (error) {
      // Away: `inSyncAtMs` stands still, which is all that others need to know.
      if (!(error instanceof DirectoryUnavailableError)) throw error;
    }
  }

  async #subscribe(): Promise<void> {
    try {
      await this.#options.subscriber.subscribe(this.#options.keys.changeChannel);
    } catch {
      // The connection broke again: the next `ready` tries anew, and the counter fills in.
      return;
    }
    this.#mustStartOver = true;
    this.#firstSubscription.resolve();
    await this.look();
  }

  #hear(message: string): void {
    const [, digits, body] = /^(\d{1,15}) (.*)$/s.exec(message) ?? [];
    if (digits === undefined || body === undefined || this.#lastNumber === undefined) return;
    const number = Number(digits);
    if (number <= this.#lastNumber) return;
    const isNext = number === this.#lastNumber + 1;
    this.#lastNumber = number;
    this.#options.listeners.tell(isNext ? decodeChange(body) : { area: 'everything' });
  }

  /** @param knownNumber The last number known before the counter was asked for. */
  #judge(counter: number, knownNumber: number | undefined, askedAtMs: number): void {
    const last = this.#lastNumber;
    const { disturbanceCount } = this.#options.link;
    if (disturbanceCount !== this.#seenDisturbances) this.#mustStartOver = true;
    this.#seenDisturbances = disturbanceCount;
    if (last === undefined || knownNumber === undefined || this.#mustStartOver) {
      this.#startOver(counter, askedAtMs);
    } else if (counter < knownNumber) {
      this.#startOver(counter, askedAtMs);
    } else if (counter <= last) {
      this.#suspectNumber = undefined;
      this.#inSyncAtMs = askedAtMs;
    } else if (this.#suspectNumber !== undefined && last < this.#suspectNumber) {
      this.#startOver(counter, askedAtMs);
    } else {
      this.#suspectNumber = counter;
    }
  }

  #startOver(counter: number, askedAtMs: number): void {
    this.#mustStartOver = false;
    this.#lastNumber = counter;
    this.#suspectNumber = undefined;
    this.#options.listeners.tell({ area: 'everything' });
    this.#inSyncAtMs = askedAtMs;
  }

  async #readCounter(): Promise<number> {
    const { link, keys, identity, confirmIdentity } = this.#options;
    const [counter, id] = await link.run((client) =>
      client.mget(keys.changeCount, keys.directoryId),
    );
    if (!identity.isKnown(id)) await confirmIdentity();
    return Number(counter ?? 0);
  }
}
