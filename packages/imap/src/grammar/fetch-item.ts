/**
 * What FETCH may ask for (RFC 3501 §6.4.5, §9 fetch-att; RFC 3516 §7; RFC 7162 §3.1.4;
 * RFC 8474 §4.2, §5.2; RFC 8514 §4.2; RFC 8970 §3), as data: a new plain item is one row here.
 */
import type { ArgumentDecoder } from './argument-decoder.ts';
import type { FetchItem } from './command.ts';
import { formatSection, parsePartial, parseSection, parseSectionPart } from './section.ts';

type PlainItemName = Exclude<FetchItem['item'], ArgumentItemName>;

type ArgumentItemName = 'body-section' | 'binary' | 'binary-size' | 'preview';

/** Items without arguments, by their word. */
export const PLAIN_FETCH_ITEMS: Readonly<Record<string, PlainItemName>> = {
  FLAGS: 'flags',
  INTERNALDATE: 'internal-date',
  'RFC822.SIZE': 'rfc822-size',
  ENVELOPE: 'envelope',
  BODY: 'body',
  BODYSTRUCTURE: 'body-structure',
  UID: 'uid',
  RFC822: 'rfc822',
  'RFC822.HEADER': 'rfc822-header',
  'RFC822.TEXT': 'rfc822-text',
  EMAILID: 'email-id',
  THREADID: 'thread-id',
  MODSEQ: 'mod-seq',
  SAVEDATE: 'save-date',
};

const plainItems: ReadonlyMap<string, FetchItem> = new Map(
  Object.entries(PLAIN_FETCH_ITEMS).map(([word, item]) => [word, { item }]),
);

function macro(...words: readonly string[]): readonly FetchItem[] {
  return words.flatMap((word) => plainItems.get(word) ?? []);
}

const macros: ReadonlyMap<string, readonly FetchItem[]> = new Map([
  ['FAST', macro('FLAGS', 'INTERNALDATE', 'RFC822.SIZE')],
  ['ALL', macro('FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE')],
  ['FULL', macro('FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY')],
]);

/** Reads a macro, one item, or a list of items; what is asked twice is answered once. */
export function parseFetchItems(decoder: ArgumentDecoder): readonly FetchItem[] {
  if (decoder.comesNext('(')) {
    return withoutDoubleItems(decoder.list(() => parseFetchItem(decoder)));
  }
  const start = decoder.position;
  const word = decoder.keyword('FETCH items');
  return macros.get(word) ?? [itemOf(word, start, decoder)];
}

function parseFetchItem(decoder: ArgumentDecoder): FetchItem {
  const start = decoder.position;
  return itemOf(decoder.keyword('a FETCH item'), start, decoder);
}

function itemOf(word: string, start: number, decoder: ArgumentDecoder): FetchItem {
  if ((word === 'BODY' && decoder.comesNext('[')) || word === 'BODY.PEEK') {
    const section = parseSection(decoder);
    const partial = parsePartial(decoder);
    const peek = word === 'BODY.PEEK';
    return { item: 'body-section', section, peek, partial, label: formatSection(section) };
  }
  if (word === 'BINARY' || word === 'BINARY.PEEK') {
    const part = parseSectionPart(decoder);
    return { item: 'binary', part, peek: word === 'BINARY.PEEK', partial: parsePartial(decoder) };
  }
  if (word === 'BINARY.SIZE') return { item: 'binary-size', part: parseSectionPart(decoder) };
  // What follows a blank may be a modifier of FETCH itself.
  if (word === 'PREVIEW') return { item: 'preview', isLazy: decoder.tryPhrase(' (LAZY)') };
  return plainItems.get(word) ?? decoder.fail('a known FETCH item', start);
}

function withoutDoubleItems(items: readonly FetchItem[]): readonly FetchItem[] {
  if (items.length < 2) return items;
  const seen = new Set<string>();
  return items.filter((item) => {
    const identity = identityOf(item);
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}

function identityOf(item: FetchItem): string {
  if (item.item === 'binary-size') return `binary-size[${item.part.join('.')}]`;
  if (item.item !== 'body-section' && item.item !== 'binary') return item.item;
  const partial = item.partial === undefined ? '' : `<${item.partial.start}.${item.partial.count}>`;
  const label = item.item === 'binary' ? `binary ${item.part.join('.')}` : item.label;
  return `${item.peek ? 'peek' : 'read'}[${label}]${partial}`;
}
