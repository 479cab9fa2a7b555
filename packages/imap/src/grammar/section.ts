/**
 * BODY[section]<partial> (RFC 3501 §6.4.5, §9 section): which octets of which part. Read here,
 * and written back as the answer repeats it.
 */
import type { ArgumentDecoder } from './argument-decoder.ts';
import type { BodySection } from './command.ts';
import { ATOM, isOfClass } from './octet-class.ts';

/** Header field names: printable ASCII but ":" (RFC 5322 §3.6.8). */
const FIELD_NAME = /^[!-9;-~]+$/;

/** section-binary (RFC 3516 §7): `[` part numbers, or none, `]`. */
export function parseSectionPart(decoder: ArgumentDecoder): readonly number[] {
  decoder.take('[');
  const part: number[] = [];
  if (!decoder.comesNext(']')) {
    do part.push(decoder.nzNumber('a part number'));
    while (decoder.tryTake('.'));
  }
  decoder.take(']');
  return part;
}

/** Reads `[…]`. */
export function parseSection(decoder: ArgumentDecoder): BodySection {
  decoder.take('[');
  const part: number[] = [];
  let isTextDue = !decoder.comesNext(']');
  while (isTextDue && decoder.startsSet()) {
    part.push(decoder.nzNumber('a part number'));
    isTextDue = decoder.tryTake('.');
    if (isTextDue && decoder.comesNext(']')) decoder.fail('a part number or a section');
  }
  const text = isTextDue ? parseSectionText(decoder, part.length > 0) : { kind: 'all' as const };
  decoder.take(']');
  return { part, text };
}

function parseSectionText(decoder: ArgumentDecoder, isOfPart: boolean): BodySection['text'] {
  if (decoder.tryKeyword('HEADER')) return { kind: 'header' };
  if (decoder.tryKeyword('TEXT')) return { kind: 'text' };
  if (isOfPart && decoder.tryKeyword('MIME')) return { kind: 'mime' };
  if (decoder.tryKeyword('HEADER.FIELDS')) {
    return { kind: 'header-fields', fields: parseFieldNames(decoder) };
  }
  if (decoder.tryKeyword('HEADER.FIELDS.NOT')) {
    return { kind: 'header-fields-not', fields: parseFieldNames(decoder) };
  }
  return decoder.fail('HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT or, of a part, MIME');
}

function parseFieldNames(decoder: ArgumentDecoder): readonly string[] {
  decoder.space();
  return decoder.list(() => parseFieldName(decoder));
}

/** header-fld-name, as sent. */
export function parseFieldName(decoder: ArgumentDecoder): string {
  const start = decoder.position;
  const name = decoder.astring('the name of a header field');
  return FIELD_NAME.test(name) ? name : decoder.fail('the name of a header field', start);
}

/** Reads `<start.count>` if there is one. */
export function parsePartial(
  decoder: ArgumentDecoder,
): { readonly start: number; readonly count: number } | undefined {
  if (!decoder.tryTake('<')) return undefined;
  const start = decoder.largeNumber('the first octet');
  decoder.take('.');
  const count = decoder.nzLargeNumber('a count of octets');
  decoder.take('>');
  return { start, count };
}

/** Writes a section as an answer shows it, without brackets: words in capitals, names as sent. */
export function formatSection(section: BodySection): string {
  const text = formatSectionText(section.text);
  return [...section.part.map(String), ...(text === '' ? [] : [text])].join('.');
}

function formatSectionText(text: BodySection['text']): string {
  switch (text.kind) {
    case 'all':
      return '';
    case 'header':
      return 'HEADER';
    case 'text':
      return 'TEXT';
    case 'mime':
      return 'MIME';
    case 'header-fields':
      return `HEADER.FIELDS (${text.fields.map(formatFieldName).join(' ')})`;
    case 'header-fields-not':
      return `HEADER.FIELDS.NOT (${text.fields.map(formatFieldName).join(' ')})`;
  }
}

function formatFieldName(name: string): string {
  return isOfClass(name, ATOM) ? name : `"${name.replaceAll(/["\\]/g, '\\$&')}"`;
}
