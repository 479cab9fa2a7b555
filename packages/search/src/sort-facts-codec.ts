/**
 * Sort facts as octets: a few more than their texts, and read field by field, so that sorting
 * by date does not pay for subjects.
 *
 * Version 1, numbers little-endian: version; bits (1 reply or forward, 2 texts are UTF-8, else
 * Latin-1); number of references; a spare octet; lengths of the six texts (16 bits each); sent
 * date and message id (64-bit floats, NaN for none); sent day (32 bits); references (64-bit
 * floats); the texts.
 */
import type { MessageIdKey } from './message-id.ts';
import { maxReferences, type SortFacts } from './sort-facts.ts';

/** Grows with every change of layout or of what the facts mean, folding included. */
const VERSION = 1;
const REPLY_BIT = 1;
const UTF8_BIT = 2;

const LENGTHS_AT = 4;
const DATE_AT = 16;
const ID_AT = 24;
const DAY_AT = 32;
const REFERENCES_AT = 36;

const textNames = ['subject', 'from', 'to', 'cc', 'displayFrom', 'displayTo'] as const;

/** @returns a few hundred octets at most for real mail; under 10 KB for any. */
export function encodeSortFacts(facts: SortFacts): Uint8Array {
  const texts = textNames.map((name) => facts[name]);
  const encoding = texts.every((text) => /^[\0-\xff]*$/.test(text)) ? 'latin1' : 'utf8';
  const encoded = texts.map((text) => Buffer.from(text, encoding));
  const references = facts.references.slice(0, maxReferences);
  const fixed = Buffer.alloc(REFERENCES_AT + references.length * 8);
  fixed[0] = VERSION;
  fixed[1] = (facts.isReplyOrForward ? REPLY_BIT : 0) | (encoding === 'utf8' ? UTF8_BIT : 0);
  fixed[2] = references.length;
  for (const [order, { length }] of encoded.entries()) {
    fixed.writeUInt16LE(length, LENGTHS_AT + order * 2);
  }
  fixed.writeDoubleLE(facts.sentDateMs ?? Number.NaN, DATE_AT);
  fixed.writeDoubleLE(facts.messageId ?? Number.NaN, ID_AT);
  fixed.writeInt32LE(facts.sentDay ?? 0, DAY_AT);
  for (const [order, id] of references.entries()) {
    fixed.writeDoubleLE(id, REFERENCES_AT + order * 8);
  }
  return Buffer.concat([fixed, ...encoded]);
}

/**
 * @param octets Kept, and read when a field is asked for: they must not change.
 * @returns undefined for what another version wrote or what is damaged: make the facts anew.
 */
export function decodeSortFacts(octets: Uint8Array): SortFacts | undefined {
  if (octets[0] !== VERSION || octets.length < REFERENCES_AT) return undefined;
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  let length = textsAt(buffer);
  for (let order = 0; order < textNames.length; order += 1) {
    length += buffer.readUInt16LE(LENGTHS_AT + order * 2);
  }
  return length === buffer.length ? new EncodedSortFacts(buffer) : undefined;
}

function textsAt(buffer: Buffer): number {
  return REFERENCES_AT + (buffer[2] as number) * 8;
}

class EncodedSortFacts implements SortFacts {
  readonly #buffer: Buffer;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get subject(): string {
    return this.#readText(0);
  }

  get from(): string {
    return this.#readText(1);
  }

  get to(): string {
    return this.#readText(2);
  }

  get cc(): string {
    return this.#readText(3);
  }

  get displayFrom(): string {
    return this.#readText(4);
  }

  get displayTo(): string {
    return this.#readText(5);
  }

  get isReplyOrForward(): boolean {
    return ((this.#buffer[1] as number) & REPLY_BIT) !== 0;
  }

  get sentDateMs(): number | undefined {
    const date = this.#buffer.readDoubleLE(DATE_AT);
    return Number.isNaN(date) ? undefined : date;
  }

  get sentDay(): number | undefined {
    return this.sentDateMs === undefined ? undefined : this.#buffer.readInt32LE(DAY_AT);
  }

  get messageId(): MessageIdKey | undefined {
    const id = this.#buffer.readDoubleLE(ID_AT);
    return Number.isNaN(id) ? undefined : (id as MessageIdKey);
  }

  get references(): readonly MessageIdKey[] {
    const references: MessageIdKey[] = [];
    const end = textsAt(this.#buffer);
    for (let at = REFERENCES_AT; at < end; at += 8) {
      references.push(this.#buffer.readDoubleLE(at) as MessageIdKey);
    }
    return references;
  }

  #readText(order: number): string {
    const buffer = this.#buffer;
    let start = textsAt(buffer);
    for (let before = 0; before < order; before += 1) {
      start += buffer.readUInt16LE(LENGTHS_AT + before * 2);
    }
    const end = start + buffer.readUInt16LE(LENGTHS_AT + order * 2);
    if (start === end) return '';
    const isUtf8 = ((buffer[1] as number) & UTF8_BIT) !== 0;
    return buffer.toString(isUtf8 ? 'utf8' : 'latin1', start, end);
  }
}
