/**
 * Which mailboxes NOTIFY and ESEARCH are about (RFC 5465 §6, §8 filter-mailboxes; RFC 7377 §2.2
 * adds "subtree-one").
 */
import type { ArgumentDecoder } from './argument-decoder.ts';

type PlainFilter = 'selected' | 'selected-delayed' | 'inboxes' | 'personal' | 'subscribed';

/** One filter, as sent. */
export type MailboxFilter =
  | { readonly filter: PlainFilter }
  | {
      readonly filter: 'mailboxes' | 'subtree' | 'subtree-one';
      readonly mailboxes: readonly string[];
    };

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
