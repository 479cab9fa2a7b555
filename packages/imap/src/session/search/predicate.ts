/**
 * SEARCH criteria as a function of one message (RFC 3501 §6.4.4), in three-valued logic: what
 * the folder's index cannot tell is `undefined` until the message was looked into. So text is
 * read only of those messages that the cheap keys leave open.
 */
import type { FlagName, SearchKey } from '../../grammar/command.ts';
import {
  type NumberSet,
  SAVED_RESULT,
  normalizeNumberSet,
  spansContain,
} from '../../grammar/number-set.ts';
import type { Uid } from '../../ids.ts';
import type { FolderView } from '../folder-view.ts';
import type { FlagSet, FolderIndex, UidList } from '../ports.ts';
import { findUid } from '../uid-list.ts';
import { dayNumberOf, dayNumberOfInternalDate } from './calendar.ts';

export type Verdict = boolean | undefined;

/** Keys that need the message itself. */
export type TextKey = Extract<
  SearchKey,
  {
    readonly key:
      | 'header'
      | 'body'
      | 'text'
      | 'sent-before'
      | 'sent-on'
      | 'sent-since'
      | 'email-id'
      | 'saved-before'
      | 'saved-on'
      | 'saved-since'
      | 'thread-id';
  }
>;

/** One message under examination. */
export interface Candidate {
  readonly position: number;
  readonly uid: Uid;
  readonly index: FolderIndex;
  readonly indexPosition: number;
  readonly flags: FlagSet;
  /** Answers of text keys, once known. */
  readonly texts: TextAnswers | undefined;
}

/** What is known of the text keys for one message. */
export type TextAnswers = Pick<ReadonlyMap<TextKey, boolean>, 'get'>;

export type Predicate = (candidate: Candidate) => Verdict;

/** Makes the function; nesting is bounded by the grammar. @param nowMs For OLDER and YOUNGER. */
export function compileCriteria(criteria: SearchKey, view: FolderView, nowMs: number): Predicate {
  switch (criteria.key) {
    case 'all':
      return () => true;
    case 'and':
      return allOf(criteria.keys.map((key) => compileCriteria(key, view, nowMs)));
    case 'or':
      return anyOf(
        compileCriteria(criteria.left, view, nowMs),
        compileCriteria(criteria.right, view, nowMs),
      );
    case 'not':
      return negate(compileCriteria(criteria.operand, view, nowMs));
    case 'header':
    case 'body':
    case 'text':
    case 'sent-before':
    case 'sent-on':
    case 'sent-since':
    case 'email-id':
    case 'thread-id':
      return ({ texts }) => texts?.get(criteria);
    case 'saved-before':
    case 'saved-on':
    case 'saved-since':
      return compileSaveDate(criteria);
    default:
      return compileIndexKey(criteria, view, nowMs);
  }
}

type IndexKey = Exclude<SearchKey, TextKey | { readonly key: 'all' | 'and' | 'or' | 'not' }>;

function compileIndexKey(criteria: IndexKey, view: FolderView, nowMs: number): Predicate {
  switch (criteria.key) {
    case 'flag':
      return compileFlag(criteria.flag, criteria.isSet);
    case 'mod-seq':
      return ({ index, indexPosition }) => index.modSeqAt(indexPosition) >= criteria.modSeq;
    case 'recent':
      return ({ uid }) => view.isRecent(uid);
    case 'old':
      return ({ uid }) => !view.isRecent(uid);
    case 'new':
      return ({ uid, flags }) => view.isRecent(uid) && !flags.isSeen;
    case 'larger':
      return ({ index, indexPosition }) => index.sizeBytesAt(indexPosition) > criteria.sizeBytes;
    case 'smaller':
      return ({ index, indexPosition }) => index.sizeBytesAt(indexPosition) < criteria.sizeBytes;
    case 'before':
    case 'on':
    case 'since': {
      const compare = comparisons[criteria.key];
      const wanted = dayNumberOf(criteria.day);
      return ({ index, indexPosition }) =>
        compare(dayNumberOfInternalDate(index.internalDateAt(indexPosition)), wanted);
    }
    case 'older':
    case 'younger': {
      // RFC 5032 §3: by INTERNALDATE; just as old counts as younger.
      const isYounger = criteria.key === 'younger';
      const sinceMs = nowMs - criteria.seconds * 1000;
      return ({ index, indexPosition }) =>
        index.internalDateAt(indexPosition).epochMs >= sinceMs === isYounger;
    }
    case 'sequence': {
      if (criteria.set === SAVED_RESULT) return compileSaved(view);
      const contains = compileSet(criteria.set, view.messageCount);
      return ({ position }) => contains(position + 1);
    }
    case 'uid': {
      if (criteria.set === SAVED_RESULT) return compileSaved(view);
      const contains = compileSet(criteria.set, view.lastUid);
      return ({ uid }) => contains(uid);
    }
  }
}

/** Where nobody knows when a message was saved, its internal date counts (RFC 8514 §4.3). */
function compileSaveDate(
  criteria: Extract<SearchKey, { readonly key: keyof typeof savedComparisons }>,
): Predicate {
  const compare = comparisons[savedComparisons[criteria.key]];
  const wanted = dayNumberOf(criteria.day);
  return ({ texts, index, indexPosition }) => {
    if (texts === undefined) return undefined;
    const known = texts.get(criteria);
    if (known !== undefined) return known;
    return compare(dayNumberOfInternalDate(index.internalDateAt(indexPosition)), wanted);
  };
}

/** SAVEDBEFORE and its kin compare as those without SAVED do. */
export const savedComparisons = {
  'saved-before': 'before',
  'saved-on': 'on',
  'saved-since': 'since',
} as const;

/** Messages share their sets of flags, so each set is asked once. */
function compileFlag(flag: FlagName, isSet: boolean): Predicate {
  const verdicts = new Map<FlagSet, boolean>();
  return ({ flags }) => {
    let verdict = verdicts.get(flags);
    if (verdict === undefined) {
      verdict = flags.has(flag) === isSet;
      verdicts.set(flags, verdict);
    }
    return verdict;
  };
}

/** How BEFORE, ON and SINCE compare days. */
export const comparisons: Readonly<
  Record<'before' | 'on' | 'since', (day: number, wanted: number) => boolean>
> = {
  before: (day, wanted) => day < wanted,
  on: (day, wanted) => day === wanted,
  since: (day, wanted) => day >= wanted,
};

function allOf(predicates: readonly Predicate[]): Predicate {
  return (candidate) => {
    let verdict: Verdict = true;
    for (const predicate of predicates) {
      const one = predicate(candidate);
      if (one === false) return false;
      if (one === undefined) verdict = undefined;
    }
    return verdict;
  };
}

function anyOf(left: Predicate, right: Predicate): Predicate {
  return (candidate) => {
    const one = left(candidate);
    if (one === true) return true;
    const other = right(candidate);
    if (other === true) return true;
    return one === undefined || other === undefined ? undefined : false;
  };
}

function negate(operand: Predicate): Predicate {
  return (candidate) => {
    const verdict = operand(candidate);
    return verdict === undefined ? undefined : !verdict;
  };
}

/** "$": what was found then (RFC 5182 §2.1). */
function compileSaved(view: FolderView): Predicate {
  const saved: UidList = { values: view.savedUids, length: view.savedUids.length };
  return ({ uid }) => findUid(saved, uid) >= 0;
}

/** Numbers out of range name nothing; "*" is the highest in use. */
function compileSet(set: NumberSet, highest: number): (value: number) => boolean {
  const spans = normalizeNumberSet(set, highest);
  return (value) => spansContain(spans, value);
}

/** How many comparisons one message may take. */
export function countKeys(criteria: SearchKey): number {
  switch (criteria.key) {
    case 'and':
      return criteria.keys.reduce((sum, key) => sum + countKeys(key), 1);
    case 'or':
      return 1 + countKeys(criteria.left) + countKeys(criteria.right);
    case 'not':
      return 1 + countKeys(criteria.operand);
    default:
      return 1;
  }
}

/** @returns whether a key is among the criteria, however deep. */
export function usesKey(criteria: SearchKey, key: SearchKey['key']): boolean {
  switch (criteria.key) {
    case 'and':
      return key === 'and' || criteria.keys.some((one) => usesKey(one, key));
    case 'or':
      return key === 'or' || usesKey(criteria.left, key) || usesKey(criteria.right, key);
    case 'not':
      return key === 'not' || usesKey(criteria.operand, key);
    default:
      return criteria.key === key;
  }
}

/** The text keys among the criteria, each once. */
export function collectTextKeys(criteria: SearchKey): readonly TextKey[] {
  switch (criteria.key) {
    case 'and':
      return criteria.keys.flatMap(collectTextKeys);
    case 'or':
      return [...collectTextKeys(criteria.left), ...collectTextKeys(criteria.right)];
    case 'not':
      return collectTextKeys(criteria.operand);
    case 'header':
    case 'body':
    case 'text':
    case 'sent-before':
    case 'sent-on':
    case 'sent-since':
    case 'saved-before':
    case 'saved-on':
    case 'saved-since':
    case 'email-id':
    case 'thread-id':
      return [criteria];
    default:
      return [];
  }
}
