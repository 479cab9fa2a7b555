/** One opener's handle on a mailbox: what `Mailbox` promises, over the shared core. */
import type {
  Folder,
  FolderStatus,
  FolderSummary,
  Mailbox,
  MailboxEvent,
  MailboxUsage,
  Maildrop,
  MessageSink,
  Outcome,
  QuotaLimits,
  QuotaRecord,
  ReplacedMessage,
  SpecialUse,
} from './api.ts';
import { canonicalPath } from './folder-path.ts';
import { FolderView } from './folder-view.ts';
import { openInboxMaildrop } from './inbox-maildrop.ts';
import type { MailboxCore } from './mailbox-core.ts';
import { openAppend } from './open-append.ts';
import {
  createFolder,
  deleteFolder,
  renameFolder,
  setSubscribed,
} from './operations/change-folders.ts';
import { setRights } from './operations/access-rights.ts';
import { readMetadata, setMetadata, WHOLE_MAILBOX } from './operations/metadata.ts';
import { setSpecialUse } from './operations/special-uses.ts';
import { folderStatus } from './published-mailbox.ts';

const UNAVAILABLE = { ok: false, reason: 'unavailable' } as const;

export class MailboxHandle implements Mailbox {
  readonly #core: MailboxCore;
  readonly #release: () => void;
  readonly #subscriptions = new Set<() => void>();
  #isClosed = false;

  constructor(core: MailboxCore, release: () => void) {
    this.#core = core;
    this.#release = release;
  }

  get accountId(): string {
    return this.#core.published.accountId;
  }

  get epoch(): number {
    return this.#core.published.epoch;
  }

  get usage(): MailboxUsage {
    return this.#core.published.usage;
  }

  get isBroken(): boolean {
    return this.#core.isBroken;
  }

  onBroken(listener: () => void): () => void {
    return this.#core.onBroken(listener);
  }

  listFolders(): Promise<readonly FolderSummary[]> {
    return Promise.resolve(this.#core.published.listFolders());
  }

  listDeadSubscriptions(): Promise<readonly string[]> {
    return Promise.resolve(this.#core.published.listDeadSubscriptions());
  }

  statusOf(path: string): Promise<Outcome<FolderStatus>> {
    const record = this.#core.published.findFolder(canonicalPath(path));
    if (record === undefined || !record.isSelectable) {
      return Promise.resolve({ ok: false, reason: 'nonexistent' });
    }
    return Promise.resolve({ ok: true, value: folderStatus(record) });
  }

  async openFolder(path: string, isReadOnly: boolean): Promise<Outcome<Folder>> {
    if (this.#core.isBroken) return UNAVAILABLE;
    const opened = await this.#core.openFolder(
      canonicalPath(path),
      (folder) => new FolderView(this.#core, folder, isReadOnly),
    );
    if (opened.ok && !isReadOnly) this.#core.clearRecent(opened.value.folderId);
    return opened;
  }

  createFolder(
    path: string,
    isSelectable: boolean,
    specialUse?: SpecialUse,
  ): Promise<Outcome<string>> {
    const wanted = { path: canonicalPath(path), isSelectable, specialUse };
    return this.#core.queue.transact((tx) => createFolder(tx, wanted, this.#core.parts.limits));
  }

  setSpecialUse(path: string, specialUse: SpecialUse | undefined): Promise<Outcome<void>> {
    const wanted = canonicalPath(path);
    return this.#core.queue.transact((tx) => setSpecialUse(tx, wanted, specialUse));
  }

  deleteFolder(path: string): Promise<Outcome<void>> {
    const wanted = canonicalPath(path);
    return this.#core.queue.transact((tx) => deleteFolder(tx, wanted));
  }

  renameFolder(from: string, to: string): Promise<Outcome<void>> {
    const paths = [canonicalPath(from), canonicalPath(to)] as const;
    return this.#core.queue.transactInSteps((tx) =>
      renameFolder(tx, ...paths, this.#core.parts.limits),
    );
  }

  setSubscribed(path: string, isSubscribed: boolean): Promise<Outcome<void>> {
    const wanted = canonicalPath(path);
    return this.#core.queue.transact((tx) =>
      setSubscribed(tx, wanted, isSubscribed, this.#core.parts.limits),
    );
  }

  startAppend(path: string, replacing?: ReplacedMessage): Promise<Outcome<MessageSink>> {
    return Promise.resolve(openAppend(this.#core, canonicalPath(path), replacing));
  }

  readQuota(): QuotaRecord {
    const { totalBytes, messageCount } = this.#core.published.usage;
    const { mailboxBytes, mailboxMessageCount } = this.#core.limits;
    return {
      storageBytes: { used: totalBytes, limit: mailboxBytes },
      messages: { used: messageCount, limit: mailboxMessageCount },
    };
  }

  setQuota(quota: QuotaLimits | undefined): void {
    this.#core.setQuota(quota);
  }

  readMetadata(path: string | undefined): Promise<Outcome<ReadonlyMap<string, Uint8Array>>> {
    const { published, parts } = this.#core;
    return this.#core.readCommitted(() => {
      const folder = path === undefined ? undefined : published.findFolder(canonicalPath(path));
      if (path !== undefined && folder === undefined) return { ok: false, reason: 'nonexistent' };
      const folderId = folder?.id ?? WHOLE_MAILBOX;
      return { ok: true, value: readMetadata(parts.database, folderId, folder?.specialUse) };
    });
  }

  setMetadata(
    path: string | undefined,
    entries: ReadonlyMap<string, Uint8Array | undefined>,
  ): Promise<Outcome<void>> {
    const wanted = path === undefined ? undefined : canonicalPath(path);
    return this.#core.queue.transact((tx) =>
      setMetadata(tx, wanted, entries, this.#core.parts.limits),
    );
  }

  readAcl(path: string): Promise<Outcome<ReadonlyMap<string, string>>> {
    const { published } = this.#core;
    const folder = published.findFolder(canonicalPath(path));
    if (folder === undefined) return Promise.resolve({ ok: false, reason: 'nonexistent' });
    return Promise.resolve({ ok: true, value: published.rightsOf(folder.id) });
  }

  setAcl(path: string, identifier: string, rights: string | undefined): Promise<Outcome<void>> {
    const wanted = canonicalPath(path);
    return this.#core.queue.transact((tx) =>
      setRights(tx, wanted, identifier, rights, this.#core.parts.limits),
    );
  }

  subscribeMailbox(listener: (event: MailboxEvent) => void): () => void {
    const end = this.#core.subscribe(listener);
    this.#subscriptions.add(end);
    return () => {
      this.#subscriptions.delete(end);
      end();
    };
  }

  openMaildrop(): Promise<Outcome<Maildrop>> {
    if (this.#core.isBroken) return Promise.resolve(UNAVAILABLE);
    return openInboxMaildrop(this.#core);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const end of this.#subscriptions) end();
    this.#subscriptions.clear();
    this.#release();
  }
}
