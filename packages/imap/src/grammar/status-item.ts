/**
 * What STATUS may ask for (RFC 3501 §6.3.10; MAILBOXID, RFC 8474 §4.3; SIZE, RFC 8438 §2;
 * HIGHESTMODSEQ, RFC 7162 §3.1.7; DELETED and DELETED-STORAGE, RFC 9208 §4.1.4; APPENDLIMIT,
 * RFC 7889 §3), as data: a new item is one row. LIST … RETURN (STATUS …) reads the same (RFC 5819
 * §4).
 */
import type { ArgumentDecoder } from './argument-decoder.ts';
import type { StatusItem } from './command.ts';

/** Items by their word. */
export const STATUS_ITEMS: ReadonlyMap<string, StatusItem> = new Map([
  ['MESSAGES', 'messages'],
  ['RECENT', 'recent'],
  ['UIDNEXT', 'uid-next'],
  ['UIDVALIDITY', 'uid-validity'],
  ['UNSEEN', 'unseen'],
  ['SIZE', 'size'],
  ['DELETED', 'deleted'],
  ['DELETED-STORAGE', 'deleted-storage'],
  ['APPENDLIMIT', 'append-limit'],
  ['MAILBOXID', 'mailbox-id'],
  ['HIGHESTMODSEQ', 'highest-mod-seq'],
]);

/** `"(" status-att *(SP status-att) ")"`; each item once. */
export function parseStatusItems(decoder: ArgumentDecoder): readonly StatusItem[] {
  const items = decoder.list(() => {
    const start = decoder.position;
    const item = STATUS_ITEMS.get(decoder.keyword('a STATUS item'));
    return item ?? decoder.fail('a known STATUS item', start);
  });
  return [...new Set(items)];
}
