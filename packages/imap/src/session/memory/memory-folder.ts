/**
 * One folder of the store in memory: messages, and the sessions that have it open.
 */
import type { FlagName, InternalDate } from '../../grammar/command.ts';
import type { ModSeq, Uid, UidValidity } from '../../ids.ts';
import type {
  CopyResult,
  FactName,
  FlagChange,
  FlagSet,
  FolderIndex,
  FolderPort,
  MessageContent,
  MessageFacts,
  Outcome,
  SpecialUse,
} from '../ports.ts';
import type { FlagInterner } from './memory-flags.ts';

/** A message as it lies in memory. */
export interface MemoryMessage {
  readonly uid: Uid;
  flags: FlagSet;
  modSeq: ModSeq;
  readonly internalDate: InternalDate;
  readonly octets: Uint8Array;
  readonly facts: MessageFacts;
}

/** Folder contents; `MemoryMailbox` owns them. */
export class MemoryFolder {
  readonly uidValidity: UidValidity;
  readonly mailboxId: string;
  readonly specialUse: SpecialUse | undefined;
  readonly #interner: FlagInterner;
  readonly #listeners = new Set<() => void>();
  readonly #expunged: { readonly uid: Uid; readonly modSeq: ModSeq }[] = [];
  #messages: readonly MemoryMessage[] = [];
  #keywords: readonly FlagName[] = [];
  #uidNext = 1;
  #modSeq = 1;
  #flagModSeq = 1;
  #recentFrom = 1;
  isGone = false;
  isSubscribed = true;

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

  get messages(): readonly MemoryMessage[] {
    return this.#messages;
  }

  get uidNext(): Uid {
    return this.#uidNext as Uid;
  }

  get highestModSeq(): ModSeq {
    return this.#modSeq as ModSeq;
  }

  /** The first UID nobody was told of as \Recent yet. */
  get recentFrom(): Uid {
    return this.#recentFrom as Uid;
  }

  add(
    message: Pick<MemoryMessage, 'internalDate' | 'octets'> & {
      readonly flags: readonly FlagName[];
      readonly describe: (uid: Uid) => MessageFacts;
    },
  ): Uid {
    const uid = this.#uidNext as Uid;
    this.#uidNext += 1;
    const flags = this.#interner.intern(message.flags);
    const { internalDate, octets } = message;
    const modSeq = this.#nextModSeq();
    const facts = message.describe(uid);
    this.#messages = [...this.#messages, { uid, flags, modSeq, internalDate, octets, facts }];
    this.#noteKeywords(flags);
    if (this.#listeners.size > 0) this.#recentFrom = Math.max(this.#recentFrom, this.#uidNext);
    this.publish();
    return uid;
  }

  changeFlags(uids: readonly Uid[], change: FlagChange): { missing: Uid[] } {
    const missing: Uid[] = [];
    const modSeq = this.#nextModSeq();
    for (const uid of uids) {
      const message = this.find(uid);
      if (message === undefined) {
        missing.push(uid);
        continue;
      }
      const flags = this.#interner.apply(message.flags, change);
      if (flags === message.flags) continue;
      message.flags = flags;
      message.modSeq = modSeq;
      this.#flagModSeq = modSeq;
      this.#noteKeywords(flags);
    }
    this.publish();
    return { missing };
  }

  remove(uids: ReadonlySet<Uid>): Uid[] {
    const gone = this.#messages.filter((message) => uids.has(message.uid)).map(({ uid }) => uid);
    if (gone.length === 0) return gone;
    const modSeq = this.#nextModSeq();
    for (const uid of gone) this.#expunged.push({ uid, modSeq });
    this.#messages = this.#messages.filter((message) => !uids.has(message.uid));
    this.publish();
    return gone;
  }

  find(uid: Uid): MemoryMessage | undefined {
    return this.#messages.find((message) => message.uid === uid);
  }

  expungedSince(modSeq: ModSeq): Uid[] {
    return this.#expunged
      .filter((entry) => entry.modSeq > modSeq)
      .map(({ uid }) => uid)
      .toSorted((left, right) => left - right);
  }

  hasFlagChangesSince(modSeq: ModSeq): boolean {
    return this.#flagModSeq > modSeq;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A session that may write takes \Recent for itself (RFC 3501 §2.3.2). */
  claimRecent(isReadOnly: boolean): Uid {
    const first = this.#recentFrom;
    if (!isReadOnly) this.#recentFrom = this.#uidNext;
    return first as Uid;
  }

  /** Tells listeners in a later turn, as the port promises. */
  publish(): void {
    for (const listener of this.#listeners) queueMicrotask(listener);
  }

  index(): FolderIndex {
    const messages = this.#messages;
    const values = Uint32Array.from(messages, ({ uid }) => uid);
    const at = (position: number): MemoryMessage => {
      const message = messages[position];
      if (message === undefined) throw new Error(`no message at ${position}`);
      return message;
    };
    return {
      uids: { values, length: values.length },
      uidNext: this.uidNext,
      highestModSeq: this.highestModSeq,
      keywords: this.#keywords,
      positionOf: (uid) => values.indexOf(uid),
      flagsAt: (position) => at(position).flags,
      sizeBytesAt: (position) => at(position).octets.length,
      internalDateAt: (position) => at(position).internalDate,
      modSeqAt: (position) => at(position).modSeq,
    };
  }

  #nextModSeq(): ModSeq {
    this.#modSeq += 1;
    return this.#modSeq as ModSeq;
  }

  #noteKeywords(flags: FlagSet): void {
    const fresh = flags.names.filter(
      (name) => !name.startsWith('\\') && !this.#keywords.includes(name),
    );
    if (fresh.length > 0) this.#keywords = [...this.#keywords, ...fresh];
  }
}

/** What an open folder needs of the mailbox around it. */
export interface MemorySiblings {
  find(path: string): MemoryFolder | undefined;
}

/** One session's hold on a folder in memory. */
export class MemoryFolderPort implements FolderPort {
  readonly path: string;
  readonly isReadOnly: boolean;
  readonly firstRecentUid: Uid;
  readonly #folder: MemoryFolder;
  readonly #siblings: MemorySiblings;

  constructor(path: string, folder: MemoryFolder, isReadOnly: boolean, siblings: MemorySiblings) {
    this.path = path;
    this.isReadOnly = isReadOnly;
    this.#folder = folder;
    this.#siblings = siblings;
    this.firstRecentUid = folder.claimRecent(isReadOnly);
  }

  get uidValidity(): UidValidity {
    return this.#folder.uidValidity;
  }

  get mailboxId(): string {
    return this.#folder.mailboxId;
  }

  get index(): FolderIndex {
    return this.#folder.index();
  }

  get isGone(): boolean {
    return this.#folder.isGone;
  }

  subscribe(listener: () => void): () => void {
    return this.#folder.subscribe(listener);
  }

  expungedSince(modSeq: ModSeq): readonly Uid[] {
    return this.#folder.expungedSince(modSeq);
  }

  hasFlagChangesSince(modSeq: ModSeq): boolean {
    return this.#folder.hasFlagChangesSince(modSeq);
  }

  async readFacts(
    uids: readonly Uid[],
    _names: ReadonlySet<FactName>,
  ): Promise<readonly MessageFacts[]> {
    return uids.flatMap((uid) => this.#folder.find(uid)?.facts ?? []);
  }

  async openMessage(uid: Uid): Promise<MessageContent | undefined> {
    const octets = this.#folder.find(uid)?.octets;
    if (octets === undefined) return undefined;
    return {
      sizeBytes: octets.length,
      read: async (offset, count) => octets.subarray(offset, offset + count),
      close: async () => undefined,
    };
  }

  async changeFlags(
    uids: readonly Uid[],
    change: FlagChange,
  ): Promise<Outcome<{ missing: Uid[] }>> {
    return { ok: true, value: this.#folder.changeFlags(uids, change) };
  }

  async expunge(uids: readonly Uid[] | undefined): Promise<Outcome<readonly Uid[]>> {
    const wanted = uids === undefined ? undefined : new Set(uids);
    const doomed = this.#folder.messages
      .filter(({ uid, flags }) => flags.isDeleted && (wanted?.has(uid) ?? true))
      .map(({ uid }) => uid);
    return { ok: true, value: this.#folder.remove(new Set(doomed)) };
  }

  async copy(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    const target = this.#siblings.find(toPath);
    if (target === undefined) return { ok: false, reason: 'nonexistent' };
    const found = uids.flatMap((uid) => this.#folder.find(uid) ?? []);
    const newUids = found.map(({ flags, internalDate, octets, facts }) =>
      target.add({
        flags: flags.names,
        internalDate,
        octets,
        describe: (uid) => ({ ...facts, uid }),
      }),
    );
    const sourceUids = found.map(({ uid }) => uid);
    return { ok: true, value: { uidValidity: target.uidValidity, sourceUids, newUids } };
  }

  async move(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    const copied = await this.copy(uids, toPath);
    if (copied.ok) this.#folder.remove(new Set(copied.value.sourceUids));
    return copied;
  }

  close(): void {
    // Nothing is held: listeners are released by whoever subscribed.
  }
}
