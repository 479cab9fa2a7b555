/**
 * BODY and BODYSTRUCTURE (RFC 3501 §7.4.2, §9 body) from the shape of a message.
 *
 * The grammar has no word for two things that mail has: a multipart without parts, and a
 * message/rfc822 part whose message could not be read. Both get an empty stand-in, since
 * clients choose what to read next by the type.
 */
import type { Disposition, Envelope, MimePart } from '@homeward/mime';
import { formatEnvelope } from './envelope.ts';
import { formatNString, formatString } from './strings.ts';

const EMPTY_TEXT = '("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0)';
const EMPTY_ENVELOPE: Envelope = {
  date: undefined,
  subject: undefined,
  from: [],
  sender: [],
  replyTo: [],
  to: [],
  cc: [],
  bcc: [],
  inReplyTo: undefined,
  messageId: undefined,
};

/** BODY leaves the extension data out, BODYSTRUCTURE has it. */
export interface BodyStructureForm {
  readonly extended: boolean;
}

/** The parenthesized list, as Latin-1. The parser of the message bounds the depth. */
export function formatBodyStructure(part: MimePart, form: BodyStructureForm): string {
  return isType(part, 'MULTIPART') ? formatMultipart(part, form) : formatSinglePart(part, form);
}

/** body-type-mpart: the parts follow each other without blanks. */
function formatMultipart(part: MimePart, form: BodyStructureForm): string {
  const parts = part.parts.map((inner) => formatBodyStructure(inner, form)).join('');
  const fields = [parts === '' ? EMPTY_TEXT : parts, formatString(part.subtype)];
  if (form.extended) fields.push(formatParameters(part.parameters), ...commonExtension(part));
  return `(${fields.join(' ')})`;
}

/** body-type-1part: basic, text, or a message. */
function formatSinglePart(part: MimePart, form: BodyStructureForm): string {
  const fields = [
    formatString(part.type),
    formatString(part.subtype),
    formatParameters(part.parameters),
    formatNString(part.id),
    formatNString(part.description),
    formatString(part.encoding === '' ? '7BIT' : part.encoding),
    String(part.bodyEnd - part.bodyStart),
  ];
  if (isType(part, 'MESSAGE') && part.subtype.toUpperCase() === 'RFC822') {
    fields.push(...messageFields(part, form), String(part.bodyLines));
  } else if (isType(part, 'TEXT')) {
    fields.push(String(part.bodyLines));
  }
  if (form.extended) fields.push(formatNString(part.md5), ...commonExtension(part));
  return `(${fields.join(' ')})`;
}

function messageFields(part: MimePart, form: BodyStructureForm): readonly string[] {
  if (part.message === undefined) return [formatEnvelope(EMPTY_ENVELOPE), EMPTY_TEXT];
  const { envelope, root } = part.message;
  return [formatEnvelope(envelope), formatBodyStructure(root, form)];
}

/** The end of body-ext-1part and of body-ext-mpart alike. */
function commonExtension(part: MimePart): readonly string[] {
  return [
    formatDisposition(part.disposition),
    formatLanguages(part.languages),
    formatNString(part.location),
  ];
}

function formatDisposition(disposition: Disposition | undefined): string {
  if (disposition === undefined) return 'NIL';
  return `(${formatString(disposition.type)} ${formatParameters(disposition.parameters)})`;
}

function formatLanguages(languages: readonly string[]): string {
  if (languages.length === 0) return 'NIL';
  return `(${languages.map(formatString).join(' ')})`;
}

/** body-fld-param: NIL rather than an empty list. */
function formatParameters(parameters: readonly (readonly [string, string])[]): string {
  if (parameters.length === 0) return 'NIL';
  return `(${parameters.flat().map(formatString).join(' ')})`;
}

function isType(part: MimePart, type: string): boolean {
  return part.type.toUpperCase() === type;
}
