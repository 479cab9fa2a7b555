/**
 * A mailbox in which somebody may do some things and not others (RFC 4314 §4): another's mailbox
 * for a delegate who may only read, or for whom its folders' access lists name. Everything that
 * a session does passes here; rights are asked for anew at each step.
 */
import type {
  AccessList,
  AppendPort,
  ArrivingMessage,
  CopyResult,
  FolderPort,
  FolderStatus,
  FolderSummary,
  MailboxEvent,
  MailboxPort,
  Metadata,
  Outcome,
  QuotaRoot,
  ReplacedMessage,
  SpecialUse,
  Uid,
} from '@homeward/imap/session';
import { copyMessages } from './copy-messages.ts';
import {
  type FolderRights,
  isForReadingOnly,
  mayChangeEveryFlag,
  mayTakeOut,
  permittedFlags,
  refuseWithout,
} from './folder-rights.ts';
import { type FolderGuard, GuardedFolder } from './guarded-folder.ts';

/** What somebody may do in a mailbox, now. */
export interface RightsSource {
  /**
   * @param path Of a folder; "" is the root, where folders that have no parent are made.
   * @returns undefined where there is no such folder.
   */
  rightsOn(path: string): Promise<FolderRights | undefined>;
  /** Calls `listener` when they may have changed. @returns How to end it. */
  onRightsChanged(listener: () => void): () => void;
}

/** The same rights everywhere, for a delegate of the whole mailbox. */
export function sameRightsEverywhere(rights: FolderRights): RightsSource {
  return {
    rightsOn: () => Promise.resolve(rights),
    onRightsChanged: () => () => undefined,
  };
}

export class GuardedMailbox implements MailboxPort, FolderGuard {
  readonly #mailbox: MailboxPort;
  readonly #source: RightsSource;

  constructor(mailbox: MailboxPort, source: RightsSource) {
    this.#mailbox = mailbox;
    this.#source = source;
  }

  async rightsOn(path: string): Promise<FolderRights> {
    return (await this.#source.rightsOn(path)) ?? '';
  }

  /**
   * Sessions ask again before they tell anything; of what is gone nobody can be asked.
   *
   * Gap: whoever works with another's mailbox hears of new names, and not of names that went.
   */
  subscribeMailbox(listener: (event: MailboxEvent) => void): () => void {
    return this.#mailbox.subscribeMailbox((event) => {
      if (event.kind === 'renamed') listener({ kind: 'created', path: event.path });
      else if (event.kind !== 'deleted') listener(event);
    });
  }

  /** A folder is listed by itself, whatever may be known of its parent (RFC 4314 §4). */
  async listFolders(): Promise<readonly FolderSummary[]> {
    const visible: FolderSummary[] = [];
    for (const folder of await this.#mailbox.listFolders()) {
      if ((await this.rightsOn(folder.path)).includes('l')) visible.push(folder);
    }
    const parents = new Set(visible.flatMap(({ path }) => parentOf(path)));
    return visible.map((folder) => ({ ...folder, hasChildren: parents.has(folder.path) }));
  }

  listDeadSubscriptions(): Promise<readonly string[]> {
    return this.#mailbox.listDeadSubscriptions();
  }

  statusOf(path: string): Promise<Outcome<FolderStatus>> {
    return this.#with('r', path, () => this.#mailbox.statusOf(path));
  }

  async openFolder(path: string, isReadOnly: boolean): Promise<Outcome<FolderPort>> {
    const rights = await this.rightsOn(path);
    if (!rights.includes('r')) return refuseWithout(rights);
    const opened = await this.#mailbox.openFolder(path, isReadOnly || isForReadingOnly(rights));
    if (!opened.ok) return opened;
    return { ok: true, value: new GuardedFolder(opened.value, rights, this) };
  }

  onRightsChanged(listener: () => void): () => void {
    return this.#source.onRightsChanged(listener);
  }

  async createFolder(
    path: string,
    isSelectable: boolean,
    specialUse?: SpecialUse,
  ): Promise<Outcome<string>> {
    const nearest = await this.#findNearestParent(path);
    return this.#with('k', nearest, () =>
      this.#mailbox.createFolder(path, isSelectable, specialUse),
    );
  }

  /** What a folder is for is the owner's to say, and of those who may name it anew. */
  setSpecialUse(path: string, specialUse: SpecialUse | undefined): Promise<Outcome<void>> {
    return this.#with('x', path, () => this.#mailbox.setSpecialUse(path, specialUse));
  }

  deleteFolder(path: string): Promise<Outcome<void>> {
    return this.#with('x', path, () => this.#mailbox.deleteFolder(path));
  }

  renameFolder(from: string, to: string): Promise<Outcome<void>> {
    return this.#with('x', from, async () => {
      const nearest = await this.#findNearestParent(to);
      return this.#with('k', nearest, () => this.#mailbox.renameFolder(from, to));
    });
  }

  /** The list is the owner's; who may change nothing does not change that either. */
  async setSubscribed(path: string, isSubscribed: boolean): Promise<Outcome<void>> {
    return this.#with('w', '', () => this.#mailbox.setSubscribed(path, isSubscribed));
  }

  async startAppend(path: string, replaced?: ReplacedMessage): Promise<Outcome<AppendPort>> {
    const rights = await this.rightsOn(path);
    if (!rights.includes('i')) return refuseWithout(rights);
    const started = await this.#mailbox.startAppend(path, replaced && unguard(replaced));
    return started.ok ? { ok: true, value: this.#guardAppend(started.value, rights) } : started;
  }

  /** RFC 9208 §6: GETQUOTAROOT needs "r". */
  quotaRootOf(path: string): Promise<Outcome<QuotaRoot>> {
    return this.#with('r', path, () => this.#mailbox.quotaRootOf(path));
  }

  async findQuotaRoot(name: string): Promise<QuotaRoot | undefined> {
    return (await this.rightsOn('')).includes('r') ? this.#mailbox.findQuotaRoot(name) : undefined;
  }

  get metadataValueBytes(): number {
    return this.#mailbox.metadataValueBytes;
  }

  /** RFC 5464 §3.3: "l" and one of "rswip". The owner's private annotations are nobody else's. */
  async readMetadata(path: string | undefined): Promise<Outcome<Metadata>> {
    const rights = await this.rightsOn(path ?? '');
    if (!rights.includes('l') || !/[rswip]/.test(rights)) return refuseWithout(rights);
    const read = await this.#mailbox.readMetadata(path);
    if (!read.ok) return read;
    return { ok: true, value: new Map([...read.value].filter(([name]) => !isPrivate(name))) };
  }

  /**
   * Stricter than RFC 5464 §3.3 by "w".
   * Gap: no private annotations of one's own on the folders of others.
   */
  async setMetadata(
    path: string | undefined,
    values: ReadonlyMap<string, Uint8Array | undefined>,
  ): Promise<Outcome<void>> {
    const rights = await this.rightsOn(path ?? '');
    const isAllowed = rights.includes('w') && ![...values.keys()].some(isPrivate);
    return isAllowed ? this.#mailbox.setMetadata(path, values) : refuseWithout(rights);
  }

  get otherUsersPrefix(): string | undefined {
    return this.#mailbox.otherUsersPrefix;
  }

  canonicalIdentifier(identifier: string): Promise<Outcome<string>> {
    return this.#mailbox.canonicalIdentifier(identifier);
  }

  async rightsOf(path: string): Promise<Outcome<string>> {
    const rights = await this.#source.rightsOn(path);
    // RFC 4314 §4: MYRIGHTS needs one of these.
    if (rights === undefined || !/[lrikxa]/.test(rights)) return refuseWithout('');
    return { ok: true, value: rights };
  }

  readAccessList(path: string): Promise<Outcome<AccessList>> {
    return this.#with('a', path, () => this.#mailbox.readAccessList(path));
  }

  setAccess(path: string, identifier: string, rights: string | undefined): Promise<Outcome<void>> {
    return this.#with('a', path, () => this.#mailbox.setAccess(path, identifier, rights));
  }

  async copy(
    source: FolderPort,
    uids: readonly Uid[],
    toPath: string,
  ): Promise<Outcome<CopyResult>> {
    const rights = await this.rightsOn(toPath);
    if (!rights.includes('i')) return refuseWithout(rights);
    if (mayChangeEveryFlag(rights)) return source.copy(uids, toPath);
    return this.#copyWithSomeFlags(source, uids, toPath, rights);
  }

  async move(
    source: FolderPort,
    uids: readonly Uid[],
    toPath: string,
  ): Promise<Outcome<CopyResult>> {
    const rights = await this.rightsOn(toPath);
    if (!rights.includes('i')) return refuseWithout(rights);
    if (mayChangeEveryFlag(rights)) return source.move(uids, toPath);
    const copied = await this.#copyWithSomeFlags(source, uids, toPath, rights);
    return copied.ok ? removeCopied(source, copied.value) : copied;
  }

  #copyWithSomeFlags(
    source: FolderPort,
    uids: readonly Uid[],
    path: string,
    rights: FolderRights,
  ): Promise<Outcome<CopyResult>> {
    return copyMessages(source, uids, {
      mailbox: this.#mailbox,
      path,
      keepFlags: (flags) => permittedFlags(flags, rights),
    });
  }

  #guardAppend(append: AppendPort, rights: FolderRights): AppendPort {
    return {
      startMessage: (message: ArrivingMessage) =>
        append.startMessage({ ...message, flags: permittedFlags(message.flags, rights) }),
      write: (octets) => append.write(octets),
      endMessage: () => append.endMessage(),
      commit: async (replaced) => {
        if (replaced === undefined) return append.commit(undefined);
        const own = unguard(replaced);
        const onReplaced = await this.rightsOn(own.folder.path);
        if (mayTakeOut(onReplaced)) return append.commit(own);
        await append.abort();
        return refuseWithout(onReplaced);
      },
      abort: () => append.abort(),
    };
  }

  async #with<Value>(
    right: string,
    path: string,
    run: () => Promise<Outcome<Value>>,
  ): Promise<Outcome<Value>> {
    const rights = await this.rightsOn(path);
    return rights.includes(right) ? run() : refuseWithout(rights);
  }

  async #findNearestParent(path: string): Promise<string> {
    for (let parent = parentOf(path); parent !== undefined; parent = parentOf(parent)) {
      if ((await this.#source.rightsOn(parent)) !== undefined) return parent;
    }
    return '';
  }
}

/**
 * Takes out of a folder what was copied from it. A crash between the two leaves both, and a
 * refusal what it is: nothing is lost either way (RFC 6851 §3.3).
 */
export async function removeCopied(
  source: FolderPort,
  copied: CopyResult,
): Promise<Outcome<CopyResult>> {
  const { sourceUids } = copied;
  const marked = await source.changeFlags(sourceUids, { kind: 'add', flags: ['\\Deleted'] });
  if (!marked.ok) return marked;
  const removed = await source.expunge(sourceUids);
  return removed.ok ? { ok: true, value: copied } : removed;
}

/** The store knows its own folders only. */
function unguard({ folder, uid }: ReplacedMessage): ReplacedMessage {
  return { folder: GuardedFolder.unguarded(folder), uid };
}

function isPrivate(entryName: string): boolean {
  return entryName.startsWith('/private/');
}

function parentOf(path: string): string | undefined {
  const slash = path.lastIndexOf('/');
  return slash > 0 ? path.slice(0, slash) : undefined;
}
