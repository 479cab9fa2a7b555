/**
 * A folder's index in another process than its own: a snapshot when the folder is opened, then
 * what changed with each publication, in columns. Pure.
 */
import type { FlagName } from '@homeward/imap/grammar';
import type { FlagSet, FolderIndex, ModSeq, Uid, UidList } from '@homeward/imap/session';

type InternalDate = ReturnType<FolderIndex['internalDateAt']>;

/** What never changes of messages, and what does, in the order of their UIDs. */
export interface MessageColumns {
  readonly uids: Uint32Array;
  readonly sizes: Float64Array;
  readonly dates: Float64Array;
  readonly zones: Int16Array;
  readonly modSeqs: Float64Array;
  /** Numbers in the row of all flag sets that were sent. */
  readonly flags: Uint32Array;
}

/** What has become of an index since it was last sent; at first, since it was empty. */
export interface IndexChange {
  readonly removed: Uint32Array;
  readonly changed: Pick<MessageColumns, 'uids' | 'modSeqs' | 'flags'>;
  /** All above those that are there. */
  readonly added: MessageColumns;
  /** Behind those that were sent before. */
  readonly flagSets: readonly (readonly FlagName[])[];
  readonly keywords: readonly FlagName[];
  readonly uidNext: number;
  readonly highestModSeq: number;
}

/** Watches an index, and says what to send. */
export class IndexSender {
  #uids: Uint32Array = new Uint32Array(0);
  #uidNext = 0;
  #highestModSeq = 0;
  readonly #flagNumbers = new FlagNumbers();

  /** @returns undefined if nothing has changed since. */
  takeChange(index: FolderIndex): IndexChange | undefined {
    const { uids, uidNext, highestModSeq, keywords } = index;
    const isSame =
      uidNext === this.#uidNext &&
      highestModSeq === this.#highestModSeq &&
      uids.length === this.#uids.length;
    if (isSame) return undefined;
    const flagSets: (readonly FlagName[])[] = [];
    const numberOf = (flags: FlagSet): number =>
      this.#flagNumbers.numberOf(flags, (names) => flagSets.push(names));
    const { removed, changed, firstAdded } = this.#compare(index);
    const change: IndexChange = {
      removed: Uint32Array.from(removed),
      changed: {
        uids: Uint32Array.from(changed, (position) => uids.values[position] ?? 0),
        modSeqs: Float64Array.from(changed, (position) => index.modSeqAt(position)),
        flags: Uint32Array.from(changed, (position) => numberOf(index.flagsAt(position))),
      },
      added: columnsFrom(index, firstAdded, numberOf),
      flagSets,
      keywords,
      uidNext,
      highestModSeq,
    };
    this.#uids = uids.values.slice(0, uids.length);
    this.#uidNext = uidNext;
    this.#highestModSeq = highestModSeq;
    return change;
  }

  /** Both are ascending, and what is added is above all that was there. */
  #compare(index: FolderIndex): {
    readonly removed: readonly number[];
    readonly changed: readonly number[];
    readonly firstAdded: number;
  } {
    const { values, length } = index.uids;
    const removed: number[] = [];
    const changed: number[] = [];
    let position = 0;
    for (const uid of this.#uids) {
      if (position >= length || values[position] !== uid) {
        removed.push(uid);
        continue;
      }
      if (index.modSeqAt(position) > this.#highestModSeq) changed.push(position);
      position += 1;
    }
    return { removed, changed, firstAdded: position };
  }
}

/** Gives each set of flags a number, by what is in it; the same object is found at once. */
class FlagNumbers {
  readonly #byObject = new WeakMap<FlagSet, number>();
  readonly #byNames = new Map<string, number>();

  /** @param onNew Hears of a set that had no number. */
  numberOf(flags: FlagSet, onNew: (names: readonly FlagName[]) => void): number {
    const known = this.#byObject.get(flags);
    if (known !== undefined) return known;
    const key = flags.names.join(' ');
    const number = this.#byNames.get(key) ?? this.#byNames.size;
    if (!this.#byNames.has(key)) {
      this.#byNames.set(key, number);
      onNew(flags.names);
    }
    this.#byObject.set(flags, number);
    return number;
  }
}

function columnsFrom(
  index: FolderIndex,
  first: number,
  numberOf: (flags: FlagSet) => number,
): MessageColumns {
  const count = index.uids.length - first;
  const column = (valueAt: (position: number) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, at) => valueAt(first + at));
  return {
    uids: index.uids.values.slice(first, index.uids.length),
    sizes: column((position) => index.sizeBytesAt(position)),
    dates: column((position) => index.internalDateAt(position).epochMs),
    zones: Int16Array.from(column((position) => index.internalDateAt(position).zoneMinutes)),
    modSeqs: column((position) => index.modSeqAt(position)),
    flags: Uint32Array.from(column((position) => numberOf(index.flagsAt(position)))),
  };
}

/** The index as it was last told. */
export class MirroredIndex implements FolderIndex {
  uids: UidList = { values: new Uint32Array(0), length: 0 };
  uidNext = 1 as Uid;
  highestModSeq = 1 as ModSeq;
  keywords: readonly FlagName[] = [];
  readonly #flagSets: FlagSet[] = [];
  #rest: Omit<MessageColumns, 'uids'> = {
    sizes: new Float64Array(0),
    dates: new Float64Array(0),
    zones: new Int16Array(0),
    modSeqs: new Float64Array(0),
    flags: new Uint32Array(0),
  };

  /** Call it between turns only: then no session looks. */
  apply(change: IndexChange): void {
    for (const names of change.flagSets) this.#flagSets.push(new MirroredFlagSet(names));
    const { modSeqs, flags } = this.#rest;
    for (const [order, uid] of change.changed.uids.entries()) {
      const position = this.positionOf(uid as Uid);
      modSeqs[position] = change.changed.modSeqs[order] ?? 0;
      flags[position] = change.changed.flags[order] ?? 0;
    }
    if (change.removed.length > 0 || change.added.uids.length > 0) this.#rebuild(change);
    this.keywords = change.keywords;
    this.uidNext = change.uidNext as Uid;
    this.highestModSeq = change.highestModSeq as ModSeq;
  }

  /** Binary search. */
  positionOf(uid: Uid): number {
    const { values, length } = this.uids;
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((values[middle] ?? 0) < uid) low = middle + 1;
      else high = middle;
    }
    return low < length && values[low] === uid ? low : -1;
  }

  flagsAt(position: number): FlagSet {
    return this.#flagSets[this.#rest.flags[position] ?? -1] ?? NO_FLAGS;
  }

  sizeBytesAt(position: number): number {
    return this.#rest.sizes[position] ?? 0;
  }

  internalDateAt(position: number): InternalDate {
    const { dates, zones } = this.#rest;
    return { epochMs: dates[position] ?? 0, zoneMinutes: zones[position] ?? 0 };
  }

  modSeqAt(position: number): ModSeq {
    return (this.#rest.modSeqs[position] ?? 0) as ModSeq;
  }

  /** True if some message has changed after `since`. */
  hasChangesSince(since: ModSeq): boolean {
    return this.#rest.modSeqs.some((modSeq) => modSeq > since);
  }

  /** New columns: who still holds the old row of UIDs must find it as it was. */
  #rebuild({ removed, added }: IndexChange): void {
    const gone = new Set(removed);
    const { values, length } = this.uids;
    const kept: number[] = [];
    for (let position = 0; position < length; position += 1) {
      if (!gone.has(values[position] ?? 0)) kept.push(position);
    }
    const total = kept.length + added.uids.length;
    const uids = fill(new Uint32Array(total), values, kept, added.uids);
    const old = this.#rest;
    this.uids = { values: uids, length: total };
    this.#rest = {
      sizes: fill(new Float64Array(total), old.sizes, kept, added.sizes),
      dates: fill(new Float64Array(total), old.dates, kept, added.dates),
      zones: fill(new Int16Array(total), old.zones, kept, added.zones),
      modSeqs: fill(new Float64Array(total), old.modSeqs, kept, added.modSeqs),
      flags: fill(new Uint32Array(total), old.flags, kept, added.flags),
    };
  }
}

type Column = Float64Array | Uint32Array | Int16Array;

function fill<Values extends Column>(
  target: Values,
  old: ArrayLike<number>,
  kept: readonly number[],
  added: ArrayLike<number>,
): Values {
  for (const [at, position] of kept.entries()) target[at] = old[position] ?? 0;
  target.set(added, kept.length);
  return target;
}

class MirroredFlagSet implements FlagSet {
  readonly names: readonly FlagName[];
  readonly isSeen: boolean;
  readonly isDeleted: boolean;
  readonly #folded: ReadonlySet<string>;

  constructor(names: readonly FlagName[]) {
    this.names = names;
    this.isSeen = names.includes('\\Seen');
    this.isDeleted = names.includes('\\Deleted');
    this.#folded = new Set(names.map((name) => name.toLowerCase()));
  }

  has(flag: FlagName): boolean {
    return this.#folded.has(flag.toLowerCase());
  }
}

const NO_FLAGS: FlagSet = new MirroredFlagSet([]);
