/**
 * Waiting for a client while something else may happen, too.
 *
 * A session waits at two kinds of places: between commands, where only the client or the
 * owner's wish to end it counts, and in IDLE, where the folder may change. Racing promises
 * against a long-lived read would pile up reactions on it, so one read is kept outstanding
 * and both it and `wake` resolve the waiter of the moment.
 */
import type { OctetStream, StreamEnd } from '@homeward/wire';

/** One reader's gate on a stream. Only one `wait` at a time. */
export class InputGate {
  readonly #stream: OctetStream;
  #arrived: Uint8Array | StreamEnd | undefined;
  #isReading = false;
  #isWoken = false;
  #resume: (() => void) | undefined;

  constructor(stream: OctetStream) {
    this.#stream = stream;
  }

  /**
   * Waits for octets, for the stream's end, or for `wake`, whichever is first; octets that came
   * before a wake-up are not lost but given next time.
   */
  async wait(): Promise<Uint8Array | StreamEnd | 'woken'> {
    if (this.#arrived === undefined && !this.#isReading) this.#startReading();
    while (this.#arrived === undefined && !this.#isWoken) {
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
    if (this.#isWoken) {
      this.#isWoken = false;
      return 'woken';
    }
    const arrived = this.#arrived;
    // An end is kept: whoever asks again learns it again.
    if (typeof arrived === 'object') this.#arrived = undefined;
    return arrived ?? 'broken';
  }

  /** Ends the current wait, or else the next one, with 'woken'. */
  wake(): void {
    this.#isWoken = true;
    this.#continue();
  }

  #startReading(): void {
    this.#isReading = true;
    const settle = (result: Uint8Array | StreamEnd): void => {
      this.#isReading = false;
      this.#arrived = result;
      this.#continue();
    };
    this.#stream.read().then(settle, () => settle('broken'));
  }

  #continue(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }
}
