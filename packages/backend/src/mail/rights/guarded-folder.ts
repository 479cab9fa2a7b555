/**
 * A folder in which somebody has some rights and not others (RFC 4314 §4). What was allowed when
 * it was opened does not count: rights are asked for again at each change.
 */
import type { FlagName } from '@homeward/imap/grammar';
import type {
  CopyResult,
  FactName,
  FlagChange,
  FolderIndex,
  FolderPort,
  MessageContent,
  MessageFacts,
  ModSeq,
  Outcome,
  TextQuery,
  Uid,
  UidValidity,
} from '@homeward/imap/session';
import {
  type FolderRights,
  mayChangeEveryFlag,
  mayTakeOut,
  permittedFlags,
  refuseWithout,
} from './folder-rights.ts';

const SYSTEM_FLAGS: readonly FlagName[] = [
  '\\Seen',
  '\\Answered',
  '\\Flagged',
  '\\Deleted',
  '\\Draft',
];

type ChangedFlags = Awaited<ReturnType<FolderPort['changeFlags']>>;

/** What a guarded folder needs of its mailbox. */
export interface FolderGuard {
  /** The rights as they are now; none in a folder that is gone. */
  rightsOn(path: string): Promise<FolderRights>;
  /** Calls `listener` when rights may have changed. @returns How to end it. */
  onRightsChanged(listener: () => void): () => void;
  /** @param source The folder behind the guard. */
  copy(source: FolderPort, uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>>;
  move(source: FolderPort, uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>>;
}

const EMPTY_UIDS = { values: new Uint32Array(0), length: 0 };

export class GuardedFolder implements FolderPort {
  readonly #folder: FolderPort;
  readonly #guard: FolderGuard;
  readonly #listeners = new Set<() => void>();
  readonly #ceaseToWatch: () => void;
  #rights: FolderRights;
  #isRevoked = false;

  /** @param rights Those with which it was opened. */
  constructor(folder: FolderPort, rights: FolderRights, guard: FolderGuard) {
    this.#folder = folder;
    this.#rights = rights;
    this.#guard = guard;
    this.#ceaseToWatch = guard.onRightsChanged(() => void this.#recheck());
  }

  /** The folder behind the guard; any other is returned as it is. */
  static unguarded(this: void, folder: FolderPort): FolderPort {
    return folder instanceof GuardedFolder ? folder.#folder : folder;
  }

  get path(): string {
    return this.#folder.path;
  }

  get rights(): FolderRights {
    return this.#rights;
  }

  get isReadOnly(): boolean {
    return this.#folder.isReadOnly;
  }

  get uidValidity(): UidValidity {
    return this.#folder.uidValidity;
  }

  get mailboxId(): string {
    return this.#folder.mailboxId;
  }

  /** What was in it is nobody's business who may read it no more. */
  get index(): FolderIndex {
    const { index } = this.#folder;
    if (!this.#isRevoked) return index;
    return { ...emptyIndex, uidNext: index.uidNext, highestModSeq: index.highestModSeq };
  }

  get firstRecentUid(): Uid {
    return this.#folder.firstRecentUid;
  }

  get isGone(): boolean {
    return this.#isRevoked || this.#folder.isGone;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    const end = this.#folder.subscribe(listener);
    return () => {
      this.#listeners.delete(listener);
      end();
    };
  }

  expungedSince(modSeq: ModSeq): Promise<readonly Uid[] | undefined> {
    return this.#folder.expungedSince(modSeq);
  }

  hasFlagChangesSince(modSeq: ModSeq): boolean {
    return this.#folder.hasFlagChangesSince(modSeq);
  }

  async readFacts(
    uids: readonly Uid[],
    names: ReadonlySet<FactName>,
  ): Promise<readonly MessageFacts[]> {
    return this.#isRevoked ? [] : this.#folder.readFacts(uids, names);
  }

  async openMessage(uid: Uid): Promise<MessageContent | undefined> {
    return this.#isRevoked ? undefined : this.#folder.openMessage(uid);
  }

  findTextCandidates(
    queries: readonly TextQuery[],
  ): Promise<readonly (ReadonlySet<Uid> | undefined)[]> {
    return this.#folder.findTextCandidates(queries);
  }

  async changeFlags(
    uids: readonly Uid[],
    change: FlagChange,
    unchangedSince?: ModSeq,
  ): Promise<ChangedFlags> {
    const rights = await this.#renewRights();
    if (mayChangeEveryFlag(rights)) return this.#folder.changeFlags(uids, change, unchangedSince);
    const flags = permittedFlags(change.flags, rights);
    if (change.kind === 'replace') return this.#replaceSome(uids, flags, rights, unchangedSince);
    // RFC 4314 §4: it is no failure if one of them may be changed.
    if (flags.length === 0) return refuseWithout(rights);
    return this.#folder.changeFlags(uids, { kind: change.kind, flags }, unchangedSince);
  }

  async expunge(uids: readonly Uid[] | undefined): Promise<Outcome<readonly Uid[]>> {
    const rights = await this.#renewRights();
    return rights.includes('e') ? this.#folder.expunge(uids) : refuseWithout(rights);
  }

  async copy(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    const rights = await this.#renewRights();
    return rights.includes('r')
      ? this.#guard.copy(this.#folder, uids, toPath)
      : refuseWithout(rights);
  }

  /** A move takes the message out of here (RFC 6851 §4.1 with RFC 4314 §4). */
  async move(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    const rights = await this.#renewRights();
    if (!mayTakeOut(rights)) return refuseWithout(rights);
    return this.#guard.move(this.#folder, uids, toPath);
  }

  close(): void {
    this.#ceaseToWatch();
    this.#listeners.clear();
    this.#folder.close();
  }

  /** Asks for the rights anew: a folder that may be read no more is as good as deleted. */
  async #recheck(): Promise<void> {
    await this.#renewRights();
  }

  /** Flags that may not be changed stay as they are on each message. */
  async #replaceSome(
    uids: readonly Uid[],
    flags: readonly FlagName[],
    rights: FolderRights,
    unchangedSince: ModSeq | undefined,
  ): Promise<ChangedFlags> {
    const known = permittedFlags([...SYSTEM_FLAGS, ...this.index.keywords], rights);
    if (known.length === 0) return refuseWithout(rights);
    const wanted = new Set(flags.map((flag) => flag.toLowerCase()));
    const unwanted = known.filter((flag) => !wanted.has(flag.toLowerCase()));
    const removed = await this.#folder.changeFlags(
      uids,
      { kind: 'remove', flags: unwanted },
      unchangedSince,
    );
    if (!removed.ok || flags.length === 0) return removed;
    const { missing, modified } = removed.value;
    const untouched = new Set([...missing, ...modified]);
    const left = uids.filter((uid) => !untouched.has(uid));
    const added = await this.#folder.changeFlags(left, { kind: 'add', flags });
    if (!added.ok) return added;
    return { ok: true, value: { missing: [...missing, ...added.value.missing], modified } };
  }

  async #renewRights(): Promise<FolderRights> {
    const rights = await this.#guard.rightsOn(this.#folder.path);
    const hasChanged = rights !== this.#rights;
    this.#rights = rights;
    if (!hasChanged || this.#isRevoked) return rights;
    this.#isRevoked = !rights.includes('r');
    for (const listener of this.#listeners) listener();
    return rights;
  }
}

const emptyIndex: Omit<FolderIndex, 'uidNext' | 'highestModSeq'> = {
  uids: EMPTY_UIDS,
  keywords: [],
  positionOf: () => -1,
  flagsAt: nothingThere,
  sizeBytesAt: nothingThere,
  internalDateAt: nothingThere,
  modSeqAt: nothingThere,
};

/** Nobody asks for a position of an index that has none. */
function nothingThere(position: number): never {
  throw new RangeError(`an empty index has no position ${position}`);
}
