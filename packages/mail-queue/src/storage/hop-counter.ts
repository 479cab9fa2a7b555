/**
 * Counts the Received lines of a header as it passes: mail that goes in circles has many (RFC
 * 5321 §6.3). Looks at each octet of the header once and keeps nothing of it.
 */

const NAME = 'received:';
const LF = 0x0a;
const CR = 0x0d;
const UPPER_TO_LOWER = 0x20;

export class HopCounter {
  #count = 0;
  /** Octets of the line that match the name so far; -1: it is another line. */
  #matched = 0;
  #isLineEmpty = true;
  #isOver = false;

  get count(): number {
    return this.#count;
  }

  push(octets: Uint8Array): void {
    for (let at = 0; at < octets.length && !this.#isOver; at += 1) this.#take(octets[at] ?? 0);
  }

  #take(octet: number): void {
    if (octet === LF) {
      this.#isOver = this.#isLineEmpty;
      this.#isLineEmpty = true;
      this.#matched = 0;
      return;
    }
    if (octet !== CR) this.#isLineEmpty = false;
    if (this.#matched < 0) return;
    const expected = NAME.charCodeAt(this.#matched);
    const isSame = octet === expected || (octet | UPPER_TO_LOWER) === expected;
    this.#matched = isSame ? this.#matched + 1 : -1;
    if (this.#matched < NAME.length) return;
    this.#count += 1;
    this.#matched = -1;
  }
}
