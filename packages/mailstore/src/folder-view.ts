/** One holder's view of an open folder: what `Folder` promises, over the mailbox's core. */
import type {
  CopyResult,
  FactName,
  FlagChange,
  FlagChangeResult,
  Folder,
  FolderIndex,
  MessageContent,
  MessageFacts,
  ModSeq,
  Outcome,
  TextQuery,
  Uid,
  UidValidity,
} from './api.ts';
import { canonicalPath } from './folder-path.ts';
import type { MailboxCore } from './mailbox-core.ts';
import type { FolderWatcher, OpenFolder } from './open-folder.ts';
import { copyMessages, moveMessages, type CopiedUids } from './operations/copy-messages.ts';
import { readExpunged } from './read-expunged.ts';
import { openMessage, readFacts } from './read-messages.ts';

/** Messages moved in one transaction: about 4 ms. */
const MOVE_CHUNK = 1000;
const READ_ONLY = { ok: false, reason: 'not-permitted' } as const;

export class FolderView implements Folder, FolderWatcher {
  readonly isReadOnly: boolean;
  readonly firstRecentUid: Uid;
  readonly #core: MailboxCore;
  readonly #folder: OpenFolder;
  readonly #listeners = new Set<() => void>();

  /** Takes what is recent unless it is read-only. */
  constructor(core: MailboxCore, folder: OpenFolder, isReadOnly: boolean) {
    this.#core = core;
    this.#folder = folder;
    this.isReadOnly = isReadOnly;
    this.firstRecentUid = (isReadOnly ? folder.recentFrom : folder.takeRecent()) as Uid;
  }

  get folderId(): number {
    return this.#folder.record.id;
  }

  /** True if the folder is one of this mailbox. */
  isOf(core: MailboxCore): boolean {
    return core === this.#core;
  }

  get path(): string {
    return this.#folder.record.path;
  }

  get uidValidity(): UidValidity {
    return this.#folder.record.uidValidity as UidValidity;
  }

  get mailboxId(): string {
    return this.#folder.record.objectId;
  }

  get index(): FolderIndex {
    return this.#folder.index;
  }

  get isGone(): boolean {
    return this.#folder.isGone;
  }

  subscribe(listener: () => void): () => void {
    // An own function for each call, so that one listener may be given twice.
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  async expungedSince(modSeq: ModSeq): Promise<readonly Uid[] | undefined> {
    if (this.isGone) return undefined;
    const { index } = this.#folder;
    const recent = index.expungedSince(modSeq);
    if (recent !== undefined) return recent as Uid[];
    const span = { folderId: this.folderId, after: modSeq, upTo: index.highestModSeq };
    const isUsable = (): boolean => !this.#core.isBroken;
    const { database } = this.#core.parts;
    const uids = await this.#core.read(() => readExpunged(database, span, isUsable), undefined);
    return uids as Uid[] | undefined;
  }

  hasFlagChangesSince(modSeq: ModSeq): boolean {
    return this.#folder.index.hasFlagChangesSince(modSeq);
  }

  readFacts(uids: readonly Uid[], names: ReadonlySet<FactName>): Promise<readonly MessageFacts[]> {
    const { database } = this.#core.parts;
    const { rest } = this.#core;
    const isUsable = (): boolean => !this.#core.isBroken;
    return this.#core.read(
      () => readFacts(database, rest, this.#folder, uids, names, isUsable),
      [],
    );
  }

  findTextCandidates(
    queries: readonly TextQuery[],
  ): Promise<readonly (ReadonlySet<Uid> | undefined)[]> {
    return this.#core.texts.findCandidates(queries, this.#folder.index);
  }

  openMessage(uid: Uid): Promise<MessageContent | undefined> {
    const { index } = this.#folder;
    const position = index.positionOf(uid);
    if (position === -1) return Promise.resolve(undefined);
    const { database, files, layout } = this.#core.parts;
    const messageId = index.messageIdAt(position);
    return this.#core.read(
      () => openMessage(database, files, layout.messages, messageId),
      undefined,
    );
  }

  async changeFlags(
    uids: readonly Uid[],
    change: FlagChange,
    unchangedSince?: ModSeq,
  ): Promise<Outcome<FlagChangeResult>> {
    if (this.isReadOnly) return READ_ONLY;
    // A UID given twice would meet its own change.
    const wanted = unchangedSince === undefined ? uids : [...new Set(uids)];
    const changed = await this.#core.changeFlags(this.folderId, wanted, change, unchangedSince);
    return changed as Outcome<FlagChangeResult>;
  }

  async expunge(uids: readonly Uid[] | undefined): Promise<Outcome<readonly Uid[]>> {
    if (this.isReadOnly) return READ_ONLY;
    const removed = await this.#core.expunge(this.folderId, this.#deletedUids(uids), true);
    return removed.ok ? { ok: true, value: removed.value as Uid[] } : removed;
  }

  async copy(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    const path = canonicalPath(toPath);
    const ordered = ascending(uids);
    const copied = await this.#core.queue.transactInSteps((tx) =>
      copyMessages(tx, this.folderId, ordered, path, this.#core.bounds),
    );
    return copied.ok ? { ok: true, value: copyResult([copied.value], copied.value) } : copied;
  }

  async move(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    if (this.isReadOnly) return READ_ONLY;
    const path = canonicalPath(toPath);
    const ordered = ascending(uids);
    const target = this.#core.published.findFolder(path);
    if (target === undefined || !target.isSelectable) return { ok: false, reason: 'nonexistent' };
    const moved = await this.#core.inChunks(ordered, MOVE_CHUNK, (tx, chunk) =>
      moveMessages(tx, this.folderId, chunk, path, this.#core.bounds),
    );
    if (!moved.ok) return moved;
    return { ok: true, value: copyResult(moved.value, target) };
  }

  close(): void {
    this.#listeners.clear();
    this.#folder.remove(this);
  }

  /** Those that are \Deleted as published; the transaction looks again. Ascending. */
  #deletedUids(uids: readonly Uid[] | undefined): Uid[] {
    const { index } = this.#folder;
    const deleted: Uid[] = [];
    if (uids === undefined) {
      const { values, length } = index.uids;
      for (let at = 0; at < length; at += 1) {
        if (index.flagsAt(at).isDeleted) deleted.push(values[at] as Uid);
      }
      return deleted;
    }
    for (const uid of ascending(uids)) {
      const at = index.positionOf(uid);
      if (at !== -1 && index.flagsAt(at).isDeleted) deleted.push(uid);
    }
    return deleted;
  }
}

/** Sorted, each once. */
function ascending(uids: readonly Uid[]): Uid[] {
  return [...new Set(uids)].sort((a, b) => a - b);
}

function copyResult(
  parts: readonly CopiedUids[],
  target: { readonly uidValidity: number },
): CopyResult {
  return {
    uidValidity: target.uidValidity as UidValidity,
    sourceUids: parts.flatMap((part) => part.sourceUids) as Uid[],
    newUids: parts.flatMap((part) => part.newUids) as Uid[],
  };
}
