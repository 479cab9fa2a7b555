/**
 * Reading and writing a client's connection under a deadline that may fall at any moment: the
 * pre-auth time limit and the shutdown both interrupt whatever waits for the client.
 */
import type { SessionEndReason } from '@homeward/sasl';
import type { OctetStream } from '@homeward/wire';
import type { ClientConnection } from './ports.ts';
import type { Clock } from '../login/ports.ts';

/** Why waiting for the client was given up. */
export type Interruption = 'idle' | SessionEndReason;

/** Wraps one client connection until its login. Owns one timer; `release` ends it. */
export class ClientPhase {
  readonly #client: ClientConnection;
  readonly #clock: Clock;
  #interruption: Interruption | undefined;
  #wake: ((interruption: Interruption) => void) | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(client: ClientConnection, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** Starts the time limit anew. */
  restartLimit(limitMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.after(limitMs, () => this.interrupt('idle'));
  }

  /** Stops the time limit: it is not the client that we wait for. */
  pauseLimit(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Ends the present wait and every later one; the first reason stays. */
  interrupt(reason: Interruption): void {
    this.#interruption ??= reason;
    this.#wake?.(this.#interruption);
  }

  /** What interrupted, if anything did. */
  get interruption(): Interruption | undefined {
    return this.#interruption;
  }

  /** Waits for octets. An interrupted read stays pending until the connection is closed. */
  async read(): Promise<Awaited<ReturnType<OctetStream['read']>> | Interruption> {
    return this.#interruptible(() => this.#client.read());
  }

  /** Waits until the client takes more, if it is slow. */
  async flushed(write: Promise<void> | undefined): Promise<Interruption | undefined> {
    if (write === undefined) return undefined;
    return this.#interruptible(async () => {
      await write;
      return undefined;
    });
  }

  /** Upgrades to TLS; false when it failed, in time or out of it. */
  async startTls(): Promise<boolean> {
    const done = await this.#interruptible(() => this.#client.startTls());
    if (typeof done === 'boolean') return done;
    this.#client.destroy();
    return false;
  }

  release(): void {
    this.pauseLimit();
    this.#wake = undefined;
  }

  /** One closure for each wait: racing against one long-lived promise would collect them. */
  #interruptible<Value>(wait: () => Promise<Value>): Promise<Value | Interruption> {
    if (this.#interruption !== undefined) return Promise.resolve(this.#interruption);
    return new Promise((resolve, reject) => {
      this.#wake = resolve;
      wait().then((value) => {
        this.#wake = undefined;
        resolve(value);
      }, reject);
    });
  }
}
