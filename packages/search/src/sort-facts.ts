/**
 * What SORT and THREAD need to know of a message (RFC 5256, RFC 5957), worked out once, when it
 * arrives: folded, bounded, ready to be compared. `sort-facts-codec.ts` stores it.
 */
import {
  decodeEncodedWords,
  type EnvelopeAddress,
  type MessageShape,
  parseMessageDate,
  readHeaderField,
} from '@homeward/mime';
import { extractBaseSubject } from './base-subject.ts';
import { foldKey } from './collation.ts';
import { type MessageIdKey, messageIdKeyOf, parseMessageIds } from './message-id.ts';

/** Texts are folded by `foldKey`; a missing header gives the empty text (RFC 5256 §3 SORT). */
export interface SortFacts {
  /** Base subject. */
  readonly subject: string;
  readonly isReplyOrForward: boolean;
  /** RFC 5256 §2.2; undefined if there is none that can be read: take the INTERNALDATE. */
  readonly sentDateMs: number | undefined;
  /**
   * The day of the Date header on the sender's calendar, in days since 1970-01-01, as SENTON
   * and its kin compare it (RFC 3501 §6.4.4); undefined with `sentDateMs`.
   */
  readonly sentDay: number | undefined;
  /** addr-mailbox of the first address. */
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  /** RFC 5957 §3. */
  readonly displayFrom: string;
  readonly displayTo: string;
  readonly messageId: MessageIdKey | undefined;
  /** Oldest first: References, else the first of In-Reply-To; at most `maxReferences`. */
  readonly references: readonly MessageIdKey[];
}

/**
 * References that are kept: the first, which names the thread, and the last ones, which say
 * where in it the message belongs.
 */
export const maxReferences = 64;

/**
 * @param shape As the scanner gives it.
 * @param header The message's own header, for References, which the envelope lacks; undefined
 *   if it is too large to be had, and then In-Reply-To has to do.
 */
export function makeSortFacts(
  { envelope }: Pick<MessageShape, 'envelope'>,
  header: Uint8Array | undefined,
): SortFacts {
  const subject = extractBaseSubject(decodeEncodedWords(envelope.subject ?? ''));
  const date = parseMessageDate(envelope.date ?? '');
  const [messageId] = parseMessageIds(envelope.messageId ?? '', 1);
  return {
    subject: foldKey(subject.text),
    isReplyOrForward: subject.isReplyOrForward,
    sentDateMs: date?.timeMs,
    sentDay: date && Math.floor(Date.UTC(date.year, date.month - 1, date.day) / 86_400_000),
    from: mailboxKey(envelope.from),
    to: mailboxKey(envelope.to),
    cc: mailboxKey(envelope.cc),
    displayFrom: displayKey(envelope.from),
    displayTo: displayKey(envelope.to),
    messageId: messageId === undefined ? undefined : messageIdKeyOf(messageId),
    references: readReferences(envelope.inReplyTo, header).map(messageIdKeyOf),
  };
}

/** RFC 5256 §3 REFERENCES: In-Reply-To counts only without any valid References. */
function readReferences(
  inReplyTo: string | undefined,
  header: Uint8Array | undefined,
): readonly string[] {
  const field = header && readHeaderField(header, 'references');
  const references = parseMessageIds(field ?? '');
  if (references.length === 0) return parseMessageIds(inReplyTo ?? '', 1);
  if (references.length <= maxReferences) return references;
  return [...references.slice(0, 1), ...references.slice(1 - maxReferences)];
}

function mailboxKey([first]: readonly EnvelopeAddress[]): string {
  return foldKey(decodeEncodedWords(first?.mailbox ?? ''));
}

/** RFC 5957 §3. */
function displayKey([first]: readonly EnvelopeAddress[]): string {
  if (first === undefined) return '';
  const name = decodeEncodedWords(first.name ?? '');
  if (name !== '') return foldKey(name);
  const { mailbox, host } = first;
  if (mailbox === undefined) return '';
  return foldKey(decodeEncodedWords(host === undefined ? mailbox : `${mailbox}@${host}`));
}
