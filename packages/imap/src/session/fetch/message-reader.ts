/**
 * The octets of one message while it is being fetched or searched: from the facts at hand
 * where they lie in the database, else from the opened message. Opens at most once.
 */
import { searchPieceBytes } from '@homeward/mime';
import type { FactName, FolderPort, MessageContent, MessageFacts } from '../ports.ts';

/** A run of a message's octets; `end` is behind the last. */
export interface OctetRange {
  readonly start: number;
  readonly end: number;
}

/** Reads are bounded by this, so that one large message costs a session no more. */
export const READ_BYTES: number = searchPieceBytes;
/**
 * What is gathered of one header to pick fields from it. Real ones are a tenth of this; a
 * message without an empty line is all header, whatever its size.
 *
 * Gap: fields behind this are not found by HEADER.FIELDS and SEARCH; BODY[HEADER] has them.
 */
const HEADER_BYTES = 1024 * 1024;

const shapeOnly: ReadonlySet<FactName> = new Set(['shape']);

/** One message's octets. Close it. */
export class MessageReader {
  readonly sizeBytes: number;
  readonly facts: MessageFacts;
  readonly #folder: FolderPort;
  #content: MessageContent | undefined;
  /** A part's transfer encoding was none that can be undone (RFC 3516 §4.3). */
  hasUnknownEncoding = false;

  constructor(folder: FolderPort, facts: MessageFacts, sizeBytes: number) {
    this.#folder = folder;
    this.facts = facts;
    this.sizeBytes = sizeBytes;
  }

  /** True while `close` has something to do. */
  get isOpen(): boolean {
    return this.#content !== undefined;
  }

  /**
   * Makes sure that the octets can be had.
   * @returns false if the message is gone.
   */
  async open(): Promise<boolean> {
    if (this.facts.octets !== undefined || this.#content !== undefined) return true;
    this.#content = await this.#folder.openMessage(this.facts.uid);
    return this.#content !== undefined;
  }

  /** The MIME tree; read by itself where it was not among the facts asked for. */
  async shape(): Promise<MessageFacts['shape']> {
    if (this.facts.shape !== undefined) return this.facts.shape;
    const [facts] = await this.#folder.readFacts([this.facts.uid], shapeOnly);
    return facts?.shape;
  }

  /** The whole range at once if it lies in memory. */
  peek(range: OctetRange): Uint8Array | undefined {
    return this.facts.octets?.subarray(range.start, range.end);
  }

  /** The range in pieces of at most `READ_BYTES`; `open` first. */
  async *read(range: OctetRange): AsyncGenerator<Uint8Array> {
    const inMemory = this.peek(range);
    if (inMemory !== undefined) {
      if (inMemory.length > 0) yield inMemory;
      return;
    }
    const content = this.#content;
    if (content === undefined) throw new Error('message was not opened');
    for (let offset = range.start; offset < range.end;) {
      const octets = await content.read(offset, Math.min(READ_BYTES, range.end - offset));
      if (octets.length === 0) throw new Error('message is shorter than its recorded size');
      offset += octets.length;
      yield octets;
    }
  }

  /** A header as a whole, or its first megabyte; empty if the message is gone. */
  async gatherHeader(range: OctetRange): Promise<Uint8Array> {
    const { start } = range;
    const bounded = { start, end: Math.min(range.end, start + HEADER_BYTES) };
    if (!(await this.open())) return new Uint8Array();
    return this.gather(bounded);
  }

  /** A range that the caller knows to be small, as a whole; `open` first. */
  async gather(range: OctetRange): Promise<Uint8Array> {
    const inMemory = this.peek(range);
    if (inMemory !== undefined) return inMemory;
    const pieces: Uint8Array[] = [];
    for await (const piece of this.read(range)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async close(): Promise<void> {
    const content = this.#content;
    this.#content = undefined;
    await content?.close();
  }
}
