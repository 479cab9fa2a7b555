/**
 * What one session believes about its selected folder: which UID has which sequence number,
 * and up to which point flag changes were told. The folder moves on under it; `report` brings
 * the client up to date, at the moments the RFC allows.
 *
 * While nothing is withheld the view shares the store's UID array, so an idle session on a
 * large folder costs next to nothing.
 *
 * RFC 3501 §5.2 (mailbox size and status updates), §7.3, §7.4.1 (EXPUNGE must not be sent
 * during FETCH, STORE, SEARCH).
 */
import type { FlagName } from '../grammar/command.ts';
import type { ModSeq, SequenceNumber, Uid } from '../ids.ts';
import { findUid, lowerBoundOfUid } from './uid-list.ts';
import type { FlagSet, FolderPort, UidList } from './ports.ts';

/** Receives what the view has to tell, in the order in which to say it. */
export interface ViewReport {
  expunged(sequence: SequenceNumber): void;
  sizes(messageCount: number, recentCount: number): void;
  flags(sequence: SequenceNumber, uid: Uid, flags: FlagSet): void;
}

/** A session's view of one open folder. */
export class FolderView {
  readonly folder: FolderPort;
  #uids: UidList;
  #knownModSeq: ModSeq;
  #checkedKeywords: readonly FlagName[];
  #knownKeywords: ReadonlySet<FlagName>;
  /** Flag states already told, or caused silently by this session, since the last report. */
  #told = new Map<Uid, ModSeq>();

  constructor(folder: FolderPort) {
    this.folder = folder;
    const { uids, highestModSeq, keywords } = folder.index;
    this.#uids = uids;
    this.#knownModSeq = highestModSeq;
    this.#checkedKeywords = keywords;
    this.#knownKeywords = new Set(keywords);
  }

  get messageCount(): number {
    return this.#uids.length;
  }

  /** The highest UID the client knows, 0 in an empty view. */
  get lastUid(): number {
    return this.#uids.values[this.#uids.length - 1] ?? 0;
  }

  get recentCount(): number {
    return this.#uids.length - lowerBoundOfUid(this.#uids, this.folder.firstRecentUid);
  }

  /** UID at a position, which counts from 0; the position must be within the view. */
  uidAt(position: number): Uid {
    return (this.#uids.values[position] ?? 0) as Uid;
  }

  /** Position of a UID in the view, or -1. */
  positionOf(uid: Uid): number {
    return findUid(this.#uids, uid);
  }

  /** First position whose UID is at least `uid`. */
  lowerBound(uid: number): number {
    return lowerBoundOfUid(this.#uids, uid);
  }

  isRecent(uid: Uid): boolean {
    return uid >= this.folder.firstRecentUid;
  }

  /** Notes that the client knows the present flags of a message, so that no report repeats them. */
  noteTold(uid: Uid): void {
    const position = this.folder.index.positionOf(uid);
    if (position < 0) return;
    const modSeq = this.folder.index.modSeqAt(position);
    if (modSeq > this.#knownModSeq) this.#told.set(uid, modSeq);
  }

  /** @returns all keywords if some are new since they were last asked for. */
  takeNewKeywords(): readonly FlagName[] | undefined {
    const { keywords } = this.folder.index;
    if (keywords === this.#checkedKeywords) return undefined;
    this.#checkedKeywords = keywords;
    if (keywords.every((keyword) => this.#knownKeywords.has(keyword))) return undefined;
    this.#knownKeywords = new Set(keywords);
    return keywords;
  }

  /** True if `report` would have something to say. */
  hasNews(mayReportExpunges: boolean): boolean {
    const { index } = this.folder;
    if (index.highestModSeq === this.#knownModSeq && index.uids.length === this.#uids.length) {
      return false;
    }
    return (
      mayReportExpunges ||
      index.uidNext - 1 > this.lastUid ||
      this.folder.hasFlagChangesSince(this.#knownModSeq)
    );
  }

  /**
   * Tells what changed since the last report. Expunged messages keep their numbers until a
   * report may mention them; new messages are counted in meanwhile.
   */
  report(mayReportExpunges: boolean, to: ViewReport): void {
    const { index } = this.folder;
    const mayHaveExpunges = this.#mayHaveExpunges();
    const expunged = mayHaveExpunges && mayReportExpunges ? this.#dropExpunged(to) : 0;
    const arrived = this.#takeArrivals(mayHaveExpunges && !mayReportExpunges);
    if (arrived > 0) to.sizes(this.messageCount, this.recentCount);
    else if (expunged > 0 && this.folder.isGone) to.sizes(0, 0);
    if (this.folder.hasFlagChangesSince(this.#knownModSeq)) this.#tellFlags(arrived, to);
    this.#told.clear();
    // Withheld expunges are found again by comparing, so nothing is lost by moving on.
    this.#knownModSeq = index.highestModSeq;
  }

  /** True unless the view is a prefix of the folder's present messages. */
  #mayHaveExpunges(): boolean {
    const now = this.folder.index.uids;
    if (this.#uids.values === now.values && this.#uids.length <= now.length) return false;
    if (this.#uids.length > now.length) return true;
    for (let position = 0; position < this.#uids.length; position += 1) {
      if (this.#uids.values[position] !== now.values[position]) return true;
    }
    return false;
  }

  /** Says EXPUNGE from the top down, so that no number shifts before it was said. */
  #dropExpunged(to: ViewReport): number {
    const now = this.folder.index.uids;
    const gone: number[] = [];
    let next = 0;
    for (let position = 0; position < this.#uids.length; position += 1) {
      const uid = this.#uids.values[position] ?? 0;
      while (next < now.length && (now.values[next] ?? 0) < uid) next += 1;
      if (now.values[next] !== uid || next >= now.length) gone.push(position);
    }
    for (const position of gone.toReversed()) to.expunged((position + 1) as SequenceNumber);
    const kept = this.#uids.length - gone.length;
    // What is left is a prefix of the present messages: share the store's array again.
    this.#uids = { values: now.values, length: kept };
    return gone.length;
  }

  /** Counts new messages in. @returns how many. */
  #takeArrivals(isWithholding: boolean): number {
    const now = this.folder.index.uids;
    if (!isWithholding) {
      const arrived = now.length - this.#uids.length;
      this.#uids = now;
      return arrived;
    }
    const from = lowerBoundOfUid(now, this.lastUid + 1);
    const arrived = now.length - from;
    if (arrived === 0) return 0;
    const values = new Uint32Array(this.#uids.length + arrived);
    values.set(this.#uids.values.subarray(0, this.#uids.length));
    values.set(now.values.subarray(from, now.length), this.#uids.length);
    this.#uids = { values, length: values.length };
    return arrived;
  }

  #tellFlags(arrived: number, to: ViewReport): void {
    const { index } = this.folder;
    const knownBefore = this.#uids.length - arrived;
    for (let position = 0; position < knownBefore; position += 1) {
      const uid = this.uidAt(position);
      const at = this.#uids === index.uids ? position : index.positionOf(uid);
      if (at < 0) continue;
      const modSeq = index.modSeqAt(at);
      if (modSeq <= this.#knownModSeq || this.#told.get(uid) === modSeq) continue;
      to.flags((position + 1) as SequenceNumber, uid, index.flagsAt(at));
    }
  }
}
