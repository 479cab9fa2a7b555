/** STATUS (RFC 3501 §6.3.10, RFC 8474 §4.3). */
import type { StatusItem } from '../command.ts';
import type { CommandSyntax } from './command-syntax.ts';

/** Items by their word: a new one is one row. */
export const STATUS_ITEMS: ReadonlyMap<string, StatusItem> = new Map([
  ['MESSAGES', 'messages'],
  ['RECENT', 'recent'],
  ['UIDNEXT', 'uid-next'],
  ['UIDVALIDITY', 'uid-validity'],
  ['UNSEEN', 'unseen'],
  ['MAILBOXID', 'mailbox-id'],
]);

/** `status SP mailbox SP "(" status-att *(SP status-att) ")"`; each item once. */
export const statusSyntax: CommandSyntax = {
  word: 'STATUS',
  parse(decoder) {
    decoder.space();
    const mailbox = decoder.mailbox();
    decoder.space();
    const items = decoder.list(() => {
      const start = decoder.position;
      const item = STATUS_ITEMS.get(decoder.keyword('a STATUS item'));
      return item ?? decoder.fail('a known STATUS item', start);
    });
    return { name: 'status', mailbox, items: [...new Set(items)] };
  },
};
