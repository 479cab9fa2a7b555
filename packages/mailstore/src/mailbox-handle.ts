/** One opener's handle on a mailbox: what `Mailbox` promises, over the shared core. */
import type {
  AppendRequest,
  Folder,
  FolderStatus,
  FolderSummary,
  Mailbox,
  MailboxUsage,
  Maildrop,
  MessageSink,
  Outcome,
  Uid,
  UidValidity,
} from './api.ts';
import { canonicalPath } from './folder-path.ts';
import { FolderView } from './folder-view.ts';
import { openInboxMaildrop } from './inbox-maildrop.ts';
import type { MailboxCore } from './mailbox-core.ts';
import { StoreMessageSink, type ReceivedMessage } from './message-sink.ts';
import { appendMessage } from './operations/append-message.ts';
import {
  createFolder,
  deleteFolder,
  renameFolder,
  setSubscribed,
} from './operations/change-folders.ts';
import { folderStatus } from './published-mailbox.ts';

/**
 * Messages of at most this size are rows. Measured (see `bench/store-bench.ts`): a row costs
 * one sync, a file three, and up to here copying the octets costs less than the two.
 */
const INLINE_BYTES = 128 * 1024;
const UNAVAILABLE = { ok: false, reason: 'unavailable' } as const;

export class MailboxHandle implements Mailbox {
  readonly #core: MailboxCore;
  readonly #release: () => void;
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

  createFolder(path: string, isSelectable: boolean): Promise<Outcome<string>> {
    const wanted = canonicalPath(path);
    return this.#core.queue.transact((tx) =>
      createFolder(tx, wanted, isSelectable, this.#core.parts.limits),
    );
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

  startAppend(request: AppendRequest): Promise<Outcome<MessageSink>> {
    const refusal = this.#refuseAppend(request);
    if (refusal !== undefined) return Promise.resolve(refusal);
    const { layout, files, clock, describe, createFileName, report } = this.#core.parts;
    const nowMs = clock.nowMs();
    const sink = new StoreMessageSink({
      sizeBytes: request.sizeBytes,
      describer: describe(),
      inlineBytes: INLINE_BYTES,
      files,
      messagesPath: layout.messages,
      fileName: createFileName(),
      append: (message) => this.#append(request, message, nowMs),
      onFault: (code) => report({ name: 'mailbox.volume-full', accountId: this.accountId, code }),
    });
    return Promise.resolve({ ok: true, value: sink });
  }

  openMaildrop(): Promise<Outcome<Maildrop>> {
    if (this.#core.isBroken) return Promise.resolve(UNAVAILABLE);
    return openInboxMaildrop(this.#core);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#release();
  }

  #refuseAppend(request: AppendRequest): Outcome<never> | undefined {
    const { published, parts } = this.#core;
    if (this.#core.isBroken) return UNAVAILABLE;
    const folder = published.findFolder(canonicalPath(request.path));
    if (folder === undefined || !folder.isSelectable) return { ok: false, reason: 'nonexistent' };
    if (request.sizeBytes > parts.limits.messageBytes) return { ok: false, reason: 'too-big' };
    if (published.usage.totalBytes + request.sizeBytes > parts.limits.mailboxBytes) {
      return { ok: false, reason: 'over-quota' };
    }
    const flags = this.#core.checkFlags(request.flags);
    return flags.ok ? undefined : flags;
  }

  async #append(
    request: AppendRequest,
    message: ReceivedMessage,
    nowMs: number,
  ): Promise<Outcome<{ readonly uidValidity: UidValidity; readonly uid: Uid }>> {
    const arrived = {
      path: canonicalPath(request.path),
      flags: request.flags,
      internalDate: request.internalDate ?? { epochMs: nowMs, zoneMinutes: 0 },
      sizeBytes: request.sizeBytes,
      ...message,
    };
    const appended = await this.#core.queue.transact((tx) =>
      appendMessage(tx, arrived, this.#core.bounds),
    );
    if (!appended.ok) return appended;
    const { uidValidity, uid } = appended.value;
    return { ok: true, value: { uidValidity: uidValidity as UidValidity, uid: uid as Uid } };
  }
}
