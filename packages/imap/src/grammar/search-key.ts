/**
 * SEARCH keys (RFC 3501 §6.4.4, §9 search-key; RFC 7162 §3.1.5; RFC 8474 §6; RFC 8514 §4.3) as
 * data: a later key is one row more. SORT, THREAD and filters read the same criteria.
 */
import type { ArgumentDecoder } from './argument-decoder.ts';
import type { SearchKey } from './command.ts';
import { parseFieldName } from './section.ts';

type KeyParser = (decoder: ArgumentDecoder) => SearchKey;

const plain =
  (key: 'all' | 'new' | 'old' | 'recent'): KeyParser =>
  () => ({ key });

const systemFlag =
  (flag: string, isSet: boolean): KeyParser =>
  () => ({ key: 'flag', flag, isSet });

const keyword =
  (isSet: boolean): KeyParser =>
  (decoder) => {
    decoder.space();
    return { key: 'flag', flag: decoder.atom('a keyword'), isSet };
  };

const day =
  (key: Extract<SearchKey, { readonly day: unknown }>['key']): KeyParser =>
  (decoder) => {
    decoder.space();
    return { key, day: decoder.date() };
  };

const size =
  (key: 'larger' | 'smaller'): KeyParser =>
  (decoder) => {
    decoder.space();
    return { key, sizeBytes: decoder.largeNumber('a size in octets') };
  };

const seconds =
  (key: 'older' | 'younger'): KeyParser =>
  (decoder) => {
    decoder.space();
    return { key, seconds: decoder.nzNumber('a number of seconds') };
  };

const text =
  (key: 'body' | 'text'): KeyParser =>
  (decoder) => {
    decoder.space();
    return { key, text: decoder.astringOctets('a text to look for') };
  };

const field =
  (name: string): KeyParser =>
  (decoder) => {
    decoder.space();
    return { key: 'header', field: name, text: decoder.astringOctets('a text to look for') };
  };

const header: KeyParser = (decoder) => {
  decoder.space();
  const name = parseFieldName(decoder);
  decoder.space();
  return { key: 'header', field: name, text: decoder.astringOctets('a text to look for') };
};

/** objectid (RFC 8474 §7). */
const OBJECT_ID = /^[A-Za-z0-9_-]{1,255}$/;

const objectId =
  (key: 'email-id' | 'thread-id'): KeyParser =>
  (decoder) => {
    decoder.space();
    const start = decoder.position;
    const id = decoder.atom('an object id');
    return OBJECT_ID.test(id) ? { key, objectId: id } : decoder.fail('an object id', start);
  };

/** `MODSEQ [SP entry-name SP entry-type-req] SP mod-sequence-valzer` (RFC 7162 §7). */
const modSeq: KeyParser = (decoder) => {
  decoder.space();
  if (decoder.comesNext('"')) {
    parseEntry(decoder);
    decoder.space();
  }
  return { key: 'mod-seq', modSeq: decoder.modSequence() };
};

/** Which flag it is about: to be ignored where mod-sequences are kept for messages alone. */
function parseEntry(decoder: ArgumentDecoder): void {
  const start = decoder.position;
  if (!ENTRY_NAME.test(decoder.string())) decoder.fail('"/flags/" and a flag', start);
  decoder.space();
  const isType = ['PRIV', 'SHARED', 'ALL'].some((type) => decoder.tryKeyword(type));
  if (!isType) decoder.fail('PRIV, SHARED or ALL');
}

const ENTRY_NAME = /^\/flags\/\\?[^\\]+$/i;

const uid: KeyParser = (decoder) => {
  decoder.space();
  return { key: 'uid', set: decoder.sequenceSet() };
};

const not: KeyParser = (decoder) => {
  decoder.space();
  return { key: 'not', operand: parseSearchKey(decoder) };
};

const or: KeyParser = (decoder) => {
  decoder.space();
  const left = parseSearchKey(decoder);
  decoder.space();
  return { key: 'or', left, right: parseSearchKey(decoder) };
};

const keyParsers: ReadonlyMap<string, KeyParser> = new Map<string, KeyParser>([
  ['ALL', plain('all')],
  ['NEW', plain('new')],
  ['OLD', plain('old')],
  ['RECENT', plain('recent')],
  ['ANSWERED', systemFlag('\\Answered', true)],
  ['UNANSWERED', systemFlag('\\Answered', false)],
  ['DELETED', systemFlag('\\Deleted', true)],
  ['UNDELETED', systemFlag('\\Deleted', false)],
  ['DRAFT', systemFlag('\\Draft', true)],
  ['UNDRAFT', systemFlag('\\Draft', false)],
  ['FLAGGED', systemFlag('\\Flagged', true)],
  ['UNFLAGGED', systemFlag('\\Flagged', false)],
  ['SEEN', systemFlag('\\Seen', true)],
  ['UNSEEN', systemFlag('\\Seen', false)],
  ['KEYWORD', keyword(true)],
  ['UNKEYWORD', keyword(false)],
  ['BEFORE', day('before')],
  ['ON', day('on')],
  ['SINCE', day('since')],
  ['SENTBEFORE', day('sent-before')],
  ['SENTON', day('sent-on')],
  ['SENTSINCE', day('sent-since')],
  ['SAVEDBEFORE', day('saved-before')],
  ['SAVEDON', day('saved-on')],
  ['SAVEDSINCE', day('saved-since')],
  // Every folder here keeps it.
  ['SAVEDATESUPPORTED', plain('all')],
  ['LARGER', size('larger')],
  ['SMALLER', size('smaller')],
  ['OLDER', seconds('older')],
  ['YOUNGER', seconds('younger')],
  ['BODY', text('body')],
  ['TEXT', text('text')],
  ['FROM', field('FROM')],
  ['TO', field('TO')],
  ['CC', field('CC')],
  ['BCC', field('BCC')],
  ['SUBJECT', field('SUBJECT')],
  ['HEADER', header],
  ['UID', uid],
  ['MODSEQ', modSeq],
  ['EMAILID', objectId('email-id')],
  ['THREADID', objectId('thread-id')],
  ['NOT', not],
  ['OR', or],
]);

/** Reads one or more keys, all of which must hold. */
export function parseSearchKeys(decoder: ArgumentDecoder): SearchKey {
  const keys = [parseSearchKey(decoder)];
  while (decoder.hasMore()) {
    decoder.space();
    keys.push(parseSearchKey(decoder));
  }
  return allOf(keys);
}

/** Reads one key; depth is bounded by the decoder. */
export function parseSearchKey(decoder: ArgumentDecoder): SearchKey {
  if (decoder.startsSet()) return { key: 'sequence', set: decoder.sequenceSet() };
  return decoder.nested(() => {
    if (decoder.comesNext('(')) return allOf(decoder.list(() => parseSearchKey(decoder)));
    const start = decoder.position;
    const parse = keyParsers.get(decoder.keyword('a SEARCH key'));
    return parse === undefined ? decoder.fail('a known SEARCH key', start) : parse(decoder);
  });
}

function allOf(keys: readonly SearchKey[]): SearchKey {
  const [first] = keys;
  return keys.length === 1 && first !== undefined ? first : { key: 'and', keys };
}
