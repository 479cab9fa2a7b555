/**
 * What the content fields of a part say (RFC 2045 §5 to §8, RFC 1864, RFC 2183, RFC 3282,
 * RFC 2557), with the defaults for what is missing or unreadable.
 */
import type { HeaderValues } from './header-values.ts';
import type { Disposition, MimePart } from './message-shape.ts';
import { parseParameterizedValue } from './parameter-list.ts';

/** The described half of a part; the other half is where it lies. */
export type PartHeader = Pick<
  MimePart,
  | 'type'
  | 'subtype'
  | 'parameters'
  | 'id'
  | 'description'
  | 'encoding'
  | 'md5'
  | 'disposition'
  | 'languages'
  | 'location'
>;

type ContentType = Pick<PartHeader, 'type' | 'subtype' | 'parameters'>;

/** RFC 2045 §5.2. */
export const plainText: ContentType = {
  type: 'TEXT',
  subtype: 'PLAIN',
  parameters: [['CHARSET', 'US-ASCII']],
};

/** RFC 2046 §5.1.5: the default inside a multipart/digest. */
export const embeddedMessage: ContentType = { type: 'MESSAGE', subtype: 'RFC822', parameters: [] };

/** For what is there but cannot be told apart. */
export const opaqueOctets: ContentType = {
  type: 'APPLICATION',
  subtype: 'OCTET-STREAM',
  parameters: [],
};

/** @param fallback The type of a part that has no Content-Type. */
export function readPartHeader(values: HeaderValues, fallback: ContentType): PartHeader {
  const contentType = values.get('content-type');
  const { type, subtype, parameters } =
    contentType === undefined ? fallback : parseContentType(contentType);
  return {
    type,
    subtype,
    parameters,
    id: values.get('content-id'),
    description: values.get('content-description'),
    encoding: parseEncoding(values.get('content-transfer-encoding')),
    md5: values.get('content-md5'),
    disposition: parseDisposition(values.get('content-disposition')),
    languages: parseLanguages(values.get('content-language')),
    location: values.get('content-location')?.replaceAll(/[ \t]+/g, ''),
  };
}

const mediaTypePattern = /^([^\s/;,"()=]+)\/([^\s/;,"()=]+)$/;

/** RFC 2045 §5.2: what is not `type/subtype` counts as plain text. */
function parseContentType(text: string): ContentType {
  const { value, parameters } = parseParameterizedValue(text);
  const match = mediaTypePattern.exec(value);
  if (match === null) return plainText;
  return { type: match[1] as string, subtype: match[2] as string, parameters };
}

/** The first word, comments aside. */
function parseEncoding(text: string | undefined): string {
  return text?.replaceAll(/\([^()]*\)/g, ' ').match(/[^\s;()"]+/)?.[0] ?? '7BIT';
}

/** A field with parameters but without a type counts as an attachment (RFC 2183 §2.8). */
function parseDisposition(text: string | undefined): Disposition | undefined {
  if (text === undefined) return undefined;
  const { value, parameters } = parseParameterizedValue(text);
  if (value === '' && parameters.length === 0) return undefined;
  return { type: value === '' ? 'attachment' : value, parameters };
}

const maxLanguageCount = 32;

/** RFC 3282 §2. */
function parseLanguages(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  return text
    .split(',', maxLanguageCount)
    .map((tag) => parseParameterizedValue(tag).value)
    .filter((tag) => tag !== '');
}

/**
 * RFC 2046 §5.2.1 forbids to encode an embedded message; where it was done (Outlook, some
 * gateways) its octets are no message until somebody decodes them.
 */
export function isTransferEncoded(encoding: string): boolean {
  return /^(?:base64|quoted-printable|x-uuencode|uuencode|x-uue)$/i.test(encoding);
}
