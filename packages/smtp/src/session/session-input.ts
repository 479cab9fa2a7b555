/**
 * A session's reading side: lines and octets, and a wait for a command that the owner may end.
 *
 * Racing promises against one long-lived read would pile up reactions on it, so one read is kept
 * outstanding and both it and `wake` resume the waiter of the moment.
 */
import { OctetStreamReader } from '@homeward/wire';
import type { Line, OctetStream, StreamEnd } from '@homeward/wire';

/** One stream's input. Only one call may wait at a time. */
export class SessionInput {
  readonly #reader: OctetStreamReader;
  #isWoken = false;
  #contentBytes = 0;
  #resume: (() => void) | undefined;

  constructor(stream: OctetStream, early: Uint8Array) {
    this.#reader = new OctetStreamReader(stream, early);
  }

  /** Octets of messages that were read so far. */
  get contentBytes(): number {
    return this.#contentBytes;
  }

  takeLine(limitBytes: number): Line | 'need-more' | 'too-long' {
    return this.#reader.takeLine(limitBytes);
  }

  /** Content of a message; `wake` does not interrupt it. */
  async readSome(maxCount: number): Promise<Buffer | StreamEnd> {
    const octets = await this.#reader.readSome(maxCount);
    if (typeof octets !== 'string') this.#contentBytes += octets.length;
    return octets;
  }

  pushBack(octets: Uint8Array): void {
    this.#contentBytes -= octets.length;
    if (octets.length > 0) this.#reader.pushBack(octets);
  }

  /** Waits for octets, the stream's end, or `wake`. */
  async wait(): Promise<'octets' | 'woken' | StreamEnd> {
    let arrived: 'octets' | StreamEnd | undefined;
    const settle = (end: StreamEnd | undefined): void => {
      arrived = end ?? 'octets';
      this.#continue();
    };
    this.#reader.fill().then(settle, () => settle('broken'));
    while (arrived === undefined && !this.#isWoken) {
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
    if (arrived !== undefined) return arrived;
    this.#isWoken = false;
    return 'woken';
  }

  /** Ends the current wait, or else the next one. */
  wake(): void {
    this.#isWoken = true;
    this.#continue();
  }

  #continue(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }
}
