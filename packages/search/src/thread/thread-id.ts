/**
 * THREADID (RFC 8474 §5.2): which conversation a message belongs to, told by the message alone.
 *
 * It is named after the first message of the conversation: the first of the message's
 * References, which programs keep when they shorten the list (RFC 5322 §3.6.4), else what it
 * replies to, else itself. So it needs no memory of other messages, is the same in all folders
 * and never changes, which the RFC demands; nobody has to look for a thread at delivery.
 *
 * Where it errs, it separates: an answer without References to an answer starts a conversation
 * of its own, which THREAD=REFERENCES would join. It joins strangers only where a header says
 * so: somebody who starts a new subject by answering an old message.
 */
import type { SortFacts } from '../sort-facts.ts';

/**
 * @param emailId Of the same message (RFC 8474 §5.1), for one that names nothing, not even
 *   itself: it is a conversation of its own. Must not start with "T".
 * @returns an objectid of at most 254 characters if `emailId` has at most 253.
 */
export function threadIdOf(
  { messageId, references }: Pick<SortFacts, 'messageId' | 'references'>,
  emailId: string,
): string {
  const first = references[0] ?? messageId;
  return first === undefined ? `T${emailId}` : `T${first.toString(16).padStart(14, '0')}`;
}
