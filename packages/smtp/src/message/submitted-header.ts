/**
 * What a submission server does to a header (RFC 6409 §8): adds Date and Message-ID where a mail
 * program left them out, drops Bcc (RFC 5322 §3.6.3) and Return-Path, puts its trace in front. All other fields
 * stay, octet for octet.
 */
import { formatDateTime } from './date-time.ts';
import { splitFields, type RawField } from './header-fields.ts';
import { formatReceived, type ReceivedFacts } from './received.ts';

/** Why a header cannot be sent on; closed list. */
export type HeaderProblem =
  /** RFC 5322 §3.6: nobody says who wrote it. */
  | 'no-from'
  /** A field that may come once comes twice: two readers would see two different ones. */
  | 'twice'
  /** RFC 5321 §6.3: it goes in circles. */
  | 'loop';

export type PreparedHeader =
  | { readonly ok: true; readonly octets: Buffer; readonly fields: readonly RawField[] }
  | { readonly ok: false; readonly problem: HeaderProblem };

export interface SubmissionFacts extends ReceivedFacts {
  /** For a Message-ID that is made here: unique, without blanks and brackets. */
  readonly messageId: string;
}

/** RFC 5321 §6.3 asks for at least 100. */
const HOP_LIMIT = 100;
/** Final delivery alone says where a message came from (RFC 5321 §4.4). */
const DROPPED: ReadonlySet<string> = new Set(['bcc', 'resent-bcc', 'return-path']);
/** RFC 5322 §3.6. */
const SINGLE: ReadonlySet<string> = new Set(['from', 'sender', 'date', 'message-id', 'subject']);

/**
 * @param header As the client sent it, without the empty line behind it.
 * @returns With the empty line.
 */
export function prepareSubmittedHeader(header: Buffer, facts: SubmissionFacts): PreparedHeader {
  const fields = splitFields(header);
  const counts = countNames(fields);
  if (!counts.has('from')) return { ok: false, problem: 'no-from' };
  for (const name of SINGLE)
    if ((counts.get(name) ?? 0) > 1) return { ok: false, problem: 'twice' };
  if ((counts.get('received') ?? 0) >= HOP_LIMIT) return { ok: false, problem: 'loop' };
  const kept = fields.filter(({ name }) => !DROPPED.has(name));
  const octets = Buffer.concat([
    Buffer.from(formatReceived(facts), 'latin1'),
    ...kept.map((field) => field.octets),
    // In latin1 letters of other scripts would become CR or LF.
    Buffer.from(formatMissing(counts, facts), 'utf8'),
    Buffer.from('\r\n'),
  ]);
  return { ok: true, octets, fields: kept };
}

function countNames(fields: readonly RawField[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of fields) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function formatMissing(counts: ReadonlyMap<string, number>, facts: SubmissionFacts): string {
  const date = counts.has('date') ? '' : `Date: ${formatDateTime(facts.atMs)}\r\n`;
  const messageId = counts.has('message-id') ? '' : `Message-ID: <${facts.messageId}>\r\n`;
  return date + messageId;
}
