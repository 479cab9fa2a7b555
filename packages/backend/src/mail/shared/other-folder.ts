/**
 * A folder of another's mailbox as a session has it open: called by its name below "Other Users",
 * with COPY and MOVE that lead wherever the session's names lead. Keeps the mailbox open as long.
 */
import type {
  CopyResult,
  FactName,
  FlagChange,
  FlagChangeResult,
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
import type { OtherMailbox } from './other-mailboxes.ts';
import { formatOtherPath, parseOtherPath } from './other-users-path.ts';

/** Copies to whatever the session names. */
export interface CopyRouter {
  copy(source: FolderPort, uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>>;
  move(source: FolderPort, uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>>;
}

/** Whose folder it is, and where it leads. */
export interface OtherFolderParts {
  readonly owner: OtherMailbox;
  readonly address: string;
  readonly router: CopyRouter;
}

export class OtherFolder implements FolderPort {
  readonly #folder: FolderPort;
  readonly #parts: OtherFolderParts;

  constructor(folder: FolderPort, parts: OtherFolderParts) {
    this.#folder = folder;
    this.#parts = parts;
  }

  /** Whose folder it is; undefined for one's own. */
  static addressOf(this: void, folder: FolderPort): string | undefined {
    return folder instanceof OtherFolder ? folder.#parts.address : undefined;
  }

  /** The folder as its own mailbox knows it; any other is returned as it is. */
  static within(this: void, folder: FolderPort): FolderPort {
    return folder instanceof OtherFolder ? folder.#folder : folder;
  }

  get path(): string {
    return formatOtherPath(this.#parts.address, this.#folder.path);
  }

  get isReadOnly(): boolean {
    return this.#folder.isReadOnly;
  }

  get rights(): string | undefined {
    return this.#folder.rights;
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

  changeFlags(
    uids: readonly Uid[],
    change: FlagChange,
    unchangedSince?: ModSeq,
  ): Promise<Outcome<FlagChangeResult>> {
    return this.#folder.changeFlags(uids, change, unchangedSince);
  }

  expunge(uids: readonly Uid[] | undefined): Promise<Outcome<readonly Uid[]>> {
    return this.#folder.expunge(uids);
  }

  copy(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    const within = this.#nameWithin(toPath);
    if (within !== undefined) return this.#folder.copy(uids, within);
    return this.#parts.router.copy(this.#folder, uids, toPath);
  }

  move(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    const within = this.#nameWithin(toPath);
    if (within !== undefined) return this.#folder.move(uids, within);
    return this.#parts.router.move(this.#folder, uids, toPath);
  }

  close(): void {
    this.#folder.close();
    this.#parts.owner.close();
  }

  /** The target's name in the same mailbox. */
  #nameWithin(toPath: string): string | undefined {
    const target = parseOtherPath(toPath);
    return target?.address === this.#parts.address && target.rest !== '' ? target.rest : undefined;
  }
}
