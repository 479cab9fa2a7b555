/**
 * All mailboxes of one worker: opened once each, shared by their users, closed when idle for
 * long or when others need the room.
 */
import { randomUUID } from 'node:crypto';
import type {
  DefaultFolder,
  Mailbox,
  MailStore,
  MessageDescriber,
  OpenOptions,
  OpenRefusal,
  Outcome,
  StoreClock,
  StoreEvent,
  StoreLimits,
} from './api.ts';
import { Database } from './database.ts';
import { MailboxHandle } from './mailbox-handle.ts';
import { mailboxLayout } from './mailbox-layout.ts';
import { openOwnedMailbox, type OwnedMailbox, type StoreParts } from './mailbox-lifecycle.ts';
import type { Maintenance } from './maintenance.ts';
import { startMaintenanceThread } from './maintenance-thread.ts';
import { errorCode, nodeStoreFiles, type StoreFiles } from './store-files.ts';

/** Bounds that fit one worker with the default of 1,024 file descriptors or more. */
export const DEFAULT_STORE_LIMITS: StoreLimits = {
  openMailboxCount: 128,
  idleMs: 60_000,
  messageBytes: 64 * 1024 * 1024,
  mailboxBytes: 100 * 1024 ** 3,
  mailboxMessageCount: undefined,
  appendMessageCount: 20_000,
  folderCount: 10_000,
  folderDepth: 100,
  pathBytes: 1000,
  subscriptionCount: 10_000,
  keywordCount: 1000,
  flagsPerMessage: 100,
  expungeHistoryCount: 50_000,
  metadataEntryCount: 200,
  metadataValueBytes: 64 * 1024,
  metadataTotalBytes: 10 * 1024 * 1024,
  accessEntryCount: 200,
  accessTotalCount: 20_000,
};

/** About 500 messages of 10 KB; writing them back takes the thread some 20 ms. */
const CHECKPOINT_BYTES = 8_000_000;

export interface MailStoreOptions {
  /** Folder of the volume; made if missing, its parent must be there. */
  readonly root: string;
  /** Makes a describer for one message. */
  readonly describe: () => MessageDescriber;
  readonly clock: StoreClock;
  readonly limits: StoreLimits;
  /** Folders that a new mailbox gets beside INBOX. */
  readonly defaultFolders: readonly DefaultFolder[];
  readonly report: (event: StoreEvent) => void;
  /** Names of message files; by default random. Must never repeat. */
  readonly createFileName?: () => string;
  /** By default the real file system. */
  readonly files?: StoreFiles;
  /** By default a thread of its own; the store closes it. */
  readonly maintenance?: Maintenance;
  /** Length of a mailbox's WAL at which it is written back. */
  readonly checkpointBytes?: number;
  /** By default SQLite as it is; tests make it fail. */
  readonly openDatabase?: (path: string) => Database;
}

interface Entry {
  readonly accountId: string;
  readonly mayCreate: boolean;
  readonly opening: Promise<Outcome<OwnedMailbox, OpenRefusal>>;
  userCount: number;
  cancelIdleTimer: (() => void) | undefined;
  isBroken: boolean;
}

/** Opens a store on a volume. Nothing is read before the first mailbox is opened. */
export function openMailStore(options: MailStoreOptions): MailStore {
  return new SqliteMailStore({
    ...options,
    files: options.files ?? nodeStoreFiles,
    maintenance: options.maintenance ?? startMaintenanceThread(),
    createFileName: options.createFileName ?? randomUUID,
    checkpointBytes: options.checkpointBytes ?? CHECKPOINT_BYTES,
    openDatabase: options.openDatabase ?? ((path) => new Database(path)),
  });
}

class SqliteMailStore implements MailStore {
  readonly #parts: StoreParts;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  /** What is being closed; an account opens again only after it. */
  readonly #endings = new Map<string, Promise<void>>();
  #isClosed = false;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  get openMailboxCount(): number {
    return this.#entries.size + this.#endings.size;
  }

  async openMailbox(
    accountId: string,
    options: OpenOptions,
  ): Promise<Outcome<Mailbox, OpenRefusal>> {
    const used = await this.#use(accountId, options);
    if (!used.ok) return used;
    const { core, release } = used.value;
    const refusal = checkEpoch(core.published.epoch, core.published.sealedTo, options.epoch);
    if (refusal !== undefined) {
      release();
      return { ok: false, reason: refusal };
    }
    return { ok: true, value: new MailboxHandle(core, release) };
  }

  async adoptEpoch(accountId: string, epoch: number): Promise<Outcome<void, OpenRefusal>> {
    const used = await this.#use(accountId, { epoch, create: false });
    if (!used.ok) return used;
    const { core, release } = used.value;
    try {
      if (epoch < core.published.epoch) return { ok: false, reason: 'stale-epoch' };
      if (epoch === core.published.epoch) return { ok: true, value: undefined };
      const adopted = await core.queue.transact((tx) => {
        tx.setEpoch(epoch);
        return { ok: true, value: undefined };
      });
      return adopted.ok ? adopted : { ok: false, reason: 'unavailable' };
    } finally {
      release();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const entry of [...this.#entries.values()]) this.#end(entry);
    while (this.#endings.size > 0) await Promise.all(this.#endings.values());
    await this.#parts.maintenance.close();
  }

  /** Opens the mailbox if it is not, and counts the caller as a user until `release`. */
  async #use(
    accountId: string,
    options: OpenOptions,
  ): Promise<Outcome<{ core: OwnedMailbox['core']; release: () => void }, OpenRefusal>> {
    while (this.#endings.has(accountId)) await this.#endings.get(accountId);
    if (this.#isClosed) return { ok: false, reason: 'unavailable' };
    let entry = this.#entries.get(accountId);
    if (entry === undefined) {
      if (!this.#makeRoom()) return { ok: false, reason: 'too-many' };
      entry = this.#open(accountId, options);
    }
    entry.userCount += 1;
    entry.cancelIdleTimer?.();
    entry.cancelIdleTimer = undefined;
    const outcome = await entry.opening;
    if (!outcome.ok) {
      if (this.#entries.get(accountId) === entry) this.#entries.delete(accountId);
      const isOnlyMissing = outcome.reason === 'nonexistent' && !entry.mayCreate && options.create;
      return isOnlyMissing ? this.#use(accountId, options) : outcome;
    }
    const using = entry;
    return {
      ok: true,
      value: { core: outcome.value.core, release: () => this.#releaseUser(using) },
    };
  }

  #open(accountId: string, options: OpenOptions): Entry {
    const layout = mailboxLayout(this.#parts.root, accountId);
    const opening: Entry['opening'] =
      layout === undefined
        ? Promise.resolve({ ok: false, reason: 'nonexistent' })
        : openOwnedMailbox(this.#parts, layout, accountId, options, () => this.#onBroken(entry));
    const entry: Entry = {
      accountId,
      mayCreate: options.create,
      opening,
      userCount: 0,
      cancelIdleTimer: undefined,
      isBroken: false,
    };
    this.#entries.set(accountId, entry);
    void opening.then((outcome) => {
      if (outcome.ok) this.#parts.report({ name: 'mailbox.opened', accountId });
    });
    return entry;
  }

  #releaseUser(entry: Entry): void {
    entry.userCount -= 1;
    if (entry.userCount > 0 || entry.isBroken) return;
    if (this.#entries.get(entry.accountId) !== entry) return;
    // To the end of the map: the most recently used.
    this.#entries.delete(entry.accountId);
    this.#entries.set(entry.accountId, entry);
    const { clock, limits } = this.#parts;
    entry.cancelIdleTimer = clock.startTimer(limits.idleMs, () => this.#end(entry));
  }

  /** Closes the one idle for longest if there are too many. @returns False if all are in use. */
  #makeRoom(): boolean {
    if (this.openMailboxCount < this.#parts.limits.openMailboxCount) return true;
    for (const entry of this.#entries.values()) {
      if (entry.userCount > 0) continue;
      this.#end(entry);
      return true;
    }
    // Those being closed have freed, or soon will free, their room.
    return this.#entries.size < this.#parts.limits.openMailboxCount;
  }

  #onBroken(entry: Entry): void {
    entry.isBroken = true;
    this.#end(entry);
  }

  #end(entry: Entry): void {
    if (this.#entries.get(entry.accountId) !== entry) return;
    this.#entries.delete(entry.accountId);
    entry.cancelIdleTimer?.();
    const ending = this.#finish(entry).finally(() => this.#endings.delete(entry.accountId));
    this.#endings.set(entry.accountId, ending);
  }

  async #finish(entry: Entry): Promise<void> {
    const { accountId } = entry;
    try {
      const outcome = await entry.opening;
      if (!outcome.ok) return;
      await outcome.value.end();
      this.#parts.report({ name: 'mailbox.closed', accountId });
    } catch (error) {
      const code = errorCode(error);
      this.#parts.report({ name: 'mailbox.maintenance-failed', accountId, code });
    }
  }
}

function checkEpoch(
  mailboxEpoch: number,
  sealedTo: string | undefined,
  callerEpoch: number,
): OpenRefusal | undefined {
  if (callerEpoch < mailboxEpoch) return 'stale-epoch';
  if (callerEpoch > mailboxEpoch) return 'epoch-ahead';
  return sealedTo === undefined ? undefined : 'sealed';
}
