/**
 * All mailboxes of one worker: opened once each, shared by their users, closed when idle for
 * long or when others need the room.
 */
import { randomUUID } from 'node:crypto';
import {
  type Database,
  errorCode,
  nodeStoreFiles,
  openDatabase,
  type StoreFiles,
} from '@homeward/durable-store';
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
import { deleteMailbox } from './care/deleted-mailboxes.ts';
import { Gate } from './gate.ts';
import { MailboxHandle } from './mailbox-handle.ts';
import { mailboxLayout } from './mailbox-layout.ts';
import { openOwnedMailbox, type OwnedMailbox, type StoreParts } from './mailbox-lifecycle.ts';
import type { Maintenance } from './maintenance.ts';
import { startMaintenanceThread } from './maintenance-thread.ts';
import { OpenSlots } from './open-slots.ts';
import { startTextIndexThread } from './text/text-index-thread.ts';
import type { TextIndexer } from './text/text-indexer.ts';

/** Bounds that fit one worker with the default of 1,024 file descriptors or more. */
export const DEFAULT_STORE_LIMITS: StoreLimits = {
  openMailboxCount: 128,
  idleMs: 60_000,
  openWaitMs: 5_000,
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

/**
 * Mailboxes that are being opened or closed at once: the rest would only stand in the
 * maintenance thread's line, with descriptors in their hands.
 */
const TRANSIT_COUNT = 8;
/**
 * Mailboxes that are written back when the store is closed, some 10 ms of the disk each; of more
 * the logs are left to their next openings, so that a worker stops in time.
 */
const CLOSING_WRITE_BACK_COUNT = 64;
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
  /** Keeps the indexes of texts; by default a thread of its own; the store closes it. */
  readonly textIndexer?: TextIndexer;
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
  isEvicted: boolean;
  cancelIdleTimer: (() => void) | undefined;
  isBroken: boolean;
}

/** Opens a store on a volume. Nothing is read before the first mailbox is opened. */
export function openMailStore(options: MailStoreOptions): MailStore {
  return new SqliteMailStore({
    ...options,
    files: options.files ?? nodeStoreFiles,
    maintenance: options.maintenance ?? startMaintenanceThread(),
    textIndexer: options.textIndexer ?? startTextIndexThread(),
    createFileName: options.createFileName ?? randomUUID,
    checkpointBytes: options.checkpointBytes ?? CHECKPOINT_BYTES,
    openDatabase: options.openDatabase ?? openDatabase,
  });
}

class SqliteMailStore implements MailStore {
  readonly #parts: StoreParts;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  /** What is being closed; an account opens again only after it. */
  readonly #endings = new Map<string, Promise<void>>();
  /** Who stands in line for a slot. */
  readonly #admissions = new Map<string, Promise<boolean>>();
  readonly #slots: OpenSlots;
  readonly #transit = new Gate(TRANSIT_COUNT);
  #isClosed = false;
  #closingWriteBackCount = 0;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    const { limits, clock } = parts;
    this.#slots = new OpenSlots({
      limit: () => limits.openMailboxCount,
      waitMs: () => limits.openWaitMs,
      evictIdle: () => this.#evictIdle(),
      startTimer: (delayMs, run) => clock.startTimer(delayMs, run),
    });
  }

  get openMailboxCount(): number {
    return this.#slots.takenCount;
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

  async deleteMailbox(accountId: string): Promise<Outcome<void, OpenRefusal>> {
    const { root, clock } = this.#parts;
    const closed = await this.whileClosed(accountId, () =>
      deleteMailbox({ root, accountId, nowMs: clock.nowMs() }),
    );
    const deleted = closed.ok ? closed.value : closed;
    if (deleted.ok) return { ok: true, value: undefined };
    return {
      ok: false,
      reason: deleted.reason === 'already-exists' ? 'unavailable' : deleted.reason,
    };
  }

  async whileClosed<Result>(
    accountId: string,
    work: () => Promise<Result>,
  ): Promise<Outcome<Result, 'unavailable'>> {
    const entry = this.#entries.get(accountId);
    if (entry !== undefined) this.#end(entry);
    while (this.#endings.has(accountId)) await this.#endings.get(accountId);
    if (this.#isClosed) return { ok: false, reason: 'unavailable' };
    const working = work();
    // Nobody opens it meanwhile.
    const ended = working
      .then(
        () => {},
        () => {},
      )
      .finally(() => this.#endings.delete(accountId));
    this.#endings.set(accountId, ended);
    await ended;
    return { ok: true, value: await working };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#slots.refuseAll();
    for (const entry of [...this.#entries.values()]) this.#end(entry);
    while (this.#endings.size > 0) await Promise.all(this.#endings.values());
    await this.#parts.textIndexer.close();
    await this.#parts.maintenance.close();
  }

  /** Opens the mailbox if it is not, and counts the caller as a user until `release`. */
  async #use(
    accountId: string,
    options: OpenOptions,
  ): Promise<Outcome<{ core: OwnedMailbox['core']; release: () => void }, OpenRefusal>> {
    const found = await this.#findOrOpen(accountId, options);
    if (!found.ok) return found;
    const entry = found.value;
    const outcome = await entry.opening;
    if (!outcome.ok) {
      if (this.#entries.get(accountId) === entry) {
        this.#entries.delete(accountId);
        this.#slots.give();
      }
      const isOnlyMissing = outcome.reason === 'nonexistent' && !entry.mayCreate && options.create;
      return isOnlyMissing ? this.#use(accountId, options) : outcome;
    }
    return {
      ok: true,
      value: { core: outcome.value.core, release: () => this.#releaseUser(entry) },
    };
  }

  /** One stands in line for all that want the same mailbox; the slot is the first asker's. */
  #takeSlot(accountId: string): Promise<boolean> {
    let admission = this.#admissions.get(accountId);
    if (admission === undefined) {
      admission = this.#slots.take().finally(() => this.#admissions.delete(accountId));
      this.#admissions.set(accountId, admission);
    }
    return admission;
  }

  /** @returns One that counts the caller as a user, before anybody can find it idle. */
  async #findOrOpen(accountId: string, options: OpenOptions): Promise<Outcome<Entry, OpenRefusal>> {
    for (let hasSlot = false; ;) {
      const ending = this.#endings.get(accountId);
      const entry = this.#entries.get(accountId);
      const isNeeded = ending === undefined && entry === undefined && !this.#isClosed;
      if (hasSlot && !isNeeded) {
        this.#slots.give();
        hasSlot = false;
      }
      if (this.#isClosed) return { ok: false, reason: 'unavailable' };
      if (entry !== undefined) return { ok: true, value: hold(entry) };
      if (ending !== undefined) await ending;
      else if (hasSlot || this.#slots.tryTake()) {
        return { ok: true, value: hold(this.#open(accountId, options)) };
      } else {
        const isOwner = !this.#admissions.has(accountId);
        if (!(await this.#takeSlot(accountId))) {
          return { ok: false, reason: this.#isClosed ? 'unavailable' : 'too-many' };
        }
        hasSlot = isOwner;
      }
    }
  }

  #open(accountId: string, options: OpenOptions): Entry {
    const layout = mailboxLayout(this.#parts.root, accountId);
    const opening: Entry['opening'] =
      layout === undefined
        ? Promise.resolve({ ok: false, reason: 'nonexistent' })
        : this.#transit.run(() =>
            openOwnedMailbox(this.#parts, layout, accountId, options, () => this.#onBroken(entry)),
          );
    const entry: Entry = {
      accountId,
      mayCreate: options.create,
      opening,
      userCount: 0,
      isEvicted: false,
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
    this.#slots.evictForLine();
  }

  /** Begins to close the one idle for longest. */
  #evictIdle(): boolean {
    for (const entry of this.#entries.values()) {
      if (entry.userCount > 0) continue;
      entry.isEvicted = true;
      this.#end(entry);
      return true;
    }
    return false;
  }

  #onBroken(entry: Entry): void {
    entry.isBroken = true;
    this.#end(entry);
  }

  #end(entry: Entry): void {
    if (this.#entries.get(entry.accountId) !== entry) return;
    this.#entries.delete(entry.accountId);
    entry.cancelIdleTimer?.();
    const ending = this.#finish(entry).finally(() => {
      this.#endings.delete(entry.accountId);
      this.#slots.give(entry.isEvicted);
    });
    this.#endings.set(entry.accountId, ending);
  }

  async #finish(entry: Entry): Promise<void> {
    const { accountId } = entry;
    try {
      const outcome = await entry.opening;
      if (!outcome.ok) return;
      const mailbox = outcome.value;
      // All at once: what each waits for, its own sync and its text index, has lines of its own.
      await mailbox.stop();
      await this.#transit.run(() => mailbox.close(this.#mayWriteBack()));
      this.#parts.report({ name: 'mailbox.closed', accountId });
    } catch (error) {
      const code = errorCode(error);
      this.#parts.report({ name: 'mailbox.maintenance-failed', accountId, code });
    }
  }

  /** Nothing is lost without: whatever was told is in the log, synced. */
  #mayWriteBack(): boolean {
    if (!this.#isClosed) return true;
    this.#closingWriteBackCount += 1;
    return this.#closingWriteBackCount <= CLOSING_WRITE_BACK_COUNT;
  }
}

function hold(entry: Entry): Entry {
  entry.userCount += 1;
  entry.cancelIdleTimer?.();
  entry.cancelIdleTimer = undefined;
  return entry;
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
