/**
 * A message in pieces, its headers and those of its parts replaced by surrogates as they go by.
 * Bodies pass as they are: 8-bit bodies are no matter of UTF-8 headers.
 */
import { isAscii } from 'node:buffer';
import { viewAsBuffer } from '../header-fields.ts';
import type { MessageShape, MimePart } from '../message-shape.ts';
import type { OctetRange } from '../part-path.ts';
import { formatSurrogateHeader } from './surrogate-header.ts';

/** A longer header is not held to be read: what is not ASCII in it becomes question marks. */
const MAX_HEADER_BYTES = 262_144;
const QUESTION_MARK = 0x3f;

/** Where a message's headers lie, its parts' headers among them; ascending, none in another. */
export function listHeaderRanges(shape: MessageShape): readonly OctetRange[] {
  const ranges: OctetRange[] = [];
  const visit = (part: MimePart): void => {
    if (part.bodyStart > part.headerStart) {
      ranges.push({ start: part.headerStart, end: part.bodyStart });
    }
    for (const inner of part.parts) visit(inner);
    if (part.message !== undefined) visit(part.message.root);
  };
  visit(shape.root);
  return ranges.sort((a, b) => a.start - b.start);
}

/** For one message: any number of `push`, then one `finish`. */
export class SurrogateWriter {
  readonly #headers: readonly OctetRange[];
  #next = 0;
  #offset = 0;
  /** What came of the header at hand. */
  #held: Buffer[] = [];

  /** @param headers As `listHeaderRanges` gives them. */
  constructor(headers: readonly OctetRange[]) {
    this.#headers = headers;
  }

  /**
   * @param octets The next ones; not to be written again.
   * @returns What is to be sent for them, perhaps nothing yet.
   */
  push(octets: Uint8Array): readonly Buffer[] {
    const written: Buffer[] = [];
    let rest = viewAsBuffer(octets);
    while (rest.length > 0) {
      const taken = this.#take(rest, written);
      this.#offset += taken;
      rest = rest.subarray(taken);
    }
    return written;
  }

  /** What is left of a message that ended inside a header. */
  finish(): readonly Buffer[] {
    const held = this.#held;
    this.#held = [];
    return held.length === 0 ? [] : [formatSurrogateHeader(Buffer.concat(held))];
  }

  /** @returns How many octets it took, at least one. */
  #take(octets: Buffer, written: Buffer[]): number {
    const header = this.#headers[this.#next];
    if (header === undefined) {
      written.push(octets);
      return octets.length;
    }
    if (this.#offset < header.start) {
      const body = octets.subarray(0, header.start - this.#offset);
      written.push(body);
      return body.length;
    }
    const piece = octets.subarray(0, header.end - this.#offset);
    const isEnd = this.#offset + piece.length === header.end;
    if (isEnd) this.#next += 1;
    if (header.end - header.start > MAX_HEADER_BYTES) {
      written.push(maskNonAscii(piece));
    } else if (!isEnd) {
      this.#held.push(piece);
    } else {
      const whole = this.#held.length === 0 ? piece : Buffer.concat([...this.#held, piece]);
      this.#held = [];
      written.push(formatSurrogateHeader(whole));
    }
    return piece.length;
  }
}

function maskNonAscii(octets: Buffer): Buffer {
  if (isAscii(octets)) return octets;
  const masked = Buffer.from(octets);
  for (let at = 0; at < masked.length; at += 1) {
    if ((masked[at] ?? 0) >= 0x80) masked[at] = QUESTION_MARK;
  }
  return masked;
}
