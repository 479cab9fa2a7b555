/**
 * One open mailbox: its published state, its commit queue, the folders whose indexes are in
 * memory. Shared by all handles to the mailbox; `mailbox-lifecycle.ts` makes and ends it, and
 * `mailbox-upkeep.ts` does what goes on behind.
 */
import { classifyDatabaseError, errorCode } from '@homeward/durable-store';
import type { FlagChange, MailboxEvent, Outcome, QuotaLimits, StoreLimits } from './api.ts';
import { CommitQueue } from './commit-queue.ts';
import { FlagSetTable } from './flag-sets.ts';
import { loadIndex } from './load-index.ts';
import { eventsOf, withoutRepeats } from './mailbox-events.ts';
import type { MailboxParts } from './mailbox-parts.ts';
import { MailboxUpkeep } from './mailbox-upkeep.ts';
import type { MailboxTransaction } from './mailbox-transaction.ts';
import { OpenFolder, type FolderWatcher } from './open-folder.ts';
import {
  changeFlags,
  type FlagChangeBounds,
  type UnchangedUids,
} from './operations/change-flags.ts';
import { expungeMessages } from './operations/expunge-messages.ts';
import type { AppendBounds } from './operations/append-messages.ts';
import { PublishedMailbox } from './published-mailbox.ts';
import type { Publication } from './publication.ts';
import { RestDescriptions } from './rest-descriptions.ts';
import { MailboxTexts } from './text/mailbox-texts.ts';

/** Indexes kept in memory though nobody has the folder open. */
const IDLE_INDEX_COUNT = 4;
/** Messages in one transaction of a longer change: about 3 ms. */
const FLAG_CHUNK = 2000;
const EXPUNGE_CHUNK = 1000;

export class MailboxCore {
  readonly parts: MailboxParts;
  readonly published: PublishedMailbox;
  readonly queue: CommitQueue;
  readonly texts: MailboxTexts;
  readonly rest: RestDescriptions;
  readonly #flagSets: FlagSetTable;
  readonly #openFolders = new Map<number, Promise<Outcome<OpenFolder>>>();
  readonly #loaded = new Map<number, OpenFolder>();
  readonly #breakListeners = new Set<() => void>();
  readonly #upkeep: MailboxUpkeep;
  readonly #listeners = new Set<(event: MailboxEvent) => void>();
  #quota: QuotaLimits | undefined;
  #hasMaildrop = false;
  #hasFailed = false;

  constructor(parts: MailboxParts) {
    this.parts = parts;
    this.published = new PublishedMailbox(parts.database);
    this.#flagSets = new FlagSetTable(parts.database);
    this.queue = new CommitQueue({
      accountId: this.published.accountId,
      database: parts.database,
      flagSets: this.#flagSets,
      log: parts.log,
      nowMs: () => parts.clock.nowMs(),
      publish: (publications) => this.#publish(publications),
      onCommitted: (publication) => this.rest.noteCommit(publication),
      onBroken: () => this.#tellBroken(),
      report: parts.report,
    });
    this.rest = new RestDescriptions({
      startTimer: (delayMs, run) => parts.clock.startTimer(delayMs, run),
      onFault: (error) =>
        parts.report({
          name: 'mailbox.description-failed',
          accountId: this.published.accountId,
          code: errorCode(error),
        }),
      writeBehind: (write) =>
        this.#upkeep.runBehind(async () => {
          await this.queue.transact((tx) => ({ ok: true, value: write(tx) }));
        }),
    });
    this.#upkeep = new MailboxUpkeep({
      parts,
      accountId: this.published.accountId,
      queue: this.queue,
      flagSets: this.#flagSets,
      isFlagSetPublished: (id) => this.#isFlagSetPublished(id),
    });
    this.texts = this.#createTexts();
    // What the last opening left undone.
    this.#upkeep.afterPublication(true, this.published.folders());
  }

  /** True once every call is refused: after a fault, or at the end. */
  get isBroken(): boolean {
    return this.queue.isStopped;
  }

  /** True after a fault: what is in the WAL's end cannot be trusted. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** The store's limits, with this mailbox's own quota. */
  get limits(): StoreLimits {
    const { limits } = this.parts;
    return {
      ...limits,
      mailboxBytes: this.#quota?.storageBytes ?? limits.mailboxBytes,
      mailboxMessageCount: this.#quota?.messages ?? limits.mailboxMessageCount,
    };
  }

  setQuota(quota: QuotaLimits | undefined): void {
    this.#quota = quota;
  }

  /** Limits as the operations take them. */
  get bounds(): StoreLimits & AppendBounds & FlagChangeBounds {
    return {
      ...this.limits,
      isWatched: (folderId) => this.#loaded.get(folderId)?.hasWriter ?? false,
      publishedSizeBytes: (folderId, uid) => this.#loaded.get(folderId)?.index.sizeBytesOf(uid),
    };
  }

  /** Flags that could not be set, known before any octet is taken. */
  checkFlags(flags: readonly string[]): Outcome<void> {
    const names = this.#flagSets.canonicalize(flags, this.parts.limits);
    return names.ok ? { ok: true, value: undefined } : names;
  }

  /**
   * Loads the folder's index if it is not in memory.
   *
   * @param watch Makes what is told of publications; runs in the turn in which it is added,
   *   so nothing is missed. `folder.remove` ends it.
   */
  async openFolder<Watcher extends FolderWatcher>(
    path: string,
    watch: (folder: OpenFolder) => Watcher,
  ): Promise<Outcome<Watcher>> {
    for (;;) {
      const record = this.published.findFolder(path);
      if (record === undefined || !record.isSelectable) return { ok: false, reason: 'nonexistent' };
      const opened = await this.#openFolderOf(record.id);
      if (!opened.ok) return opened;
      const folder = opened.value;
      if (folder.isGone) return { ok: false, reason: 'nonexistent' };
      // Its index was dropped as idle before this turn: once more.
      if (this.#loaded.get(record.id) !== folder) continue;
      const watcher = watch(folder);
      folder.add(watcher);
      return { ok: true, value: watcher };
    }
  }

  /** Not atomic: in transactions of `FLAG_CHUNK` messages. */
  async changeFlags(
    folderId: number,
    uids: readonly number[],
    change: FlagChange,
    unchangedSince: number = Infinity,
  ): Promise<Outcome<UnchangedUids>> {
    const { bounds } = this;
    const outcomes = await this.inChunks(uids, FLAG_CHUNK, (tx, chunk) =>
      changeFlags(tx, folderId, chunk, { ...change, unchangedSince }, bounds),
    );
    if (!outcomes.ok) return outcomes;
    const missing = outcomes.value.flatMap((unchanged) => unchanged.missing);
    const modified = outcomes.value.flatMap((unchanged) => unchanged.modified);
    return { ok: true, value: { missing, modified } };
  }

  /** @param uids Ascending. Not atomic. @returns Those removed. */
  async expunge(
    folderId: number,
    uids: readonly number[],
    isDeletedOnly: boolean,
  ): Promise<Outcome<number[]>> {
    const outcomes = await this.inChunks(uids, EXPUNGE_CHUNK, (tx, chunk) =>
      expungeMessages(tx, folderId, chunk, isDeletedOnly),
    );
    return outcomes.ok ? { ok: true, value: outcomes.value.flat() } : outcomes;
  }

  /** Runs one transaction for each chunk; the first refusal is the outcome of all. */
  async inChunks<Value>(
    uids: readonly number[],
    chunkLength: number,
    work: (tx: MailboxTransaction, chunk: readonly number[]) => Outcome<Value>,
  ): Promise<Outcome<Value[]>> {
    if (this.isBroken) return { ok: false, reason: 'unavailable' };
    const pending: Promise<Outcome<Value>>[] = [];
    for (let from = 0; from < uids.length; from += chunkLength) {
      const chunk = uids.slice(from, from + chunkLength);
      pending.push(this.queue.transact((tx) => work(tx, chunk)));
    }
    const values: Value[] = [];
    let refusal: Outcome<Value[]> | undefined;
    for (const outcome of await Promise.all(pending)) {
      if (outcome.ok) values.push(outcome.value);
      else refusal ??= outcome;
    }
    return refusal ?? { ok: true, value: values };
  }

  /**
   * Notes that a session has had what is recent in a folder. Nobody waits for it: at worst a
   * power cut makes messages recent once more.
   */
  clearRecent(folderId: number): void {
    const record = this.#loaded.get(folderId)?.record;
    if (record === undefined || record.recentFrom === record.uidNext) return;
    this.#upkeep.runBehind(async () => {
      await this.queue.transact((tx) => {
        const folder = tx.findFolderById(folderId);
        if (folder === undefined) return { ok: false, reason: 'nonexistent' };
        folder.recentFrom = folder.uidNext;
        folder.recentCount = 0;
        return { ok: true, value: undefined };
      });
    });
  }

  /** Runs a read of the database; a fault of the volume breaks the mailbox. */
  async read<Value>(work: () => Promise<Value>, otherwise: Value): Promise<Value> {
    if (this.isBroken) return otherwise;
    try {
      return await work();
    } catch (error) {
      const fault = classifyDatabaseError(error);
      if (fault === undefined) throw error;
      this.queue.break(fault.code);
      return otherwise;
    }
  }

  /** The same for what is committed, and not told before all of it is durable. */
  async readCommitted<Value>(work: () => Outcome<Value>): Promise<Outcome<Value>> {
    const outcome = await this.queue.runExclusively(() => Promise.resolve(work()));
    const synced = await this.queue.whenSynced();
    return outcome.ok && !synced.ok ? synced : outcome;
  }

  /** Calls `listener` for each event of the whole mailbox, after its publication. */
  subscribe(listener: (event: MailboxEvent) => void): () => void {
    // An own function for each call, so that one listener may be given twice.
    const entry = (event: MailboxEvent): void => listener(event);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** @returns False if another maildrop holds it. */
  takeMaildrop(): boolean {
    if (this.#hasMaildrop) return false;
    this.#hasMaildrop = true;
    return true;
  }

  releaseMaildrop(): void {
    this.#hasMaildrop = false;
  }

  onBroken(listener: () => void): () => void {
    this.#breakListeners.add(listener);
    return () => this.#breakListeners.delete(listener);
  }

  /** Waits for what is under way, then refuses everything; the database is idle afterwards. */
  async stop(): Promise<void> {
    this.#upkeep.stop();
    this.rest.stop();
    await this.texts.stop();
    await this.queue.stop();
    await this.#upkeep.whenIdle();
    this.#tellListeners();
  }

  #createTexts(): MailboxTexts {
    const { textIndexer, layout, clock, report } = this.parts;
    const { accountId, createdMs } = this.published;
    return new MailboxTexts({
      indexer: textIndexer,
      target: {
        databasePath: layout.database,
        messagesPath: layout.messages,
        textPath: layout.textIndex,
        mailbox: `${accountId} ${createdMs}`,
      },
      lastMessageId: () => this.published.lastMessageId,
      nowMs: () => clock.nowMs(),
      startTimer: (delayMs, run) => clock.startTimer(delayMs, run),
      onFault: (code) => report({ name: 'mailbox.text-index-failed', accountId, code }),
      onUnreadable: (count) => report({ name: 'mailbox.text-unreadable', accountId, count }),
    });
  }

  async #openFolderOf(folderId: number): Promise<Outcome<OpenFolder>> {
    let opening = this.#openFolders.get(folderId);
    if (opening === undefined) {
      this.#dropIdleIndexes();
      opening = this.#loadFolder(folderId);
      this.#openFolders.set(folderId, opening);
    }
    const outcome = await opening;
    if (!outcome.ok) this.#openFolders.delete(folderId);
    return outcome;
  }

  async #loadFolder(folderId: number): Promise<Outcome<OpenFolder>> {
    const loading = await this.queue.runExclusively<OpenFolder>(async () => {
      const loaded = await loadIndex(this.parts.database, this.#flagSets, folderId);
      if (loaded === undefined) return { ok: false, reason: 'nonexistent' };
      const folder = new OpenFolder(loaded.record, loaded.index, this.queue.commitNumber);
      this.#loaded.set(folderId, folder);
      return { ok: true, value: folder };
    });
    // The rows may hold commits that are not durable yet.
    const synced = await this.queue.whenSynced();
    return loading.ok && !synced.ok ? synced : loading;
  }

  #dropIdleIndexes(): void {
    const idle = [...this.#loaded].filter(([, folder]) => !folder.isInUse);
    for (const [id] of idle.slice(0, Math.max(0, idle.length - IDLE_INDEX_COUNT))) {
      this.#loaded.delete(id);
      this.#openFolders.delete(id);
    }
  }

  #publish(publications: readonly Publication[]): void {
    const lastMessageId = this.published.lastMessageId;
    const touched = new Set<OpenFolder>();
    const events: MailboxEvent[] = [];
    let leavesGarbage = false;
    for (const publication of publications) {
      if (this.#listeners.size > 0) {
        events.push(...eventsOf(publication, (id) => this.published.findFolderById(id)));
      }
      this.published.apply(publication);
      for (const record of publication.folders) {
        const folder = this.#loaded.get(record.id);
        folder?.apply(record, publication.deltas.get(record.id), publication);
        if (folder !== undefined) touched.add(folder);
      }
      for (const id of publication.removedFolderIds) {
        const folder = this.#loaded.get(id);
        folder?.markGone();
        this.#loaded.delete(id);
        this.#openFolders.delete(id);
        if (folder !== undefined) touched.add(folder);
      }
      leavesGarbage ||= publication.leavesGarbage;
    }
    for (const folder of touched) folder.settle();
    for (const event of withoutRepeats(events)) this.#tell(event);
    if (this.published.lastMessageId > lastMessageId) this.texts.noteArrival();
    const records = publications.flatMap(({ folders }) => folders);
    this.#upkeep.afterPublication(leavesGarbage, records);
  }

  #tell(event: MailboxEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  #isFlagSetPublished(id: number): boolean {
    for (const folder of this.#loaded.values()) if (folder.index.hasFlagSet(id)) return true;
    return false;
  }

  #tellBroken(): void {
    this.#hasFailed = true;
    this.parts.onBroken();
    this.#tellListeners();
  }

  /** Those who hold it, if there are any: it is of no use to them any more. */
  #tellListeners(): void {
    const listeners = [...this.#breakListeners];
    this.#breakListeners.clear();
    for (const listener of listeners) listener();
  }
}
