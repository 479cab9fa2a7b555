/** One session's hold on a folder in memory. */
import type { ModSeq, Uid, UidValidity } from '../../ids.ts';
import type {
  CopyResult,
  FactName,
  FlagChange,
  FlagChangeResult,
  FolderIndex,
  FolderPort,
  MessageContent,
  MessageFacts,
  Outcome,
  TextQuery,
} from '../ports.ts';
import type { MemoryFolder } from './memory-folder.ts';

/** What an open folder needs of the mailbox around it. */
export interface MemorySiblings {
  find(path: string): MemoryFolder | undefined;
  /** Changes happen between two pauses, so that others' can come in between. */
  pause(): Promise<void>;
  nowMs(): number;
}

/** Facts that lie in memory for every message; `octets` only of small ones. */
const KEPT_OCTETS_BYTES = 128 * 1024;
const notPermitted = { ok: false, reason: 'not-permitted' } as const;

/** Supplies `FolderPort`. */
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
    this.firstRecentUid = folder.hold(this);
  }

  get uidValidity(): UidValidity {
    return this.#folder.uidValidity;
  }

  get mailboxId(): string {
    return this.#folder.mailboxId;
  }

  get index(): FolderIndex {
    return this.#folder.index;
  }

  get isGone(): boolean {
    return this.#folder.isGone;
  }

  subscribe(listener: () => void): () => void {
    return this.#folder.subscribe(listener);
  }

  async expungedSince(modSeq: ModSeq): Promise<readonly Uid[] | undefined> {
    await this.#siblings.pause();
    return this.#folder.expungedSince(modSeq);
  }

  hasFlagChangesSince(modSeq: ModSeq): boolean {
    return this.#folder.hasFlagChangesSince(modSeq);
  }

  async readFacts(
    uids: readonly Uid[],
    names: ReadonlySet<FactName>,
  ): Promise<readonly MessageFacts[]> {
    const facts = uids.flatMap((uid) => this.#folder.index.find(uid)?.facts ?? []);
    await this.#siblings.pause();
    return facts.map((fact) => only(fact, names));
  }

  async openMessage(uid: Uid): Promise<MessageContent | undefined> {
    const octets = this.#folder.index.find(uid)?.octets;
    if (octets === undefined) return undefined;
    return {
      sizeBytes: octets.length,
      read: async (offset, count) => octets.subarray(offset, offset + count),
      close: async () => undefined,
    };
  }

  /** It has no index. */
  async findTextCandidates(queries: readonly TextQuery[]): Promise<readonly undefined[]> {
    await this.#siblings.pause();
    return queries.map(() => undefined);
  }

  async changeFlags(
    uids: readonly Uid[],
    change: FlagChange,
    unchangedSince?: ModSeq,
  ): Promise<Outcome<FlagChangeResult>> {
    if (this.isReadOnly) return notPermitted;
    await this.#siblings.pause();
    const value = this.#folder.changeFlags(uids, change, unchangedSince);
    await this.#siblings.pause();
    return { ok: true, value };
  }

  async expunge(uids: readonly Uid[] | undefined): Promise<Outcome<readonly Uid[]>> {
    if (this.isReadOnly) return notPermitted;
    await this.#siblings.pause();
    const wanted = uids === undefined ? undefined : new Set(uids);
    const doomed = this.#folder.index.messages
      .filter(({ uid, flags }) => flags.isDeleted && (wanted?.has(uid) ?? true))
      .map(({ uid }) => uid);
    const value = this.#folder.remove(doomed);
    await this.#siblings.pause();
    return { ok: true, value };
  }

  async copy(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    await this.#siblings.pause();
    const copied = this.#copyNow(uids, toPath);
    await this.#siblings.pause();
    return copied;
  }

  async move(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    if (this.isReadOnly) return notPermitted;
    await this.#siblings.pause();
    const copied = this.#copyNow(uids, toPath);
    if (copied.ok) this.#folder.remove(copied.value.sourceUids);
    await this.#siblings.pause();
    return copied;
  }

  close(): void {
    this.#folder.release(this);
  }

  #copyNow(uids: readonly Uid[], toPath: string): Outcome<CopyResult> {
    const target = this.#siblings.find(toPath);
    if (target === undefined) return { ok: false, reason: 'nonexistent' };
    const found = uids.flatMap((uid) => this.#folder.index.find(uid) ?? []);
    const newUids = found.map(({ flags, internalDate, octets, facts }) =>
      target.add({
        flags: flags.names,
        internalDate,
        octets,
        describe: (uid) => ({ ...facts, uid, saveDateMs: this.#siblings.nowMs() }),
      }),
    );
    const sourceUids = found.map(({ uid }) => uid);
    return { ok: true, value: { uidValidity: target.uidValidity, sourceUids, newUids } };
  }
}

/** What was not asked for is not told: a session that forgot to ask shall be found out. */
function only(facts: MessageFacts, names: ReadonlySet<FactName>): MessageFacts {
  const octets = facts.octets ?? new Uint8Array();
  const isKept = octets.length <= KEPT_OCTETS_BYTES;
  return {
    uid: facts.uid,
    envelope: names.has('envelope') ? facts.envelope : undefined,
    body: names.has('body') ? facts.body : undefined,
    bodyStructure: names.has('body-structure') ? facts.bodyStructure : undefined,
    header: names.has('header') ? facts.header : undefined,
    shape: names.has('shape') ? facts.shape : undefined,
    octets: names.has('octets') && isKept ? octets : undefined,
    emailId: names.has('email-id') ? facts.emailId : undefined,
    sortFacts: names.has('sort-facts') ? facts.sortFacts : undefined,
    saveDateMs: names.has('save-date') ? facts.saveDateMs : undefined,
    preview: names.has('preview') ? facts.preview : undefined,
  };
}
