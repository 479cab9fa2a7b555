/** Cuts a message behind its header and so many lines of its body (RFC 1939 §7 TOP). */

const CR = 0x0d;
const LF = 0x0a;

/** Fed piece by piece. A line ends with LF, so that broken messages can be looked at, too. */
export class TopCutter {
  #linesLeft: number;
  #isInHeader = true;
  /** What the current line holds so far. */
  #line: 'nothing' | 'cr' | 'text' = 'nothing';

  /** @param lineCount Lines of the body to keep; from 0. */
  constructor(lineCount: number) {
    this.#linesLeft = lineCount;
  }

  /** @returns How many octets of the piece to keep, and whether that was all. */
  take(piece: Buffer): { readonly count: number; readonly isDone: boolean } {
    let lineStart = 0;
    for (;;) {
      const lf = piece.indexOf(LF, lineStart);
      const lineEnd = lf < 0 ? piece.length : lf;
      this.#extendLine(piece, lineStart, lineEnd);
      if (lf < 0) return { count: piece.length, isDone: false };
      if (this.#endLine()) return { count: lf + 1, isDone: true };
      lineStart = lf + 1;
    }
  }

  #extendLine(piece: Buffer, from: number, to: number): void {
    if (from === to) return;
    const isLoneCr = to - from === 1 && piece[from] === CR && this.#line === 'nothing';
    this.#line = isLoneCr ? 'cr' : 'text';
  }

  /** @returns true if nothing behind this line is wanted. */
  #endLine(): boolean {
    const isEmpty = this.#line !== 'text';
    this.#line = 'nothing';
    if (!this.#isInHeader) this.#linesLeft -= 1;
    else if (isEmpty) this.#isInHeader = false;
    else return false;
    return this.#linesLeft <= 0;
  }
}
