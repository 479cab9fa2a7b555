/**
 * BINARY[part]<partial> and BINARY.SIZE[part] (RFC 3516 §4.2, §4.3; RFC 9051 §6.4.5): a part's
 * octets without their transfer encoding.
 *
 * A literal begins with its size, and what is decoded has none before it was decoded: large parts
 * are read twice, so that no more than one piece of them is ever held.
 *
 * A part that is no leaf is not encoded (RFC 2045 §6.4) and comes as it is, as does the whole
 * message. A part that is not there is NIL and has no octets.
 */
import { createTransferDecoder, decodeTransferEncoding, findPart } from '@homeward/mime';
import type { ResponseWriter } from '../response-writer.ts';
import type { MessageReader, OctetRange } from './message-reader.ts';
import type { ContentItem } from './plan.ts';
import type { Partial } from './section.ts';

type BinaryItem = Extract<ContentItem, { readonly item: 'binary' | 'binary-size' }>;

/** Encoded octets, and how. */
interface EncodedPart {
  readonly range: OctetRange;
  readonly encoding: string;
}

const NUL = 0;
/** Encodings that can be undone, in lower case (RFC 2045 §6.1). */
const KNOWN_ENCODINGS: ReadonlySet<string> = new Set([
  '7bit',
  '8bit',
  'binary',
  'base64',
  'quoted-printable',
]);

/** Writes the item with its value. @returns nothing if that took no waiting. */
export function writeBinaryItem(
  writer: ResponseWriter,
  item: BinaryItem,
  reader: MessageReader,
): Promise<void> | undefined {
  const found = findEncoded(reader, item.part);
  if (found instanceof Promise) return found.then((part) => writeFound(writer, item, reader, part));
  return writeFound(writer, item, reader, found);
}

/** @returns undefined if there is no such part, or it cannot be decoded. */
function findEncoded(
  reader: MessageReader,
  part: readonly number[],
): EncodedPart | undefined | Promise<EncodedPart | undefined> {
  if (part.length === 0) {
    return { range: { start: 0, end: reader.sizeBytes }, encoding: 'binary' };
  }
  const { shape } = reader.facts;
  if (shape !== undefined) return encodedPart(reader, shape, part);
  return reader.shape().then((later) => encodedPart(reader, later, part));
}

function encodedPart(
  reader: MessageReader,
  shape: MessageReader['facts']['shape'],
  numbers: readonly number[],
): EncodedPart | undefined {
  const part = shape && findPart(shape.root, numbers);
  if (part === undefined) return undefined;
  const range = { start: part.bodyStart, end: part.bodyEnd };
  const isLeaf = part.parts.length === 0 && part.message === undefined;
  if (!isLeaf) return { range, encoding: 'binary' };
  const encoding = part.encoding.toLowerCase();
  if (KNOWN_ENCODINGS.has(encoding)) return { range, encoding };
  reader.hasUnknownEncoding = true;
  return undefined;
}

function writeFound(
  writer: ResponseWriter,
  item: BinaryItem,
  reader: MessageReader,
  part: EncodedPart | undefined,
): Promise<void> | undefined {
  const label = item.part.join('.');
  if (item.item === 'binary-size') {
    writer.text(`BINARY.SIZE[${label}] `);
    return part === undefined ? writeNumber(writer, 0) : writeSize(writer, reader, part);
  }
  const { partial } = item;
  writer.text(`BINARY[${label}]${partial === undefined ? '' : `<${partial.start}>`} `);
  if (part === undefined) {
    writer.text('NIL');
    return undefined;
  }
  const encoded = reader.peek(part.range);
  if (encoded === undefined) return streamDecoded(writer, reader, part, partial);
  const octets =
    partial === undefined
      ? decodeTransferEncoding(encoded, part.encoding)
      : decodeOnce(reader, label, encoded, part.encoding).subarray(
          partial.start,
          partial.start + partial.count,
        );
  startLiteral(writer, { sizeBytes: octets.length, hasNul: octets.includes(NUL) });
  writer.octets(octets);
  return writer.relieve();
}

/** Parts of which a client wants several pieces of each message, by their label. */
const decodedParts = new WeakMap<MessageReader, Map<string, Uint8Array>>();

/** A client may ask for a thousand pieces of one part; no more is kept than the message has. */
function decodeOnce(
  reader: MessageReader,
  label: string,
  encoded: Uint8Array,
  encoding: string,
): Uint8Array {
  const known = decodedParts.get(reader) ?? new Map<string, Uint8Array>();
  decodedParts.set(reader, known);
  const decoded = known.get(label) ?? decodeTransferEncoding(encoded, encoding);
  known.set(label, decoded);
  return decoded;
}

function writeNumber(writer: ResponseWriter, number: number): undefined {
  writer.text(`${number}`);
}

function writeSize(
  writer: ResponseWriter,
  reader: MessageReader,
  part: EncodedPart,
): Promise<void> | undefined {
  const encoded = reader.peek(part.range);
  if (encoded !== undefined) {
    return writeNumber(writer, decodeTransferEncoding(encoded, part.encoding).length);
  }
  return measure(reader, part, undefined).then(({ sizeBytes }) => writeNumber(writer, sizeBytes));
}

/** What the head of a literal depends on. */
interface Measure {
  readonly sizeBytes: number;
  readonly hasNul: boolean;
}

/** A string wherever one can hold it (RFC 3516 §4.3), so that clients need not look for NUL. */
function startLiteral(writer: ResponseWriter, { sizeBytes, hasNul }: Measure): void {
  if (hasNul) writer.text('~');
  writer.startLiteral(sizeBytes);
}

async function streamDecoded(
  writer: ResponseWriter,
  reader: MessageReader,
  part: EncodedPart,
  partial: Partial | undefined,
): Promise<void> {
  if (!(await reader.open())) {
    // Expunged between the facts and now; the message itself is gone from the folder.
    writer.text('NIL');
    return;
  }
  startLiteral(writer, await measure(reader, part, partial));
  for await (const octets of readDecoded(reader, part, partial)) {
    writer.octets(octets);
    const relieved = writer.relieve();
    if (relieved !== undefined) await relieved;
  }
}

async function measure(
  reader: MessageReader,
  part: EncodedPart,
  partial: Partial | undefined,
): Promise<Measure> {
  let sizeBytes = 0;
  let hasNul = false;
  if (!(await reader.open())) return { sizeBytes, hasNul };
  for await (const octets of readDecoded(reader, part, partial)) {
    sizeBytes += octets.length;
    hasNul ||= octets.includes(NUL);
  }
  return { sizeBytes, hasNul };
}

/** What is asked for of the decoded octets, in pieces that are good until the next. */
async function* readDecoded(
  reader: MessageReader,
  { range, encoding }: EncodedPart,
  partial: Partial | undefined,
): AsyncGenerator<Uint8Array> {
  const decoder = createTransferDecoder(encoding);
  const start = partial?.start ?? 0;
  const end = partial === undefined ? Infinity : partial.start + partial.count;
  let offset = 0;
  const cut = (octets: Uint8Array): Uint8Array => {
    const from = Math.max(0, start - offset);
    const piece = octets.subarray(from, Math.max(from, end - offset));
    offset += octets.length;
    return piece;
  };
  for await (const encoded of reader.read(range)) {
    const piece = cut(decoder.push(encoded));
    if (piece.length > 0) yield piece;
    if (offset >= end) return;
  }
  const rest = cut(decoder.finish());
  if (rest.length > 0) yield rest;
}
