/**
 * Reads, in one walk, those fields of a header that make up the shape of a message. Of fields
 * that appear twice the first one counts.
 */
import { readFieldValue, walkHeaderFields } from './header-fields.ts';

/** Lower-case field name → unfolded value, for fields that are there. */
export type HeaderValues = ReadonlyMap<string, string>;

const messageFields: ReadonlySet<string> = new Set([
  'date',
  'subject',
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'in-reply-to',
  'message-id',
]);

const contentFields: ReadonlySet<string> = new Set([
  'content-type',
  'content-transfer-encoding',
  'content-id',
  'content-description',
  'content-md5',
  'content-disposition',
  'content-language',
  'content-location',
]);

const longestName = 'content-transfer-encoding'.length;

/** By lower-case first octet: can such a field be one of ours? Spares most look-ups. */
const isFirstOctet: readonly boolean[] = Array.from({ length: 256 }, (_, octet) => {
  const first = String.fromCharCode(octet).toLowerCase();
  return [...messageFields, ...contentFields].some((name) => name.startsWith(first));
});

/** @param isMessage True also reads the fields of the envelope. */
export function readHeaderValues(header: Buffer, isMessage: boolean): HeaderValues {
  const values = new Map<string, string>();
  walkHeaderFields(header, (start, nameEnd, colon, end) => {
    if (colon === -1 || nameEnd - start > longestName) return;
    if (isFirstOctet[header[start] as number] !== true) return;
    const name = header.toString('latin1', start, nameEnd).toLowerCase();
    if (!contentFields.has(name) && !(isMessage && messageFields.has(name))) return;
    if (!values.has(name)) values.set(name, readFieldValue(header, colon + 1, end));
  });
  return values;
}
