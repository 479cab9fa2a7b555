/**
 * The published messages of one folder in memory: columns of numbers, about 40 octets for
 * each message, shared by all that have the folder open. Only `apply` changes it, and only
 * the publication of synced commits calls that.
 *
 * `uids` is a list that holders may keep: appending writes behind its end, expunging makes a
 * new array. The other columns belong to the present state alone.
 */
import type { FlagName, FlagSet, FolderIndex, InternalDate, ModSeq, Uid, UidList } from './api.ts';
import type { FlagSetTable } from './flag-sets.ts';
import type { FolderDelta, FolderRecord, IndexEntry } from './publication.ts';

/** Expunges kept in memory for sessions that are connected; older ones are in the database. */
const RECENT_EXPUNGE_LIMIT = 8192;
const MIN_CAPACITY = 16;

export class PublishedIndex implements FolderIndex {
  readonly #flagSets: FlagSetTable;
  #uids: UidList;
  #uidNext: number;
  #highestModSeq: number;
  #flagSetIds: Uint32Array;
  #sizes: Uint32Array;
  #epochMs: Float64Array;
  #zones: Int16Array;
  #modSeqs: Float64Array;
  #messageIds: Float64Array;
  readonly #flagSetCounts = new Map<number, number>();
  #keywords: readonly FlagName[] | undefined;
  #lastFlagChange: number;
  /** Expunges in the order of their mod-sequences; all after `#expungesFrom` are here. */
  #expunged: { readonly uid: number; readonly modSeq: number }[] = [];
  #expungesFrom: number;
  /** Expunged in the group of publications that is being applied. */
  #leaving: number[] = [];

  constructor(
    flagSets: FlagSetTable,
    record: FolderRecord,
    capacity: number = record.messageCount,
  ) {
    const size = Math.max(MIN_CAPACITY, capacity + (capacity >> 3));
    this.#flagSets = flagSets;
    this.#uidNext = record.uidNext;
    this.#highestModSeq = record.highestModSeq;
    this.#lastFlagChange = record.highestModSeq;
    this.#expungesFrom = record.highestModSeq;
    this.#uids = { values: new Uint32Array(size), length: 0 };
    this.#flagSetIds = new Uint32Array(size);
    this.#sizes = new Uint32Array(size);
    this.#epochMs = new Float64Array(size);
    this.#zones = new Int16Array(size);
    this.#modSeqs = new Float64Array(size);
    this.#messageIds = new Float64Array(size);
  }

  get uids(): UidList {
    return this.#uids;
  }

  get uidNext(): Uid {
    return this.#uidNext as Uid;
  }

  get highestModSeq(): ModSeq {
    return this.#highestModSeq as ModSeq;
  }

  get keywords(): readonly FlagName[] {
    this.#keywords ??= this.#findKeywords();
    return this.#keywords;
  }

  /** True if some message here has the flag set of this number. */
  hasFlagSet(id: number): boolean {
    return this.#flagSetCounts.has(id);
  }

  positionOf(uid: Uid): number {
    const { values, length } = this.#uids;
    let low = 0;
    let high = length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = values[middle] ?? 0;
      if (found === uid) return middle;
      if (found < uid) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  flagsAt(position: number): FlagSet {
    return this.#flagSets.getById(this.#flagSetIds[position] ?? 0);
  }

  sizeBytesAt(position: number): number {
    return this.#sizes[position] ?? 0;
  }

  /** @returns undefined if the message is not there. */
  sizeBytesOf(uid: number): number | undefined {
    const position = this.positionOf(uid as Uid);
    return position === -1 ? undefined : this.sizeBytesAt(position);
  }

  internalDateAt(position: number): InternalDate {
    return { epochMs: this.#epochMs[position] ?? 0, zoneMinutes: this.#zones[position] ?? 0 };
  }

  modSeqAt(position: number): ModSeq {
    return (this.#modSeqs[position] ?? 0) as ModSeq;
  }

  /** The database's id of the message at a position; stays valid while it is unpublished. */
  messageIdAt(position: number): number {
    return this.#messageIds[position] ?? 0;
  }

  hasFlagChangesSince(modSeq: number): boolean {
    return this.#lastFlagChange > modSeq;
  }

  /** @returns undefined if memory does not reach back so far: ask the database. */
  expungedSince(modSeq: number): number[] | undefined {
    if (modSeq < this.#expungesFrom) return undefined;
    const uids: number[] = [];
    for (let at = this.#expunged.length - 1; at >= 0; at -= 1) {
      const entry = this.#expunged[at];
      if (entry === undefined || entry.modSeq <= modSeq) break;
      uids.push(entry.uid);
    }
    return uids.sort((a, b) => a - b);
  }

  /** Adds messages behind the last one. For loading; publications use `apply`. */
  append(entries: readonly IndexEntry[]): void {
    const from = this.#uids.length;
    const values = this.#reserve(from + entries.length);
    let at = from;
    for (const entry of entries) {
      values[at] = entry.uid;
      this.#flagSetIds[at] = entry.flagSetId;
      this.#sizes[at] = entry.sizeBytes;
      this.#epochMs[at] = entry.epochMs;
      this.#zones[at] = entry.zoneMinutes;
      this.#modSeqs[at] = entry.modSeq;
      this.#messageIds[at] = entry.messageId;
      this.#countFlagSet(entry.flagSetId, 1);
      at += 1;
    }
    this.#uids = { values, length: at };
  }

  /** Applies one published transaction; `settle` ends a group of them. */
  apply(record: FolderRecord, delta: FolderDelta | undefined, modSeq: number): void {
    if (delta !== undefined) {
      for (const { uid, flagSetId } of delta.flagged) this.#setFlags(uid, flagSetId, modSeq);
      for (const uid of delta.expungedUids) {
        this.#expunged.push({ uid, modSeq });
        this.#leaving.push(uid);
      }
      if (delta.appended.length > 0) this.append(delta.appended);
    }
    this.#uidNext = record.uidNext;
    this.#highestModSeq = record.highestModSeq;
  }

  /** Takes out what was expunged, in one pass for the whole group: UIDs never come again. */
  settle(): void {
    if (this.#leaving.length === 0) return;
    this.#remove(this.#leaving.sort((a, b) => a - b));
    this.#leaving = [];
    this.#boundExpunges();
  }

  /** Empties the index of a deleted folder. */
  clear(): void {
    this.#uids = { values: new Uint32Array(0), length: 0 };
    this.#flagSetCounts.clear();
    this.#keywords = undefined;
  }

  #setFlags(uid: number, flagSetId: number, modSeq: number): void {
    const position = this.positionOf(uid as Uid);
    if (position === -1) return;
    this.#countFlagSet(this.#flagSetIds[position] ?? 0, -1);
    this.#countFlagSet(flagSetId, 1);
    this.#flagSetIds[position] = flagSetId;
    this.#modSeqs[position] = modSeq;
    this.#lastFlagChange = modSeq;
  }

  /** @param uids Ascending. */
  #remove(uids: readonly number[]): void {
    const { values, length } = this.#uids;
    const kept = new Uint32Array(values.length);
    let to = 0;
    let next = 0;
    for (let from = 0; from < length; from += 1) {
      const uid = values[from] ?? 0;
      while ((uids[next] ?? Infinity) < uid) next += 1;
      if (uids[next] === uid) {
        next += 1;
        this.#countFlagSet(this.#flagSetIds[from] ?? 0, -1);
        continue;
      }
      kept[to] = uid;
      if (from !== to) this.#moveRow(from, to);
      to += 1;
    }
    this.#uids = { values: kept, length: to };
  }

  #moveRow(from: number, to: number): void {
    this.#flagSetIds[to] = this.#flagSetIds[from] ?? 0;
    this.#sizes[to] = this.#sizes[from] ?? 0;
    this.#epochMs[to] = this.#epochMs[from] ?? 0;
    this.#zones[to] = this.#zones[from] ?? 0;
    this.#modSeqs[to] = this.#modSeqs[from] ?? 0;
    this.#messageIds[to] = this.#messageIds[from] ?? 0;
  }

  #boundExpunges(): void {
    if (this.#expunged.length <= RECENT_EXPUNGE_LIMIT) return;
    const dropped = this.#expunged.length - RECENT_EXPUNGE_LIMIT / 2;
    this.#expungesFrom = this.#expunged[dropped - 1]?.modSeq ?? this.#highestModSeq;
    this.#expunged = this.#expunged.slice(dropped);
  }

  #countFlagSet(id: number, change: number): void {
    const before = this.#flagSetCounts.get(id) ?? 0;
    const after = before + change;
    if (after > 0) this.#flagSetCounts.set(id, after);
    else this.#flagSetCounts.delete(id);
    if (before === 0 || after === 0) this.#keywords = undefined;
  }

  #findKeywords(): readonly FlagName[] {
    const keywords = new Set<FlagName>();
    for (const id of this.#flagSetCounts.keys()) {
      for (const keyword of this.#flagSets.getById(id).keywords) keywords.add(keyword);
    }
    return [...keywords].toSorted();
  }

  /** Makes room; a holder of the old list keeps an array that no longer changes. */
  #reserve(length: number): Uint32Array {
    const { values } = this.#uids;
    if (length <= values.length) return values;
    const capacity = length + (length >> 1) + MIN_CAPACITY;
    const grown = new Uint32Array(capacity);
    grown.set(values);
    this.#flagSetIds = grow(this.#flagSetIds, new Uint32Array(capacity));
    this.#sizes = grow(this.#sizes, new Uint32Array(capacity));
    this.#epochMs = grow(this.#epochMs, new Float64Array(capacity));
    this.#zones = grow(this.#zones, new Int16Array(capacity));
    this.#modSeqs = grow(this.#modSeqs, new Float64Array(capacity));
    this.#messageIds = grow(this.#messageIds, new Float64Array(capacity));
    return grown;
  }
}

function grow<Column extends Uint32Array | Float64Array | Int16Array>(
  from: Column,
  to: Column,
): Column {
  to.set(from);
  return to;
}
