/**
 * What a FETCH needs before it starts: which facts to read, and whether it sets \Seen.
 */
import type { CommandOf, FetchItem } from '../../grammar/command.ts';
import type { FactName } from '../ports.ts';

/** Derived from the command once; the same for all its messages. */
export interface FetchPlan {
  readonly items: readonly FetchItem[];
  readonly factNames: ReadonlySet<FactName>;
  /** A BODY[…] without PEEK, RFC822 or RFC822.TEXT is among the items (RFC 3501 §6.4.5). */
  readonly marksSeen: boolean;
  readonly asksFlags: boolean;
}

/** UID FETCH answers with UID whether asked for or not (RFC 3501 §6.4.8). */
export function planFetch(command: CommandOf<'fetch'>): FetchPlan {
  const asksUid = command.items.some(({ item }) => item === 'uid');
  const needsUid = command.numbering === 'uid' && !asksUid;
  const items: readonly FetchItem[] = needsUid
    ? [{ item: 'uid' }, ...command.items]
    : command.items;
  const factNames = new Set<FactName>();
  for (const item of items) {
    for (const name of factsOf(item)) factNames.add(name);
  }
  return {
    items,
    factNames,
    marksSeen: items.some(setsSeen),
    asksFlags: items.some(({ item }) => item === 'flags'),
  };
}

function setsSeen(item: FetchItem): boolean {
  if (item.item === 'body-section') return !item.peek;
  return item.item === 'rfc822' || item.item === 'rfc822-text';
}

function factsOf(item: FetchItem): readonly FactName[] {
  switch (item.item) {
    case 'envelope':
    case 'body':
    case 'body-structure':
    case 'email-id':
      return [item.item];
    case 'rfc822':
      return ['octets'];
    case 'rfc822-header':
      return ['header'];
    case 'rfc822-text':
      return ['header', 'octets'];
    case 'body-section':
      return factsOfSection(item);
    case 'flags':
    case 'internal-date':
    case 'rfc822-size':
    case 'uid':
    case 'thread-id':
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
