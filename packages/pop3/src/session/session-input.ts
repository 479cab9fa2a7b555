/**
 * A session's reading side: lines, and the wait for more of them, which the owner may interrupt.
 *
 * Racing promises against one long-lived read would pile up reactions on it, so one read is kept
 * outstanding and both it and `wake` resume the waiter of the moment. During long replies `watch`
 * keeps a read outstanding, too: only a read tells that the connection broke.
 */
import { OctetStreamReader } from '@homeward/wire';
import type { Line, OctetStream, StreamEnd } from '@homeward/wire';

/** Beyond so many unread octets `watch` takes no more from the connection. */
const WATCH_LIMIT_BYTES = 65_536;

/** One stream's input. Only one `wait` at a time. */
export class SessionInput {
  readonly #reader: OctetStreamReader;
  #isReading = false;
  /** A read ended since the last wait. */
  #arrived: 'octets' | StreamEnd | undefined;
  #isWoken = false;
  #isBroken = false;
  #resume: (() => void) | undefined;

  constructor(stream: OctetStream, early: Uint8Array) {
    this.#reader = new OctetStreamReader(stream, early);
  }

  /** The connection is known to be broken: whatever is written reaches nobody. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  takeLine(limitBytes: number): Line | 'need-more' | 'too-long' {
    return this.#reader.takeLine(limitBytes);
  }

  /** Waits for octets, the stream's end, or `wake`. */
  async wait(): Promise<'octets' | 'woken' | StreamEnd> {
    this.#startReading();
    while (this.#arrived === undefined && !this.#isWoken) {
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
    if (this.#isWoken) {
      this.#isWoken = false;
      return 'woken';
    }
    const arrived = this.#arrived ?? 'broken';
    this.#arrived = undefined;
    return arrived;
  }

  /** Ends the current wait, or else the next one, with 'woken'. */
  wake(): void {
    this.#isWoken = true;
    this.#continue();
  }

  /** Has the end of the connection noticed while the session is busy writing. */
  watch(): void {
    if (this.#reader.bufferedBytes < WATCH_LIMIT_BYTES) this.#startReading();
  }

  #startReading(): void {
    if (this.#isReading || this.#arrived !== undefined) return;
    this.#isReading = true;
    const settle = (end: StreamEnd | undefined): void => {
      this.#isReading = false;
      if (end === 'broken') this.#isBroken = true;
      // A client that is silent while it receives a long message is not idle.
      const isBusy = this.#resume === undefined;
      if (end !== 'timed-out' || !isBusy) this.#arrived = end ?? 'octets';
      this.#continue();
    };
    this.#reader.fill().then(settle, () => settle('broken'));
  }

  #continue(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }
}
