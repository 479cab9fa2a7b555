/**
 * One pass through the messages of a mailbox by SEARCH's criteria: the folder's index first, then
 * the texts of those messages that it leaves open, in turns that let others work.
 */
import type { TextNarrowing } from '@homeward/search';
import type { SearchKey } from '../../grammar/command.ts';
import type { Uid } from '../../ids.ts';
import { MessageReader } from '../fetch/message-reader.ts';
import type { FolderView } from '../folder-view.ts';
import { BATCH_OCTET_BYTES, findBatchEnd } from '../message-batches.ts';
import type { SessionContext } from '../session-context.ts';
import {
  type Candidate,
  type Predicate,
  type TextAnswers,
  type TextKey,
  collectTextKeys,
  compileCriteria,
  countKeys,
  usesKey,
} from './predicate.ts';
import { type TextMatcher, createTextMatcher } from './text-match.ts';
import { askTextIndex, rulesOut } from './text-narrowing.ts';

/** Comparisons between two pauses for others, and messages, however little is asked of each. */
const TURN_KEYS = 50_000;
const INDEX_BATCH = 5_000;
/** The same for texts to be looked for in messages. */
const TURN_TEXTS = 200;
const TEXT_BATCH = 50;
/** Texts of so many octets are looked for in turns of the usual length. */
const USUAL_TEXT_BYTES = 64;
/** Messages whose small facts are looked at, not their texts. */
const FACTS_BATCH = 400;

/** Messages of one turn, if so many things are asked of each. */
function batchSize(most: number, turnCount: number, countEach: number): number {
  return Math.max(1, Math.min(most, Math.floor(turnCount / Math.max(1, countEach))));
}

/** Octets of all texts to be looked for together: finding one may take its length for each. */
function textLengthOf(keys: readonly TextKey[]): number {
  return keys.reduce((sum, key) => sum + ('text' in key ? key.text.length : 0), 0);
}

/** What is looked for. */
export interface SearchRequest {
  readonly criteria: SearchKey;
  /** Of the texts in the criteria; undefined for US-ASCII. */
  readonly charset: string | undefined;
}

/** One search through the messages of a view. */
export class MessageSearch {
  readonly #context: SessionContext;
  readonly #view: FolderView;
  readonly #matcher: TextMatcher;
  readonly #predicate: Predicate;
  readonly #indexBatch: number;
  readonly #textBatch: number;
  readonly #turnBytes: number;
  /** Positions in the view; ascending, unless texts were looked for. */
  readonly #hits: number[] = [];
  /** Positions of which the index alone cannot tell. */
  readonly #open: number[] = [];
  readonly #asksModSeqs: boolean;
  readonly #request: SearchRequest;
  #narrowing: TextNarrowing<SearchKey, Uid> | undefined;
  #hasLooked = false;
  #missedCount = 0;

  constructor(context: SessionContext, view: FolderView, request: SearchRequest) {
    const { criteria, charset } = request;
    this.#request = request;
    this.#context = context;
    this.#view = view;
    this.#asksModSeqs = usesKey(criteria, 'mod-seq');
    const textKeys = collectTextKeys(criteria);
    this.#matcher = createTextMatcher(textKeys, charset);
    this.#predicate = compileCriteria(criteria, view, context.options.nowMs());
    this.#indexBatch = batchSize(INDEX_BATCH, TURN_KEYS, countKeys(criteria));
    const { factNames } = this.#matcher;
    this.#turnBytes = BATCH_OCTET_BYTES / Math.max(1, textLengthOf(textKeys) / USUAL_TEXT_BYTES);
    const readsTexts = factNames.has('header') || factNames.has('octets');
    this.#textBatch = readsTexts
      ? batchSize(TEXT_BATCH, TURN_TEXTS, textKeys.length)
      : batchSize(FACTS_BATCH, TURN_KEYS, textKeys.length);
  }

  /** Messages of the view were not to be had. */
  get hasMissed(): boolean {
    return this.#missedCount > 0;
  }

  async run(): Promise<void> {
    const { messageCount } = this.#view;
    for (let from = 0; from < messageCount; from += this.#indexBatch) {
      if (from > 0 && !(await this.#context.breathe())) return;
      this.#searchIndex(from, Math.min(from + this.#indexBatch, messageCount));
    }
    this.#hasLooked = this.#open.length > 0;
    await this.#narrow();
    const bounds = {
      messageCount: this.#textBatch,
      octetBytes: this.#matcher.factNames.has('octets') ? this.#turnBytes : Infinity,
    };
    for (let from = 0; from < this.#open.length;) {
      const to = findBatchEnd(this.#view, this.#open, from, bounds);
      await this.#searchTexts(this.#open.slice(from, to));
      from = to;
      this.#context.progress.note(from, this.#open.length);
      if (from < this.#open.length && !(await this.#context.breathe())) return;
    }
  }

  /** Decides by the text index what it can; what stays open must be looked into. */
  async #narrow(): Promise<void> {
    const { folder } = this.#view;
    const { criteria, charset } = this.#request;
    this.#narrowing = await askTextIndex(folder, criteria, charset, this.#open.length);
    if (this.#narrowing === undefined) return;
    const open = this.#open.splice(0);
    for (let from = 0; from < open.length; from += this.#indexBatch) {
      if (from > 0 && !(await this.#context.breathe())) return;
      this.#searchCandidates(open.slice(from, from + this.#indexBatch));
    }
  }

  #searchCandidates(positions: readonly number[]): void {
    for (const position of positions) {
      const uid = this.#view.uidAt(position);
      const texts = {
        get: (key: TextKey) => (rulesOut(this.#narrowing, key, uid) ? false : undefined),
      };
      this.#judge(position, this.#candidateAt(position, texts));
    }
  }

  /** Positions in the view of what was found, ascending. */
  findPositions(): readonly number[] {
    if (!this.#hasLooked) return this.#hits;
    return this.#hits.toSorted((left, right) => left - right);
  }

  /**
   * @returns the highest mod-sequence of messages at these positions, if the criteria are about
   *   mod-sequences (RFC 7162 §3.1.6).
   */
  findHighestModSeq(positions: Iterable<number>): number | undefined {
    if (!this.#asksModSeqs) return undefined;
    const { index } = this.#view.folder;
    let highest = 0;
    for (const position of positions) {
      const at = this.#view.locate(index, position);
      if (at >= 0) highest = Math.max(highest, index.modSeqAt(at));
    }
    return highest === 0 ? undefined : highest;
  }

  #searchIndex(from: number, to: number): void {
    for (let position = from; position < to; position += 1) {
      this.#judge(position, this.#candidateAt(position, undefined));
    }
  }

  #judge(position: number, candidate: Candidate | undefined): void {
    if (candidate === undefined) {
      this.#missedCount += 1;
      return;
    }
    const verdict = this.#predicate(candidate);
    if (verdict === true) this.#hits.push(position);
    else if (verdict === undefined) this.#open.push(position);
  }

  /** Looks into the messages at `positions`. */
  async #searchTexts(positions: readonly number[]): Promise<void> {
    const view = this.#view;
    const uids = positions.map((position) => view.uidAt(position));
    const facts = await view.folder.readFacts(uids, this.#matcher.factNames);
    this.#missedCount += positions.length - facts.length;
    for (const fact of facts) {
      const position = view.positionOf(fact.uid);
      const before = this.#candidateAt(position, undefined);
      if (before === undefined) {
        this.#missedCount += 1;
        continue;
      }
      const sizeBytes = before.index.sizeBytesAt(before.indexPosition);
      const reader = new MessageReader(view.folder, fact, sizeBytes);
      try {
        const texts = await this.#matcher.match(reader, (key) =>
          rulesOut(this.#narrowing, key, fact.uid),
        );
        const candidate = this.#candidateAt(position, texts);
        if (candidate === undefined) this.#missedCount += 1;
        else if (this.#predicate(candidate) === true) this.#hits.push(position);
      } finally {
        if (reader.isOpen) await reader.close();
      }
    }
  }

  /** @returns undefined if the message was expunged by somebody else. */
  #candidateAt(position: number, texts: TextAnswers | undefined): Candidate | undefined {
    const view = this.#view;
    const { index } = view.folder;
    const indexPosition = view.locate(index, position);
    if (indexPosition < 0) return undefined;
    const flags = index.flagsAt(indexPosition);
    return { position, uid: view.uidAt(position), index, indexPosition, flags, texts };
  }
}
