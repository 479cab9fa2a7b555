/**
 * The SEARCH keys that need a look into the message: HEADER and its kin, BODY, TEXT, and the
 * dates of its Date header (RFC 3501 §6.4.4), EMAILID and THREADID (RFC 8474 §6), and the
 * date on which it was saved (RFC 8514 §4.3). Text is compared after
 * decoding transfer encodings, charsets and encoded words, without regard to case.
 */
import { createHeaderSearch, foldForSearch, listTextRanges } from '@homeward/mime';
import type { HeaderSearch, TextRange } from '@homeward/mime';
import { decodeSearchText } from '../../grammar/search-charset.ts';
import type { MessageReader } from '../fetch/message-reader.ts';
import { THREAD_ID_FACTS, sortFactsOf, threadIdOfMessage } from '../fetch/message-sort-facts.ts';
import type { FactName } from '../ports.ts';
import { dayNumberOf, dayNumberOfInternalDate } from './calendar.ts';
import { type TextKey, comparisons, savedComparisons } from './predicate.ts';
import { createNeedleSearch, readFoldedText } from './range-text.ts';

/** Answers all text keys of a search for one message after another. */
export interface TextMatcher {
  /** What `match` needs to have been read of each message. */
  readonly factNames: ReadonlySet<FactName>;
  /** @param rulesOut Whether it is known that the message does not match a key. */
  match(
    reader: MessageReader,
    rulesOut: (key: TextKey) => boolean,
  ): Promise<ReadonlyMap<TextKey, boolean>>;
}

/** The text of a key in the form in which texts are compared. */
export function foldSearchText(text: Uint8Array, charset: string | undefined): string {
  return foldForSearch(decodeSearchText(text, charset));
}

type HeaderKey = Extract<TextKey, { readonly key: 'header' }>;
type ContentKey = Extract<TextKey, { readonly key: 'body' | 'text' }>;
type ObjectKey = Extract<TextKey, { readonly key: 'email-id' | 'thread-id' }>;
type SavedKey = Extract<TextKey, { readonly key: keyof typeof savedComparisons }>;
type SentKey = Exclude<TextKey, HeaderKey | ContentKey | ObjectKey | SavedKey>;
type Answers = Map<TextKey, boolean>;

const noOctets = new Uint8Array();

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
  readonly objects: readonly ObjectKey[];
  readonly saved: readonly SavedKey[];
}

/** Prepares a search. @param charset As in the command, which knows it. */
export function createTextMatcher(
  keys: readonly TextKey[],
  charset: string | undefined,
): TextMatcher {
  const sorted = sortKeys(keys, charset);
  const { headers, contents, dates, objects, saved } = sorted;
  const factNames = new Set<FactName>(headers.length > 0 ? ['header'] : []);
  if (contents.length > 0) factNames.add('shape').add('octets');
  if (dates.length > 0) factNames.add('sort-facts');
  if (saved.length > 0) factNames.add('save-date');
  if (objects.length > 0) for (const name of THREAD_ID_FACTS) factNames.add(name);
  const headerSearch = createHeaderSearch(
    headers.map(({ key, needle }) => ({ field: key.field, text: needle })),
  );
  return {
    factNames,
    match: async (reader, rulesOut) => {
      const answers: Answers = new Map();
      if (objects.length > 0) await matchObjects(reader, objects, answers);
      if (dates.length > 0) await matchDates(reader, dates, answers);
      matchSaved(reader.facts.saveDateMs, saved, answers);
      if (headers.length > 0) {
        const isOpen = headers.some(({ key }) => !rulesOut(key));
        const header = isOpen ? (reader.facts.header ?? (await readHeader(reader))) : noOctets;
        matchHeader(header, headerSearch, headers, answers);
      }
      if (contents.length > 0) await matchContents(reader, contents, answers, rulesOut);
      return answers;
    },
  };
}

function sortKeys(keys: readonly TextKey[], charset: string | undefined): SortedKeys {
  const fold = (text: Uint8Array): string => foldSearchText(text, charset);
  const headers: Sought<HeaderKey>[] = [];
  const contents: Sought<ContentKey>[] = [];
  const dates: SentKey[] = [];
  const objects: ObjectKey[] = [];
  const saved: SavedKey[] = [];
  for (const key of new Set(keys)) {
    if (key.key === 'header') headers.push({ key, needle: fold(key.text) });
    else if ('objectId' in key) objects.push(key);
    else if (isSavedKey(key)) saved.push(key);
    else if ('text' in key) contents.push({ key, needle: fold(key.text) });
    else dates.push(key);
  }
  return { headers, contents, dates, objects, saved };
}

function isSavedKey(key: TextKey): key is SavedKey {
  return Object.hasOwn(savedComparisons, key.key);
}

/** In UTC, as FETCH shows it; left open if nobody knows (RFC 8514 §4.3). */
function matchSaved(
  epochMs: number | undefined,
  saved: readonly SavedKey[],
  answers: Answers,
): void {
  if (epochMs === undefined) return;
  const day = dayNumberOfInternalDate({ epochMs, zoneMinutes: 0 });
  for (const key of saved) {
    answers.set(key, comparisons[savedComparisons[key.key]](day, dayNumberOf(key.day)));
  }
}

async function readHeader(reader: MessageReader): Promise<Uint8Array> {
  const shape = await reader.shape();
  if (shape === undefined) return new Uint8Array();
  return reader.gatherHeader({ start: 0, end: shape.root.bodyStart });
}

async function matchObjects(
  reader: MessageReader,
  objects: readonly ObjectKey[],
  answers: Answers,
): Promise<void> {
  for (const key of objects) {
    const id = key.key === 'email-id' ? reader.facts.emailId : await threadIdOfMessage(reader);
    answers.set(key, id === key.objectId);
  }
}

/** By the day on the sender's calendar: without time and zone (RFC 3501 §6.4.4). */
async function matchDates(
  reader: MessageReader,
  dates: readonly SentKey[],
  answers: Answers,
): Promise<void> {
  const facts = sortFactsOf(reader);
  const day = (facts instanceof Promise ? await facts : facts)?.sentDay;
  for (const key of dates) {
    const compare = comparisons[sentComparisons[key.key]];
    answers.set(key, day !== undefined && compare(day, dayNumberOf(key.day)));
  }
}

/** All fields in one walk through the header. */
function matchHeader(
  header: Uint8Array,
  search: HeaderSearch,
  headers: readonly Sought<HeaderKey>[],
  answers: Answers,
): void {
  const found = search.match(header);
  for (const [order, { key }] of headers.entries()) answers.set(key, found[order] === true);
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
  rulesOut: (key: TextKey) => boolean,
): Promise<void> {
  for (const { key, needle } of contents) answers.set(key, needle === '');
  const possible = contents.filter(({ key }) => !rulesOut(key));
  if (possible.length === 0) return;
  const shape = await reader.shape();
  if (shape === undefined || !(await reader.open())) return;
  let isOwnHeader = true;
  for (const range of listTextRanges(shape.root)) {
    // BODY leaves out the message's own header, which comes first.
    const open = possible.filter(
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
