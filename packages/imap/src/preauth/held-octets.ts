/** Octets that have come and wait until somebody may read them, in order. */

/** Not bounded by itself: `byteCount` is there to be watched. */
export class HeldOctets {
  #pieces: Uint8Array[] = [];
  #byteCount = 0;

  get byteCount(): number {
    return this.#byteCount;
  }

  push(octets: Uint8Array): void {
    this.#pieces.push(octets);
    this.#byteCount += octets.length;
  }

  /** All of them as one, which stay held. */
  peek(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }

  /** All of them as they came; none are left. */
  take(): readonly Uint8Array[] {
    const pieces = this.#pieces;
    this.clear();
    return pieces;
  }

  clear(): void {
    this.#pieces = [];
    this.#byteCount = 0;
  }
}
