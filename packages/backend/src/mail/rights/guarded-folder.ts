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
  copy(source: FolderPort, uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>>;
  move(source: FolderPort, uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>>;
}

export class GuardedFolder implements FolderPort {
  readonly #folder: FolderPort;
  readonly #guard: FolderGuard;

  constructor(folder: FolderPort, guard: FolderGuard) {
    this.#folder = folder;
    this.#guard = guard;
  }

  /** The folder behind the guard; any other is returned as it is. */
  static unguarded(this: void, folder: FolderPort): FolderPort {
    return folder instanceof GuardedFolder ? folder.#folder : folder;
  }

  get path(): string {
    return this.#folder.path;
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

  get index(): FolderIndex {
    return this.#folder.index;
  }

  get firstRecentUid(): Uid {
    return this.#folder.firstRecentUid;
  }

  get isGone(): boolean {
    return this.#folder.isGone;
  }

  subscribe(listener: () => void): () => void {
    return this.#folder.subscribe(listener);
  }

  expungedSince(modSeq: ModSeq): Promise<readonly Uid[] | undefined> {
    return this.#folder.expungedSince(modSeq);
  }

  hasFlagChangesSince(modSeq: ModSeq): boolean {
    return this.#folder.hasFlagChangesSince(modSeq);
  }

  readFacts(uids: readonly Uid[], names: ReadonlySet<FactName>): Promise<readonly MessageFacts[]> {
    return this.#folder.readFacts(uids, names);
  }

  openMessage(uid: Uid): Promise<MessageContent | undefined> {
    return this.#folder.openMessage(uid);
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
    const rights = await this.#rights();
    if (mayChangeEveryFlag(rights)) return this.#folder.changeFlags(uids, change, unchangedSince);
    const flags = permittedFlags(change.flags, rights);
    if (change.kind === 'replace') return this.#replaceSome(uids, flags, rights, unchangedSince);
    // RFC 4314 §4: it is no failure if one of them may be changed.
    if (flags.length === 0) return refuseWithout(rights);
    return this.#folder.changeFlags(uids, { kind: change.kind, flags }, unchangedSince);
  }

  async expunge(uids: readonly Uid[] | undefined): Promise<Outcome<readonly Uid[]>> {
    const rights = await this.#rights();
    return rights.includes('e') ? this.#folder.expunge(uids) : refuseWithout(rights);
  }

  copy(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    return this.#guard.copy(this.#folder, uids, toPath);
  }

  /** A move takes the message out of here (RFC 6851 §4.1 with RFC 4314 §4). */
  async move(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    const rights = await this.#rights();
    if (!rights.includes('t') || !rights.includes('e')) return refuseWithout(rights);
    return this.#guard.move(this.#folder, uids, toPath);
  }

  close(): void {
    this.#folder.close();
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

  #rights(): Promise<FolderRights> {
    return this.#guard.rightsOn(this.#folder.path);
  }
}
