/**
 * Which octets BODY[section]<partial> means (RFC 3501 §6.4.5): a range of the message, or a
 * selection of header lines made from it.
 */
import { type HeaderSelector, createHeaderSelector, findSection } from '@homeward/mime';
import type { BodySection, FetchItem } from '../../grammar/command.ts';
import type { MessageFacts } from '../ports.ts';
import type { MessageReader, OctetRange } from './message-reader.ts';

/** Octets at hand, or a range to read, or nothing of that kind in the message. */
export type SectionOctets =
  | { readonly kind: 'octets'; readonly octets: Uint8Array }
  | { readonly kind: 'range'; readonly range: OctetRange }
  | { readonly kind: 'absent' };

/** `<start.count>` */
export type Partial = NonNullable<Extract<FetchItem, { readonly item: 'body-section' }>['partial']>;

const absent: SectionOctets = { kind: 'absent' };

/** Finds a section; waits only where the facts at hand do not hold the answer. */
export function resolveSection(
  reader: MessageReader,
  section: BodySection,
): SectionOctets | Promise<SectionOctets> {
  const { part, text } = section;
  if (text.kind === 'header-fields' || text.kind === 'header-fields-not') {
    const header = findRange(reader, { part, text: { kind: 'header' } });
    return header instanceof Promise
      ? header.then((later) => selectFields(reader, later, text))
      : selectFields(reader, header, text);
  }
  return findRange(reader, section);
}

type HalfSection = BodySection & {
  readonly text: { readonly kind: 'all' | 'header' | 'text' | 'mime' };
};

function findRange(
  reader: MessageReader,
  section: BodySection,
): SectionOctets | Promise<SectionOctets> {
  const { part, text } = section;
  const { header, shape } = reader.facts;
  if (part.length === 0) {
    if (text.kind === 'all') {
      return { kind: 'range', range: { start: 0, end: reader.sizeBytes } };
    }
    if (header !== undefined && text.kind === 'header') return { kind: 'octets', octets: header };
    if (header !== undefined && text.kind === 'text') {
      return { kind: 'range', range: { start: header.length, end: reader.sizeBytes } };
    }
  }
  if (shape !== undefined) return rangeIn(shape, section as HalfSection);
  return reader.shape().then((later) => rangeIn(later, section as HalfSection));
}

function rangeIn(shape: MessageFacts['shape'], { part, text }: HalfSection): SectionOctets {
  const range = shape && findSection(shape.root, part, text.kind);
  return range === undefined ? absent : { kind: 'range', range };
}

type FieldSelection = Extract<BodySection['text'], { readonly fields: readonly string[] }>;

function selectFields(
  reader: MessageReader,
  header: SectionOctets,
  text: FieldSelection,
): SectionOctets | Promise<SectionOctets> {
  if (header.kind === 'absent') return absent;
  const select = selectorOf(text);
  const octets = header.kind === 'octets' ? header.octets : reader.peek(header.range);
  if (octets !== undefined) return { kind: 'octets', octets: select(octets) };
  if (header.kind !== 'range') return absent;
  return reader
    .gatherHeader(header.range)
    .then((gathered) => ({ kind: 'octets', octets: select(gathered) }));
}

/** Prepared once for each command, used for each of its messages. */
const selectors = new WeakMap<FieldSelection, HeaderSelector>();

function selectorOf(text: FieldSelection): HeaderSelector {
  const known = selectors.get(text);
  if (known !== undefined) return known;
  const made = createHeaderSelector(text.fields, text.kind === 'header-fields-not');
  selectors.set(text, made);
  return made;
}

/** Applies `<start.count>`: what lies beyond the end is empty, not an error. */
export function cutPartial(found: SectionOctets, partial: Partial | undefined): SectionOctets {
  if (partial === undefined || found.kind === 'absent') return found;
  const { start, count } = partial;
  if (found.kind === 'octets') {
    return { kind: 'octets', octets: found.octets.subarray(start, start + count) };
  }
  const from = Math.min(found.range.start + start, found.range.end);
  const end = Math.min(from + count, found.range.end);
  return { kind: 'range', range: { start: from, end } };
}
