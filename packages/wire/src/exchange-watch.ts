/**
 * Keeps the last words of a dialogue that passes by, without reading them: a copy of some octets
 * for each chunk, and two to four kilobytes at most while nobody speaks.
 */
import { viewAsBuffer } from './buffer-view.ts';
import type { LastExchange, Utterance } from './last-exchange.ts';

/** Holds the last line of nearly every answer. */
const TAIL_BYTES = 256;
/** Holds a command's tag and name, and its literal's size. */
const HEAD_BYTES = 128;

export class ExchangeWatch {
  #before: { readonly command: Said; readonly answer: Said } | undefined;
  #command: Said = new Said();
  #answer: Said = new Said();

  fromClient(octets: Uint8Array): void {
    if (this.#answer.octetCount > 0) {
      this.#before = { command: this.#command, answer: this.#answer };
      this.#command = new Said();
      this.#answer = new Said();
    }
    this.#command.add(octets);
  }

  fromServer(octets: Uint8Array): void {
    this.#answer.add(octets);
  }

  /** As it is now: what comes later changes it. */
  get last(): LastExchange {
    return { command: this.#command, answer: this.#answer, before: this.#before };
  }
}

class Said implements Utterance {
  octetCount = 0;
  head = '';
  tail = '';

  add(octets: Uint8Array): void {
    const { length } = octets;
    const buffer = viewAsBuffer(octets);
    this.octetCount += length;
    if (this.octetCount > TAIL_BYTES && this.head === '') {
      this.head = (this.tail + buffer.toString('latin1', 0, HEAD_BYTES)).slice(0, HEAD_BYTES);
    }
    this.tail =
      length >= TAIL_BYTES
        ? buffer.toString('latin1', length - TAIL_BYTES)
        : (this.tail + buffer.toString('latin1')).slice(-TAIL_BYTES);
  }
}
