/**
 * Which octets BODY[section]<partial> means (RFC 3501 §6.4.5): a range of the message, or a
 * selection of header lines made from it.
 */
import { type HeaderSelector, createHeaderSelector, findSection } from '@homeward/mime';
import type { BodySection } from '../../grammar/command.ts';
import type { MessageReader, OctetRange } from './message-reader.ts';

/** Octets at hand, or a range to read, or nothing of that kind in the message. */
export type SectionOctets =
  | { readonly kind: 'octets'; readonly octets: Uint8Array }
  | { readonly kind: 'range'; readonly range: OctetRange }
  | { readonly kind: 'absent' };

const absent: SectionOctets = { kind: 'absent' };

/** Finds a section; opens the message only where the facts do not hold the answer. */
export async function resolveSection(
  reader: MessageReader,
  section: BodySection,
): Promise<SectionOctets> {
  const { part, text } = section;
  if (text.kind === 'header-fields' || text.kind === 'header-fields-not') {
    const header = await resolveSection(reader, { part, text: { kind: 'header' } });
    if (header.kind === 'absent') return absent;
    const octets =
      header.kind === 'octets' ? header.octets : await gatherOpened(reader, header.range);
    return { kind: 'octets', octets: selectorOf(text)(octets) };
  }
  const { header } = reader.facts;
  if (part.length === 0 && text.kind === 'all') {
    return { kind: 'range', range: { start: 0, end: reader.sizeBytes } };
  }
  if (part.length === 0 && text.kind === 'header' && header !== undefined) {
    return { kind: 'octets', octets: header };
  }
  if (part.length === 0 && text.kind === 'text' && header !== undefined) {
    return { kind: 'range', range: { start: header.length, end: reader.sizeBytes } };
  }
  const root = (await reader.shape())?.root;
  const range = root && findSection(root, part, text.kind);
  return range === undefined ? absent : { kind: 'range', range };
}

type FieldSelection = Extract<BodySection['text'], { readonly fields: readonly string[] }>;

/** Prepared once for each command, used for each of its messages. */
const selectors = new WeakMap<FieldSelection, HeaderSelector>();

function selectorOf(text: FieldSelection): HeaderSelector {
  const known = selectors.get(text);
  if (known !== undefined) return known;
  const made = createHeaderSelector(text.fields, text.kind === 'header-fields-not');
  selectors.set(text, made);
  return made;
}

async function gatherOpened(reader: MessageReader, range: OctetRange): Promise<Uint8Array> {
  return (await reader.open()) ? reader.gather(range) : new Uint8Array();
}

/** Applies `<start.count>`: what lies beyond the end is empty, not an error. */
export function cutPartial(
  found: SectionOctets,
  partial: { readonly start: number; readonly count: number } | undefined,
): SectionOctets {
  if (partial === undefined || found.kind === 'absent') return found;
  const { start, count } = partial;
  if (found.kind === 'octets') {
    return { kind: 'octets', octets: found.octets.subarray(start, start + count) };
  }
  const from = Math.min(found.range.start + start, found.range.end);
  const end = Math.min(from + count, found.range.end);
  return { kind: 'range', range: { start: from, end } };
}
