/**
 * The SEARCH keys that need a look into the message: HEADER and its kin, BODY, TEXT, and the
 * dates of its Date header (RFC 3501 §6.4.4). Text is compared after decoding transfer
 * encodings, charsets and encoded words, without regard to case.
 */
import {
  type FoldedSearch,
  type TextRange,
  createFoldedSearch,
  createTextExtractor,
  decodeEncodedWords,
  foldForSearch,
  listTextRanges,
  parseMessageDate,
  readHeaderFields,
} from '@homeward/mime';
import { decodeSearchText } from '../../grammar/search-charset.ts';
import type { MessageReader } from '../fetch/message-reader.ts';
import type { FactName } from '../ports.ts';
import { dayNumberOf } from './calendar.ts';
import { type TextKey, comparisons } from './predicate.ts';

/** Answers all text keys of a search for one message after another. */
export interface TextMatcher {
  /** What `match` needs to have been read of each message. */
  readonly factNames: ReadonlySet<FactName>;
  match(reader: MessageReader): Promise<ReadonlyMap<TextKey, boolean>>;
}

type HeaderKey = Extract<TextKey, { readonly key: 'header' }>;
type ContentKey = Extract<TextKey, { readonly key: 'body' | 'text' }>;
type SentKey = Exclude<TextKey, HeaderKey | ContentKey>;

/** A key whose text is folded already. */
interface Sought<Key> {
  readonly key: Key;
  readonly needle: string;
}

/** Prepares a search. @param charset As in the command, which knows it. */
export function createTextMatcher(
  keys: readonly TextKey[],
  charset: string | undefined,
): TextMatcher {
  const fold = (text: Uint8Array): string => foldForSearch(decodeSearchText(text, charset));
  const headers: Sought<HeaderKey>[] = [];
  const contents: Sought<ContentKey>[] = [];
  const dates: SentKey[] = [];
  for (const key of new Set(keys)) {
    if (key.key === 'header') headers.push({ key, needle: fold(key.text) });
    else if ('text' in key) contents.push({ key, needle: fold(key.text) });
    else dates.push(key);
  }
  const needsHeader = headers.length > 0 || dates.length > 0;
  const factNames = new Set<FactName>(needsHeader ? ['header'] : []);
  if (contents.length > 0) factNames.add('shape').add('octets');
  return {
    factNames,
    match: async (reader) => {
      const answers = new Map<TextKey, boolean>();
      if (needsHeader) matchHeader(await headerOf(reader), headers, dates, answers);
      if (contents.length > 0) await matchContents(reader, contents, answers);
      return answers;
    },
  };
}

async function headerOf(reader: MessageReader): Promise<Uint8Array> {
  if (reader.facts.header !== undefined) return reader.facts.header;
  const shape = await reader.shape();
  if (shape === undefined || !(await reader.open())) return new Uint8Array();
  return reader.gather({ start: 0, end: shape.root.bodyStart });
}

function matchHeader(
  header: Uint8Array,
  headers: readonly Sought<HeaderKey>[],
  dates: readonly SentKey[],
  answers: Map<TextKey, boolean>,
): void {
  for (const { key, needle } of headers) {
    const values = readHeaderFields(header, key.field);
    // An empty text asks whether there is such a field (RFC 3501 §6.4.4 HEADER).
    const isFound = values.some((value) =>
      foldForSearch(decodeEncodedWords(value)).includes(needle),
    );
    answers.set(key, isFound);
  }
  if (dates.length === 0) return;
  const date = parseMessageDate(readHeaderFields(header, 'date')[0] ?? '');
  const day = date && dayNumberOf(date);
  for (const key of dates) {
    const compare = comparisons[sentComparisons[key.key]];
    answers.set(key, day !== undefined && compare(day, dayNumberOf(key.day)));
  }
}

const sentComparisons = {
  'sent-before': 'before',
  'sent-on': 'on',
  'sent-since': 'since',
} as const;

/** One search through the text ranges, all BODY and TEXT keys at once, in bounded memory. */
async function matchContents(
  reader: MessageReader,
  contents: readonly Sought<ContentKey>[],
  answers: Map<TextKey, boolean>,
): Promise<void> {
  for (const { key, needle } of contents) answers.set(key, needle === '');
  const shape = await reader.shape();
  if (shape === undefined || !(await reader.open())) return;
  for (const [at, range] of listTextRanges(shape.root).entries()) {
    // BODY leaves out the message's own header, which comes first.
    const open = contents.filter(
      ({ key }) => answers.get(key) !== true && (at > 0 || key.key === 'text'),
    );
    if (open.length === 0) continue;
    for (const key of await searchRange(reader, range, open)) answers.set(key, true);
  }
}

/** @returns the keys whose text lies in the range. */
async function searchRange(
  reader: MessageReader,
  range: TextRange,
  sought: readonly Sought<ContentKey>[],
): Promise<readonly ContentKey[]> {
  if (range.kind === 'header') {
    const octets = await reader.gather(range);
    const text = foldForSearch(decodeEncodedWords(unfold(octets)));
    return sought.filter(({ needle }) => text.includes(needle)).map(({ key }) => key);
  }
  const searches = sought.map(({ key, needle }) => ({ key, search: createFoldedSearch(needle) }));
  const extractor = createTextExtractor(range.part);
  for await (const octets of reader.read(range)) feed(searches, extractor.push(octets));
  feed(searches, extractor.finish());
  return searches.filter(({ search }) => search.push('')).map(({ key }) => key);
}

function feed(searches: readonly { readonly search: FoldedSearch }[], text: string): void {
  for (const { search } of searches) search.push(text);
}

/** A header's octets as the Latin-1 text that `decodeEncodedWords` takes, one line a field. */
function unfold(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length)
    .toString('latin1')
    .replaceAll(/\r?\n(?=[ \t])/g, '');
}
