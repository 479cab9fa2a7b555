/** One folder of the store in memory: its messages, and the sessions that have it open. */
import type { FlagName } from '../../grammar/command.ts';
import type { ModSeq, Uid, UidValidity } from '../../ids.ts';
import type { FlagChange, FlagChangeResult, FlagSet, SpecialUse } from '../ports.ts';
import type { FlagInterner } from './memory-flags.ts';
import { type FactsMaker, MemoryIndex, type MemoryMessage } from './memory-index.ts';

/** A session's hold on a folder. */
export interface MemoryHold {
  readonly isReadOnly: boolean;
}

/** A message to be added. */
export type MemoryArrival = Pick<MemoryMessage, 'internalDate' | 'octets'> & {
  readonly flags: readonly FlagName[];
  readonly describe: FactsMaker;
};

/** Folder contents; `MemoryMailbox` owns them. */
export class MemoryFolder {
  readonly uidValidity: UidValidity;
  readonly mailboxId: string;
  specialUse: SpecialUse | undefined;
  readonly metadata: Map<string, Uint8Array> = new Map();
  readonly access: Map<string, string> = new Map();
  readonly index: MemoryIndex = new MemoryIndex();
  readonly #interner: FlagInterner;
  readonly #holds = new Set<MemoryHold>();
  readonly #listeners = new Set<() => void>();
  readonly #expunged: { readonly uid: Uid; readonly modSeq: ModSeq }[] = [];
  #flagModSeq = 1;
  #recentFrom = 1;
  #historyFrom = 0;
  #isGone = false;

  constructor(
    uidValidity: UidValidity,
    interner: FlagInterner,
    specialUse: SpecialUse | undefined,
  ) {
    this.uidValidity = uidValidity;
    this.mailboxId = `F${uidValidity}`;
    this.#interner = interner;
    this.specialUse = specialUse;
  }

  /** The first UID that nobody was told of as \Recent yet. */
  get recentFrom(): Uid {
    return this.#recentFrom as Uid;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Sessions that have it open, and those that listen: both must come back to none. */
  get holdCount(): number {
    // One of the listeners is the mailbox itself.
    return this.#holds.size + this.#listeners.size - 1;
  }

  add({ flags: names, internalDate, octets, describe }: MemoryArrival): Uid {
    const flags = this.#interner.intern(names);
    const uid = this.index.append({ flags, internalDate, octets }, describe);
    // A session that may write hears of it at once, and so it is recent to that one alone.
    const hasWriter = [...this.#holds].some(({ isReadOnly }) => !isReadOnly);
    if (hasWriter) this.#recentFrom = this.index.uidNext;
    this.#publish();
    return uid;
  }

  changeFlags(
    uids: readonly Uid[],
    change: FlagChange,
    unchangedSince: number = Infinity,
  ): FlagChangeResult {
    const missing: Uid[] = [];
    const modified: Uid[] = [];
    let modSeq: ModSeq | undefined;
    const results = new Map<FlagSet, FlagSet>();
    for (const uid of uids) {
      const message = this.index.find(uid);
      if (message === undefined) {
        missing.push(uid);
        continue;
      }
      if (message.modSeq > unchangedSince) {
        modified.push(uid);
        continue;
      }
      const { flags } = message;
      const changed = results.get(flags) ?? this.#interner.apply(flags, change);
      results.set(flags, changed);
      if (changed === flags) continue;
      modSeq ??= this.index.nextModSeq();
      this.#setFlags(message, changed, modSeq);
    }
    this.#publish();
    return { missing, modified };
  }

  #setFlags(message: MemoryMessage, flags: MemoryMessage['flags'], modSeq: ModSeq): void {
    message.flags = flags;
    message.modSeq = modSeq;
    this.#flagModSeq = modSeq;
    this.index.noteKeywords(flags);
  }

  /** @returns those that were there, ascending. */
  remove(uids: readonly Uid[]): Uid[] {
    const gone = uids.filter((uid) => this.index.find(uid) !== undefined);
    if (gone.length === 0) return gone;
    const modSeq = this.index.nextModSeq();
    for (const uid of gone) this.#expunged.push({ uid, modSeq });
    this.index.remove(new Set(gone));
    this.#publish();
    return gone;
  }

  /** Empties it for ever. */
  markGone(): void {
    this.remove(this.index.messages.map(({ uid }) => uid));
    this.#isGone = true;
    this.#publish();
  }

  expungedSince(modSeq: ModSeq): Uid[] | undefined {
    if (modSeq < this.#historyFrom) return undefined;
    return this.#expunged
      .filter((entry) => entry.modSeq > modSeq)
      .map(({ uid }) => uid)
      .toSorted((left, right) => left - right);
  }

  /** Forgets what was expunged so far, as a store does some day. */
  forgetExpunged(): void {
    this.#expunged.length = 0;
    this.#historyFrom = this.index.highestModSeq;
  }

  hasFlagChangesSince(modSeq: ModSeq): boolean {
    return this.#flagModSeq > modSeq;
  }

  /** @returns the first UID that is \Recent for this holder; one that may write takes all. */
  hold(holder: MemoryHold): Uid {
    this.#holds.add(holder);
    const first = this.#recentFrom;
    if (!holder.isReadOnly) this.#recentFrom = this.index.uidNext;
    return first as Uid;
  }

  release(holder: MemoryHold): void {
    this.#holds.delete(holder);
  }

  subscribe(listener: () => void): () => void {
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** Tells listeners later, as the port promises. */
  #publish(): void {
    for (const listener of this.#listeners) queueMicrotask(listener);
  }
}
