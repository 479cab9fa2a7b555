/**
 * What a FETCH needs before it starts: which facts to read, whether it sets \Seen, and its items
 * in the order in which they are answered.
 *
 * The order of items in an answer is the server's (RFC 3501 §7.4.2). What the folder's index
 * knows comes first: it is formatted before anything has to be waited for.
 */
import type { CommandOf, FetchItem } from '../../grammar/command.ts';
import type { EnabledExtensions } from '../enabled-extensions.ts';
import type { FactName } from '../ports.ts';
import { THREAD_ID_FACTS } from './message-sort-facts.ts';

/** Items that the folder's index answers. */
export type IndexItem = Extract<
  FetchItem['item'],
  'flags' | 'uid' | 'internal-date' | 'rfc822-size' | 'mod-seq'
>;

/** All others: they need facts, or the message itself. */
export type ContentItem =
  | ArgumentItem
  | { readonly item: Exclude<FetchItem['item'], IndexItem | ArgumentItem['item']> };

/** Items that say what of the message they mean. */
type ArgumentItem = Extract<
  FetchItem,
  { readonly item: 'body-section' | 'binary' | 'binary-size' | 'preview' }
>;

/** What a client has enabled that matters here. */
type FetchModes = Pick<EnabledExtensions, 'condstore' | 'rev2' | 'uidOnly'>;

/** Derived from the command once; the same for all its messages. */
export interface FetchPlan {
  readonly indexItems: readonly IndexItem[];
  /** The same for messages that became \Seen by the command itself (RFC 3501 §6.4.5). */
  readonly seenItems: readonly IndexItem[];
  readonly contentItems: readonly ContentItem[];
  readonly factNames: ReadonlySet<FactName>;
  /** Octets of the messages themselves may be read. */
  readonly readsOctets: boolean;
  /** A BODY[…] or BINARY[…] without PEEK, RFC822 or RFC822.TEXT is among the items (RFC 3501 §6.4.5). */
  readonly marksSeen: boolean;
  readonly asksFlags: boolean;
  /** Answers are UIDFETCH, which begins with the UID (RFC 9586 §3.3). */
  readonly isUidFetch: boolean;
}

/**
 * UID FETCH answers with UID whether asked for or not (RFC 3501 §6.4.8), CHANGEDSINCE with MODSEQ
 * (RFC 7162 §3.1.4.1).
 */
export function planFetch(
  command: Pick<CommandOf<'fetch'>, 'items' | 'numbering' | 'changedSince'>,
  enabled: FetchModes,
): FetchPlan {
  const indexItems: IndexItem[] = [];
  const contentItems: ContentItem[] = [];
  const factNames = new Set<FactName>();
  for (const item of command.items) {
    if (isIndexItem(item.item)) indexItems.push(item.item);
    else contentItems.push(item as ContentItem);
    for (const name of factsOf(item)) factNames.add(name);
  }
  const tellsUid = command.numbering === 'uid' && !enabled.uidOnly;
  if (tellsUid && !indexItems.includes('uid')) indexItems.unshift('uid');
  if (command.changedSince !== undefined && !indexItems.includes('mod-seq')) {
    indexItems.push('mod-seq');
  }
  return {
    indexItems,
    seenItems: withFlags(indexItems, enabled),
    contentItems,
    factNames,
    readsOctets: factNames.has('octets'),
    marksSeen: contentItems.some(setsSeen),
    asksFlags: indexItems.includes('flags'),
    isUidFetch: enabled.uidOnly,
  };
}

/** As in every FETCH that was not asked for (RFC 7162 §3.2.4, RFC 9051 §7.5.2). */
function withFlags(
  items: readonly IndexItem[],
  { condstore, rev2, uidOnly }: FetchModes,
): readonly IndexItem[] {
  const wanted: IndexItem[] = ['flags'];
  if ((condstore || rev2) && !uidOnly) wanted.unshift('uid');
  if (condstore) wanted.push('mod-seq');
  return [...items, ...wanted.filter((item) => !items.includes(item))];
}

function isIndexItem(item: FetchItem['item']): item is IndexItem {
  return (
    item === 'flags' ||
    item === 'uid' ||
    item === 'internal-date' ||
    item === 'rfc822-size' ||
    item === 'mod-seq'
  );
}

function setsSeen(item: ContentItem): boolean {
  if (item.item === 'body-section' || item.item === 'binary') return !item.peek;
  return item.item === 'rfc822' || item.item === 'rfc822-text';
}

function factsOf(item: FetchItem): readonly FactName[] {
  switch (item.item) {
    case 'envelope':
    case 'body':
    case 'body-structure':
    case 'email-id':
    case 'save-date':
    case 'preview':
      return [item.item];
    case 'thread-id':
      return THREAD_ID_FACTS;
    case 'rfc822':
      return ['octets'];
    case 'rfc822-header':
      return ['header'];
    case 'rfc822-text':
      return ['header', 'octets'];
    case 'body-section':
      return factsOfSection(item);
    case 'binary':
    case 'binary-size':
      return item.part.length > 0 ? ['shape', 'octets'] : ['octets'];
    case 'flags':
    case 'internal-date':
    case 'rfc822-size':
    case 'uid':
    case 'mod-seq':
      return [];
  }
}

function factsOfSection({
  section,
}: Extract<FetchItem, { readonly item: 'body-section' }>): readonly FactName[] {
  if (section.part.length > 0) return ['shape', 'octets'];
  switch (section.text.kind) {
    case 'all':
      return ['octets'];
    case 'text':
      return ['header', 'octets'];
    case 'header':
    case 'header-fields':
    case 'header-fields-not':
      return ['header'];
    case 'mime':
      // The grammar refuses MIME without a part number.
      return ['shape', 'octets'];
  }
}
