/**
 * What one session believes about its selected folder: which UID has which sequence number,
 * and up to which point flag changes were told. The folder moves on under it; `report` brings
 * the client up to date, at the moments the RFC allows.
 *
 * While nothing is withheld the view shares the store's UID array, so an idle session on a
 * large folder costs next to nothing.
 *
 * Invariants:
 * - The view holds every message of the folder as it was at the last report, in its order, and
 *   beside those only messages that are gone and were not told as gone. Arrivals have UIDs above
 *   all others, so taking the gone ones out leaves a prefix of the folder's present messages.
 * - Of a message in the view whose mod-sequence is at most `#knownModSeq`, or is the one in
 *   `#told`, the client knows the flags, if it ever asked for them.
 *
 * RFC 3501 §5.2 (mailbox size and status updates), §7.3, §7.4.1 (EXPUNGE must not be sent
 * during FETCH, STORE, SEARCH).
 */
import type { FlagName } from '../grammar/command.ts';
import type { ModSeq, Uid } from '../ids.ts';
import { findUid, lowerBoundOfUid } from './uid-list.ts';
import type { FlagSet, FolderIndex, FolderPort, UidList } from './ports.ts';

/** A message at this moment: in the session's view, and in the folder's index. */
export interface UpdatedMessage {
  readonly position: number;
  readonly index: FolderIndex;
  readonly indexPosition: number;
}

/** Receives what the view has to tell, in the order in which to say it. */
export interface ViewReport {
  /** Messages that went, as ascending positions in the view, which still has them. */
  gone(positions: readonly number[]): void;
  /** @param from Position of the first new one. */
  arrived(messageCount: number, from: number): void;
  recent(recentCount: number): void;
  flags(message: UpdatedMessage): void;
}

/** Lines of one step of a report: what is gathered before the client must have taken it. */
const STEP_LINES = 4_000;

/** What a report that takes several steps must not forget. */
interface ReportUnderWay {
  /** Later changes belong to the next report, or this one might never end. */
  readonly upToModSeq: ModSeq;
  /** Messages from here on were told by this report itself: nobody asked for their flags yet. */
  readonly firstNewUid: number;
}

/** A session's view of one open folder. */
export class FolderView {
  readonly folder: FolderPort;
  /** New messages from this position on are to be fetched for the client, unasked. */
  arrivedFrom: number | undefined;
  /** The client has heard that the folder was deleted. */
  isToldGone = false;
  #uids: UidList;
  #knownModSeq: ModSeq;
  /** The same for expunges: what came after this may have been withheld. */
  #settledModSeq: ModSeq;
  /** Expunges were told since the client was last given a mod-sequence to remember. */
  #owesModSeq = false;
  #checkedKeywords: readonly FlagName[];
  #knownKeywords: ReadonlySet<FlagName>;
  /** Flag states already told, or caused silently by this session, since the last report. */
  readonly #told = new Map<Uid, ModSeq>();
  readonly #firstRecentUid: number;
  /** What "$" stands for (RFC 5182 §2.1): ascending UIDs, gone ones perhaps among them. */
  savedUids: Uint32Array = new Uint32Array();
  #underWay: ReportUnderWay | undefined;
  #toldRecentCount: number;

  /** @param knowsRecent \Recent is nothing to a client of IMAP4rev2 (RFC 9051 Appendix E). */
  constructor(folder: FolderPort, knowsRecent: boolean) {
    this.folder = folder;
    this.#firstRecentUid = knowsRecent ? folder.firstRecentUid : Infinity;
    const { uids, highestModSeq, keywords } = folder.index;
    this.#uids = uids;
    this.#knownModSeq = highestModSeq;
    this.#settledModSeq = highestModSeq;
    this.#checkedKeywords = keywords;
    this.#knownKeywords = new Set(keywords);
    this.#toldRecentCount = this.recentCount;
  }

  get messageCount(): number {
    return this.#uids.length;
  }

  /** The highest UID the client knows, 0 in an empty view. */
  get lastUid(): number {
    return this.#uids.values[this.#uids.length - 1] ?? 0;
  }

  get recentCount(): number {
    return this.#uids.length - lowerBoundOfUid(this.#uids, this.#firstRecentUid);
  }

  /** Up to here everything was told, expunges too; a client may remember it (RFC 7162 §6). */
  get settledModSeq(): ModSeq {
    return this.#settledModSeq;
  }

  /**
   * What a client must be given to remember in place of what it saw (RFC 7162 §3.2, §6): less,
   * while expunges are withheld that came before; all, once expunges were told, which carry no
   * mod-sequence.
   *
   * @returns undefined if what it saw is right.
   */
  takeModSeqToTell(isHeldBack: boolean): ModSeq | undefined {
    const { highestModSeq } = this.folder.index;
    const upTo = isHeldBack ? highestModSeq : this.#knownModSeq;
    const isWithholding = this.#settledModSeq < upTo;
    if (!isWithholding && !this.#owesModSeq) return undefined;
    this.#owesModSeq = isWithholding;
    return this.#settledModSeq;
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

  /**
   * Where the message of a position is in the folder's index, which is asked for anew after
   * every wait.
   *
   * @returns -1 if it is gone.
   */
  locate(index: FolderIndex, position: number): number {
    const { values, length } = index.uids;
    const uid = this.#uids.values[position];
    // Unless something is withheld, both count alike.
    if (position < length && values[position] === uid) return position;
    return index.positionOf(uid as Uid);
  }

  isRecent(uid: Uid): boolean {
    return uid >= this.#firstRecentUid;
  }

  /**
   * Notes that the client knows a state of a message's flags, so that no report repeats it.
   *
   * @returns whether that is news since the last report.
   */
  noteTold(uid: Uid, modSeq: ModSeq): boolean {
    if (modSeq <= this.#knownModSeq) return false;
    this.#told.set(uid, modSeq);
    return true;
  }

  /** @returns the flags of a message as the client must think they are; undefined if it is wrong. */
  believedFlags(index: FolderIndex, position: number): FlagSet | undefined {
    const at = this.locate(index, position);
    if (at < 0) return undefined;
    const modSeq = index.modSeqAt(at);
    const isKnown = modSeq <= this.#knownModSeq || this.#told.get(this.uidAt(position)) === modSeq;
    return isKnown ? index.flagsAt(at) : undefined;
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
  hasNews(mayReportExpunges: boolean, tellsFlags: boolean): boolean {
    const { index } = this.folder;
    if (index.highestModSeq === this.#knownModSeq && index.uids.length === this.#uids.length) {
      return false;
    }
    return (
      mayReportExpunges ||
      index.uidNext - 1 > this.lastUid ||
      (tellsFlags && this.folder.hasFlagChangesSince(this.#knownModSeq))
    );
  }

  /**
   * Tells what changed since the last report, or a part of it; flags only if they are wanted. Expunged messages keep their
   * numbers until a report may mention them; new messages are counted in meanwhile.
   *
   * @returns false if there is more: send what was told, then call again.
   */
  report(mayReportExpunges: boolean, tellsFlags: boolean, to: ViewReport): boolean {
    this.#underWay ??= {
      upToModSeq: this.folder.index.highestModSeq,
      firstNewUid: this.lastUid + 1,
    };
    const mayHaveGone = this.#mayHaveGone();
    if (mayHaveGone && mayReportExpunges && !this.#dropGone(to)) return false;
    const hasGrown = this.#takeArrivals(mayHaveGone && !mayReportExpunges, to);
    this.#tellRecent(hasGrown, to);
    if (!tellsFlags) {
      // Flags that nobody wants to hear of now may be wanted later.
      this.#underWay = undefined;
      return true;
    }
    if (!this.#tellFlags(this.#underWay, to)) return false;
    this.#told.clear();
    // Withheld expunges are found again by comparing, so nothing is lost by moving on.
    this.#knownModSeq = this.#underWay.upToModSeq;
    if (mayReportExpunges || !mayHaveGone) this.#settledModSeq = this.#knownModSeq;
    this.#underWay = undefined;
    return true;
  }

  /** False only if the view is a prefix of the folder's present messages. */
  #mayHaveGone(): boolean {
    const now = this.folder.index.uids;
    if (this.#uids.length > now.length) return true;
    if (this.#uids.values === now.values) return false;
    for (let position = 0; position < this.#uids.length; position += 1) {
      if (this.#uids.values[position] !== now.values[position]) return true;
    }
    return false;
  }

  /**
   * Tells what went, from the top down.
   *
   * @returns false if some are left to be told.
   */
  #dropGone(to: ViewReport): boolean {
    const gone = this.#findGone();
    const told = gone.slice(-STEP_LINES);
    if (told.length > 0) {
      to.gone(told);
      this.#owesModSeq = true;
    }
    if (told.length === gone.length) {
      const { values } = this.folder.index.uids;
      this.#uids = { values, length: this.#uids.length - gone.length };
      return true;
    }
    this.#removePositions(told);
    return false;
  }

  #findGone(): number[] {
    const now = this.folder.index.uids;
    const gone: number[] = [];
    let next = 0;
    for (let position = 0; position < this.#uids.length; position += 1) {
      const uid = this.#uids.values[position] ?? 0;
      while (next < now.length && (now.values[next] ?? 0) < uid) next += 1;
      if (next >= now.length || now.values[next] !== uid) gone.push(position);
    }
    return gone;
  }

  #removePositions(positions: readonly number[]): void {
    const values = this.#uids.values.slice(0, this.#uids.length);
    let to = 0;
    let next = 0;
    for (let from = 0; from < values.length; from += 1) {
      if (from === positions[next]) {
        next += 1;
        continue;
      }
      values[to] = values[from] ?? 0;
      to += 1;
    }
    this.#uids = { values, length: to };
  }

  /** Counts new messages in, and says so. @returns whether there were any. */
  #takeArrivals(isWithholding: boolean, to: ViewReport): boolean {
    const now = this.folder.index.uids;
    const before = this.#uids.length;
    this.#uids = isWithholding ? this.#withArrivals(now) : now;
    if (this.#uids.length === before) return false;
    to.arrived(this.messageCount, before);
    return true;
  }

  /** Messages that went may have been recent ones: nobody but we can know (RFC 3501 §7.3.2). */
  #tellRecent(hasGrown: boolean, to: ViewReport): void {
    if (this.#firstRecentUid === Infinity) return;
    const { recentCount } = this;
    if (recentCount === this.#toldRecentCount && !hasGrown) return;
    this.#toldRecentCount = recentCount;
    to.recent(recentCount);
  }

  /** The view and what came behind it; a list of its own, since the store's lacks what is gone. */
  #withArrivals(now: UidList): UidList {
    const from = lowerBoundOfUid(now, this.lastUid + 1);
    const arrivedCount = now.length - from;
    if (arrivedCount === 0) return this.#uids;
    const values = new Uint32Array(this.#uids.length + arrivedCount);
    values.set(this.#uids.values.subarray(0, this.#uids.length));
    values.set(now.values.subarray(from, now.length), this.#uids.length);
    return { values, length: values.length };
  }

  /** @returns false if some are left to be told. */
  #tellFlags({ upToModSeq, firstNewUid }: ReportUnderWay, to: ViewReport): boolean {
    const { index } = this.folder;
    if (!this.folder.hasFlagChangesSince(this.#knownModSeq)) return true;
    let lineCount = 0;
    const end = this.lowerBound(firstNewUid);
    for (let position = 0; position < end; position += 1) {
      const at = this.locate(index, position);
      if (at < 0) continue;
      const modSeq = index.modSeqAt(at);
      if (modSeq <= this.#knownModSeq || modSeq > upToModSeq) continue;
      const uid = this.uidAt(position);
      if (this.#told.get(uid) === modSeq) continue;
      if (lineCount === STEP_LINES) return false;
      lineCount += 1;
      to.flags({ position, index, indexPosition: at });
      this.#told.set(uid, modSeq);
    }
    return true;
  }
}
