/** CRLF becomes LF on its way to a file, where that is wanted. */

const CR = 0x0d;
const LF = 0x0a;

/** How lines end in the files of an export: as they are in the message, which is CRLF, or in LF. */
export type LineEnds = 'exact' | 'lf';

/** One message, in pieces of any size. */
export class LineEndWriter {
  readonly #isToLf: boolean;
  #isBehindCr = false;
  #lastOctet: number | undefined;
  #hasOddEnds = false;

  constructor(lineEnds: LineEnds) {
    this.#isToLf = lineEnds === 'lf';
  }

  /** Whether there was a CR or an LF without the other: with LF alone that cannot be told later. */
  get hasOddEnds(): boolean {
    return this.#hasOddEnds;
  }

  /** Whether the message ended in a line end. */
  get endsWithLine(): boolean {
    return this.#lastOctet === LF;
  }

  /** Takes a piece. @returns What of it, and of a CR held back before, is to be written. */
  push(octets: Uint8Array): readonly Uint8Array[] {
    if (octets.length === 0) return [];
    return this.#isToLf ? this.#toLf(octets) : this.#look(octets);
  }

  /** A CR at the very end. */
  finish(): readonly Uint8Array[] {
    if (!this.#isBehindCr) return [];
    this.#isBehindCr = false;
    this.#hasOddEnds = true;
    this.#lastOctet = CR;
    return this.#isToLf ? [Buffer.from([CR])] : [];
  }

  #look(octets: Uint8Array): readonly Uint8Array[] {
    this.#lastOctet = octets.at(-1);
    return [octets];
  }

  #toLf(octets: Uint8Array): readonly Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let from = 0;
    if (this.#isBehindCr && octets[0] !== LF) {
      this.#hasOddEnds = true;
      pieces.push(Buffer.from([CR]));
    }
    for (let at = octets.indexOf(LF); at >= 0; at = octets.indexOf(LF, at + 1)) {
      if (at === 0 ? this.#isBehindCr : octets[at - 1] === CR) {
        if (at > 0) pieces.push(octets.subarray(from, at - 1));
        from = at;
      } else this.#hasOddEnds = true;
    }
    this.#isBehindCr = octets.at(-1) === CR;
    const end = this.#isBehindCr ? octets.length - 1 : octets.length;
    if (end > from) pieces.push(octets.subarray(from, end));
    this.#hasOddEnds ||= hasLoneCr(octets);
    this.#lastOctet = octets.at(-1);
    return pieces;
  }
}

/** A CR in the midst that no LF follows. */
function hasLoneCr(octets: Uint8Array): boolean {
  const last = octets.length - 1;
  for (let at = octets.indexOf(CR); at >= 0 && at < last; at = octets.indexOf(CR, at + 1)) {
    if (octets[at + 1] !== LF) return true;
  }
  return false;
}
