/**
 * Keeps the last words of a dialogue that passes by, without reading them: a copy of some octets
 * for each chunk, and two to four kilobytes at most while nobody speaks.
 */
import { viewAsBuffer } from './buffer-view.ts';
import type { LastExchange, Utterance } from './last-exchange.ts';

/** Holds the last line of nearly every answer. */
const TAIL_BYTES = 256;
/** Holds a command's tag and name, and its literal's size; or the tag and OK of an answer. */
const HEAD_BYTES = 128;
const LF = 0x0a;

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
  lineAt = 0;
  lineHead = '';

  add(octets: Uint8Array): void {
    const { length } = octets;
    if (length === 0) return;
    const buffer = viewAsBuffer(octets);
    this.#findLine(buffer);
    this.octetCount += length;
    if (this.head === '') this.head = this.#beginning(0, buffer);
    if (this.lineHead === '') this.lineHead = this.#beginning(this.lineAt, buffer);
    this.tail =
      length >= TAIL_BYTES
        ? buffer.toString('latin1', length - TAIL_BYTES)
        : (this.tail + buffer.toString('latin1')).slice(-TAIL_BYTES);
  }

  /** Where the line begins that is the last one now. The LF that ends it begins no other. */
  #findLine(buffer: Buffer): void {
    const { length } = buffer;
    const end = length > 1 ? buffer.lastIndexOf(LF, length - 2) : -1;
    if (end === -1 && !this.tail.endsWith('\n')) return;
    this.lineAt = this.octetCount + end + 1;
    this.lineHead = '';
  }

  /** Of what begins there, before it is out of the tail: the old tail or `added` still has it. */
  #beginning(at: number, added: Buffer): string {
    if (this.octetCount - at <= TAIL_BYTES) return '';
    const addedAt = this.octetCount - added.length;
    if (at >= addedAt) return added.toString('latin1', at - addedAt, at - addedAt + HEAD_BYTES);
    const before = this.tail.slice(at - addedAt);
    return (before + added.toString('latin1', 0, HEAD_BYTES)).slice(0, HEAD_BYTES);
  }
}
