/**
 * Reads which mailboxes NOTIFY and ESEARCH are about (RFC 5465 §6, §8 filter-mailboxes; RFC 7377 §2.2
 * adds "subtree-one").
 */
import type { ArgumentDecoder } from './argument-decoder.ts';
import type { MailboxFilter, PlainFilter } from './mailbox-filter.ts';

/** Filters without mailboxes, by their word. */
const plainFilters: ReadonlyMap<string, PlainFilter> = new Map([
  ['SELECTED', 'selected'],
  ['SELECTED-DELAYED', 'selected-delayed'],
  ['INBOXES', 'inboxes'],
  ['PERSONAL', 'personal'],
  ['SUBSCRIBED', 'subscribed'],
]);

const naming: ReadonlyMap<string, 'mailboxes' | 'subtree' | 'subtree-one'> = new Map([
  ['MAILBOXES', 'mailboxes'],
  ['SUBTREE', 'subtree'],
  ['SUBTREE-ONE', 'subtree-one'],
]);

/** Reads one filter. Which of them a command may have, it says itself. */
export function parseMailboxFilter(decoder: ArgumentDecoder): MailboxFilter {
  const start = decoder.position;
  const word = decoder.keyword('which mailboxes');
  const plain = plainFilters.get(word);
  if (plain !== undefined) return { filter: plain };
  const filter = naming.get(word);
  if (filter === undefined) return decoder.fail('selected, personal, mailboxes or the like', start);
  decoder.space();
  const mailboxes = decoder.comesNext('(')
    ? decoder.list(() => decoder.mailbox())
    : [decoder.mailbox()];
  return { filter, mailboxes };
}
