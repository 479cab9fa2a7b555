/**
 * A message on its way into an mbox file: a line that begins with "From ", behind any number of
 * ">", gets one ">" more ("mboxrd", which alone can be undone), and header fields that belong to
 * the file and not to the message (Status, X-Status, X-Keywords) are left out, since the writer
 * puts its own. Holds 16 octets at most, however long lines are.
 */

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x3e;
const MARK = Buffer.from('From ');
/** "x-keywords:" is the longest that has to be recognised. */
const HELD_BYTES = 16;
const FILE_FIELD = /^(?:x-)?status:|^x-keywords:/i;

/** One message, in pieces of any size. */
export class MboxLines {
  #place: 'line-start' | 'behind-quotes' | 'in-line' | 'in-dropped-line' = 'line-start';
  #held: number[] = [];
  #isInHeader = true;
  #isFieldDropped = false;
  #hasDropped = false;

  /** Whether a field was left out. */
  get hasDropped(): boolean {
    return this.#hasDropped;
  }

  /** @returns What is to be written of this piece and of what was held back. */
  push(octets: Uint8Array): readonly Uint8Array[] {
    const out: Uint8Array[] = [];
    let at = 0;
    while (at < octets.length) {
      if (this.#place === 'in-line' || this.#place === 'in-dropped-line') {
        const lf = octets.indexOf(LF, at);
        const end = lf < 0 ? octets.length : lf + 1;
        if (this.#place === 'in-line') out.push(octets.subarray(at, end));
        if (lf >= 0) this.#place = 'line-start';
        at = end;
      } else {
        const octet = octets[at] ?? 0;
        this.#held.push(octet);
        at += 1;
        if (octet === LF || this.#held.length === HELD_BYTES) this.#decide(out, octet === LF);
      }
    }
    return out;
  }

  /** What is held back at the end. */
  finish(): readonly Uint8Array[] {
    const out: Uint8Array[] = [];
    if (this.#held.length > 0) this.#decide(out, true);
    return out;
  }

  #decide(out: Uint8Array[], isWholeLine: boolean): void {
    const held = Buffer.from(this.#held);
    this.#held = [];
    if (this.#place === 'line-start' && this.#isInHeader && this.#isDropped(held)) {
      this.#hasDropped = true;
      this.#place = isWholeLine ? 'line-start' : 'in-dropped-line';
      return;
    }
    const quotes = countQuotes(held);
    const rest = held.subarray(quotes);
    if (rest.subarray(0, MARK.length).equals(MARK)) out.push(Buffer.from([QUOTE]), held);
    else if (
      !isWholeLine &&
      rest.length < MARK.length &&
      MARK.subarray(0, rest.length).equals(rest)
    ) {
      // Where among the quotes one more stands makes no difference.
      out.push(held.subarray(0, quotes));
      this.#held = [...rest];
      this.#place = 'behind-quotes';
      return;
    } else out.push(held);
    this.#place = isWholeLine ? 'line-start' : 'in-line';
  }

  #isDropped(line: Buffer): boolean {
    const [first] = line;
    const isContinuation = first === 0x20 || first === 0x09;
    if (isContinuation) return this.#isFieldDropped;
    this.#isInHeader = !(first === LF || (first === CR && line[1] === LF));
    this.#isFieldDropped = this.#isInHeader && FILE_FIELD.test(line.toString('latin1'));
    return this.#isFieldDropped;
  }
}

function countQuotes(line: Buffer): number {
  let count = 0;
  while (line[count] === QUOTE) count += 1;
  return count;
}
