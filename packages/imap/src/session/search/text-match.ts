/**
 * The SEARCH keys that need a look into the message: HEADER and its kin, BODY, TEXT, and the
 * dates of its Date header (RFC 3501 §6.4.4), and EMAILID (RFC 8474 §6). Text is compared after
 * decoding transfer encodings, charsets and encoded words, without regard to case.
 */
import {
  decodeEncodedWords,
  foldForSearch,
  listTextRanges,
  parseMessageDate,
  readHeaderFields,
} from '@homeward/mime';
import type { TextRange } from '@homeward/mime';
import { decodeSearchText } from '../../grammar/search-charset.ts';
import type { MessageReader } from '../fetch/message-reader.ts';
import type { FactName } from '../ports.ts';
import { dayNumberOf } from './calendar.ts';
import { type TextKey, comparisons } from './predicate.ts';
import { createNeedleSearch, readFoldedText } from './range-text.ts';

/** Answers all text keys of a search for one message after another. */
export interface TextMatcher {
  /** What `match` needs to have been read of each message. */
  readonly factNames: ReadonlySet<FactName>;
  match(reader: MessageReader): Promise<ReadonlyMap<TextKey, boolean>>;
}

type HeaderKey = Extract<TextKey, { readonly key: 'header' }>;
type ContentKey = Extract<TextKey, { readonly key: 'body' | 'text' }>;
type EmailKey = Extract<TextKey, { readonly key: 'email-id' }>;
type SentKey = Exclude<TextKey, HeaderKey | ContentKey | EmailKey>;
type Answers = Map<TextKey, boolean>;

/** A key whose text is folded already. */
interface Sought<Key> {
  readonly key: Key;
  readonly needle: string;
}

/** The keys of one search, by what they look at. */
interface SortedKeys {
  readonly headers: readonly Sought<HeaderKey>[];
  readonly contents: readonly Sought<ContentKey>[];
  readonly dates: readonly SentKey[];
  readonly emails: readonly EmailKey[];
}

/** Prepares a search. @param charset As in the command, which knows it. */
export function createTextMatcher(
  keys: readonly TextKey[],
  charset: string | undefined,
): TextMatcher {
  const sorted = sortKeys(keys, charset);
  const { headers, contents, dates, emails } = sorted;
  const needsHeader = headers.length > 0 || dates.length > 0;
  const factNames = new Set<FactName>(needsHeader ? ['header'] : []);
  if (contents.length > 0) factNames.add('shape').add('octets');
  if (emails.length > 0) factNames.add('email-id');
  return {
    factNames,
    match: async (reader) => {
      const answers: Answers = new Map();
      for (const key of emails) answers.set(key, reader.facts.emailId === key.objectId);
      if (needsHeader) {
        const header = reader.facts.header ?? (await readHeader(reader));
        matchHeader(header, sorted, answers);
      }
      if (contents.length > 0) await matchContents(reader, contents, answers);
      return answers;
    },
  };
}

function sortKeys(keys: readonly TextKey[], charset: string | undefined): SortedKeys {
  const fold = (text: Uint8Array): string => foldForSearch(decodeSearchText(text, charset));
  const headers: Sought<HeaderKey>[] = [];
  const contents: Sought<ContentKey>[] = [];
  const dates: SentKey[] = [];
  const emails: EmailKey[] = [];
  for (const key of new Set(keys)) {
    if (key.key === 'header') headers.push({ key, needle: fold(key.text) });
    else if (key.key === 'email-id') emails.push(key);
    else if ('text' in key) contents.push({ key, needle: fold(key.text) });
    else dates.push(key);
  }
  return { headers, contents, dates, emails };
}

async function readHeader(reader: MessageReader): Promise<Uint8Array> {
  const shape = await reader.shape();
  if (shape === undefined) return new Uint8Array();
  return reader.gatherHeader({ start: 0, end: shape.root.bodyStart });
}

function matchHeader(
  header: Uint8Array,
  { headers, dates }: Pick<SortedKeys, 'headers' | 'dates'>,
  answers: Answers,
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
  answers: Answers,
): Promise<void> {
  for (const { key, needle } of contents) answers.set(key, needle === '');
  const shape = await reader.shape();
  if (shape === undefined || !(await reader.open())) return;
  let isOwnHeader = true;
  for (const range of listTextRanges(shape.root)) {
    // BODY leaves out the message's own header, which comes first.
    const open = contents.filter(
      ({ key }) => answers.get(key) !== true && !(isOwnHeader && key.key === 'body'),
    );
    isOwnHeader = false;
    if (open.length === 0) continue;
    const searched = searchRange(reader, range, open, answers);
    if (searched !== undefined) await searched;
  }
}

/** Sets the answers of the keys whose text lies in the range. */
function searchRange(
  reader: MessageReader,
  range: TextRange,
  sought: readonly Sought<ContentKey>[],
  answers: Answers,
): Promise<void> | undefined {
  const search = createNeedleSearch(sought.map(({ needle }) => needle));
  const conclude = (): void => {
    for (const [order, { key }] of sought.entries()) {
      if (search.isFound(order)) answers.set(key, true);
    }
  };
  const reading = readFoldedText(reader, range, (folded) => search.push(folded));
  if (reading !== undefined) return reading.then(conclude);
  conclude();
  return undefined;
}
