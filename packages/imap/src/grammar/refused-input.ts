/**
 * The way past a refused command to the next one: so many octets, then the rest of their line,
 * then the literals that it announces without waiting for an invitation. Nothing of it is kept.
 *
 * Where a client may go on without an invitation (`{n+}`), the octets are skipped; if there are
 * too many to wait for, there is no telling where the next command begins.
 */
import { type ByteQueue, type LiteralMarker, findLiteralMarker } from '@homeward/wire';

/** A line's tail that is enough to recognise a literal's announcement at its end. */
const TAIL_BYTES = 32;
/** A refused literal of this size is skipped whatever the limits say. */
const ALWAYS_SKIPPED_BYTES = 65_536;
/** Literals of so many times the limit for messages are still skipped, not closed upon. */
const SKIPPED_MESSAGES = 4;

const CR = 0x0d;
const PLUS = 0x2b;

/** What a step came to. */
export type SkipStep =
  /** Octets are missing. */
  | 'need-more'
  /** The next command begins here. */
  | 'done'
  /** There is more to skip than anybody waits for. */
  | 'lost';

/** Skips octets of one reader's queue. */
export class RefusedInput {
  readonly #queue: ByteQueue;
  readonly #limitBytes: number;
  /** Octets to skip before the end of their line is looked for. */
  #remainingBytes = 0;
  /** Something is left to skip. */
  #isActive = false;

  constructor(queue: ByteQueue, messageLimitBytes: number) {
    this.#queue = queue;
    this.#limitBytes = Math.max(ALWAYS_SKIPPED_BYTES, messageLimitBytes * SKIPPED_MESSAGES);
  }

  /** Begins to skip so many octets and the line in which they end. */
  skip(sizeBytes: number): void {
    this.#isActive = true;
    this.#remainingBytes = sizeBytes;
  }

  /** Begins to skip an uninvited literal. @returns false, with nothing begun, if it has no end. */
  skipLiteral(marker: LiteralMarker | 'bad' | undefined): boolean {
    if (typeof marker !== 'object' || marker.sizeBytes > this.#limitBytes) return false;
    this.skip(marker.sizeBytes);
    return true;
  }

  /** Skips what is there. */
  advance(): SkipStep {
    while (this.#isActive) {
      const count = Math.min(this.#remainingBytes, this.#queue.length);
      this.#queue.skip(count);
      this.#remainingBytes -= count;
      if (this.#remainingBytes > 0) return 'need-more';
      const tail = this.#takeLineTail();
      if (tail === undefined) return 'need-more';
      const marker = findLiteralMarker(tail);
      this.#isActive = false;
      if (isUninvited(tail, marker) && !this.skipLiteral(marker)) return 'lost';
    }
    return 'done';
  }

  /** The end of the present line, without its line end. */
  #takeLineTail(): Uint8Array | undefined {
    const queue = this.#queue;
    const lf = queue.indexOfLf();
    queue.skip(Math.max(0, (lf < 0 ? queue.length : lf) - TAIL_BYTES));
    if (lf < 0) return undefined;
    const tail = queue.take(queue.indexOfLf() + 1);
    return tail.subarray(0, tail.at(-2) === CR ? -2 : -1);
  }
}

/** Whether octets follow that the client did not wait to be invited for. */
export function isUninvited(line: Uint8Array, marker: LiteralMarker | 'bad' | undefined): boolean {
  if (marker === undefined) return false;
  return marker === 'bad' ? line.at(-2) === PLUS : !marker.isSynchronizing;
}
