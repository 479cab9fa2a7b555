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

  /** True once `lookAhead` found that the connection is gone, both ways. */
  get isBroken(): boolean {
    return this.#arrived === 'broken';
  }

  /**
   * Waits for octets, for the stream's end, or for `wake`, whichever is first; octets that came
   * before a wake-up are not lost but given next time.
   */
  async wait(): Promise<Uint8Array | StreamEnd | 'woken'> {
    this.lookAhead();
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

  /** Takes octets that came already and that nobody waited for. */
  takeArrived(): Uint8Array | undefined {
    const arrived = this.#arrived;
    if (typeof arrived !== 'object') return undefined;
    this.#arrived = undefined;
    return arrived;
  }

  /** Ends the current wait, or else the next one, with 'woken'. */
  wake(): void {
    this.#isWoken = true;
    this.#continue();
  }

  /**
   * Reads one piece ahead, unless that was done already: the only way to learn, during a long
   * command, that nobody listens any more. What comes is kept for `wait`.
   */
  lookAhead(): void {
    if (this.#arrived !== undefined || this.#isReading) return;
    this.#isReading = true;
    this.#stream.read().then(
      (result) => this.#settle(result),
      () => this.#settle('broken'),
    );
  }

  #settle(result: Uint8Array | StreamEnd): void {
    this.#isReading = false;
    // While a command runs it is not the client who is late.
    if (result === 'timed-out' && this.#resume === undefined) return;
    this.#arrived = result;
    this.#continue();
  }

  #continue(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }
}
