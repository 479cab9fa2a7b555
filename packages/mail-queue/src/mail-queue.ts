/**
 * The queue of one worker: takes mail in, tries it until it is delivered or given back, and
 * opens itself anew after a fault of the volume. While it is not open it refuses what comes.
 */
import { join } from 'node:path';
import type { StoreFiles } from '@homeward/durable-store';
import { Dispatcher } from './attempts/dispatcher.ts';
import type { DestinationLines } from './attempts/destination-lines.ts';
import { type NoticeIdentity, tellSender } from './attempts/notices.ts';
import type { ReportQueueEvent } from './events.ts';
import type {
  EnqueueRefusal,
  QueueClock,
  QueuedEnvelope,
  QueueIntake,
  Router,
  Spool,
  SpooledMessage,
  Transport,
} from './ports.ts';
import type { QueueSettings } from './queue-settings.ts';
import type { Checkpoints } from './storage/checkpoints.ts';
import { openQueueStorage } from './storage/open-queue.ts';
import { QueueStore } from './storage/open-queue-store.ts';
import { queueLayout, type QueueLayout, REMOVED_PREFIX } from './storage/queue-layout.ts';
import { QueueSpool, SpooledContent, type SpoolFolder } from './storage/spool.ts';

export interface MailQueueOptions {
  /** The folder of all queues of a site. */
  readonly root: string;
  readonly workerIndex: number;
  readonly files: StoreFiles;
  readonly checkpoints: Checkpoints;
  /** Length of the log at which it is written back. */
  readonly checkpointBytes: number;
  readonly clock: QueueClock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Unique and unpredictable; letters and digits. */
  readonly createReference: () => string;
  /** Read whenever they are needed. */
  readonly settings: () => QueueSettings;
  readonly router: Router;
  readonly transport: Transport;
  readonly lines: DestinationLines;
  readonly identity: () => NoticeIdentity;
  readonly report: ReportQueueEvent;
}

/** What is open of a queue. */
export interface OpenQueue {
  readonly store: QueueStore;
  readonly dispatcher: Dispatcher;
}

/** Pauses before the queue is opened again; the last one is repeated. */
const REOPEN_MS: readonly number[] = [1_000, 2_000, 5_000, 15_000, 60_000];

/** Close it. */
export class MailQueue implements QueueIntake {
  readonly layout: QueueLayout;
  readonly #options: MailQueueOptions;
  readonly #unrowed = new Set<string>();
  #open: OpenQueue | undefined;
  #failureCount = 0;
  #isClosed = false;
  #cancelOpening: (() => void) | undefined;
  /** Openings and ends, one after the other. */
  #change: Promise<void> = Promise.resolve();

  constructor(options: MailQueueOptions) {
    this.#options = options;
    this.layout = queueLayout(options.root, options.workerIndex);
  }

  /** What is open; undefined while nothing is. */
  get current(): OpenQueue | undefined {
    return this.#open;
  }

  /** Resolves when it was tried once to open it; that goes on behind if it could not be. */
  start(): Promise<void> {
    return this.#enter(() => this.#openOnce());
  }

  openSpool(sizeBytes?: number): Spool {
    return new QueueSpool(this.#spoolFolder(), sizeBytes);
  }

  async enqueue(
    message: SpooledMessage,
    envelope: QueuedEnvelope,
  ): Promise<'queued' | EnqueueRefusal> {
    if (!(message instanceof SpooledContent)) throw new Error('the message is not of this queue');
    const refusal = await this.#insert(message, envelope);
    if (refusal === undefined) return 'queued';
    this.#options.report({ name: 'refused', reason: refusal });
    // After `unavailable` the row may yet be there: the next opening finds out, and cleans.
    if (refusal === 'full') await message.discard();
    else message.noteEnqueued();
    return refusal;
  }

  /** Ends attempts soon; what was not delivered stays for the next process. */
  close(): Promise<void> {
    return this.#close(undefined);
  }

  /** Closes the queue, which must be empty and take no mail, and removes its folder. */
  closeAndRemove(): Promise<void> {
    const { root, createReference } = this.#options;
    return this.#close(join(root, `${REMOVED_PREFIX}${createReference()}`));
  }

  #close(awayPath: string | undefined): Promise<void> {
    this.#isClosed = true;
    this.#cancelOpening?.();
    return this.#enter(() => this.#end(awayPath));
  }

  async #insert(
    message: SpooledContent,
    envelope: QueuedEnvelope,
  ): Promise<EnqueueRefusal | undefined> {
    const open = this.#open;
    if (open === undefined) return 'unavailable';
    if (this.#isFull(0)) return 'full';
    const { store, dispatcher } = open;
    const { content, sizeBytes, hopCount } = message;
    const isTriedAtOnce = dispatcher.hasRoom;
    const state = isTriedAtOnce ? 'trying' : 'waiting';
    const written = await store.insert({ envelope, content, sizeBytes, hopCount, state });
    if (!written.ok) return written.reason;
    message.noteEnqueued();
    const { reference, recipients } = envelope;
    const recipientCount = recipients.length;
    this.#options.report({ name: 'enqueued', reference, recipientCount, sizeBytes });
    if (isTriedAtOnce) dispatcher.startFresh(written.value);
    else dispatcher.look();
    return undefined;
  }

  #isFull(sizeBytes: number): boolean {
    const store = this.#open?.store;
    if (store === undefined) return false;
    const { maxMessages, maxBytes } = this.#options.settings();
    return store.messageCount >= maxMessages || store.totalBytes + sizeBytes > maxBytes;
  }

  #spoolFolder(): SpoolFolder {
    const { files, createReference, report, workerIndex } = this.#options;
    return {
      files,
      messagesPath: this.layout.messages,
      createFileName: createReference,
      unrowed: this.#unrowed,
      isFull: (sizeBytes) => this.#isFull(sizeBytes),
      onFault: (code) => report({ name: 'file-failed', workerIndex, code }),
      onRefused: (reason) => report({ name: 'refused', reason }),
    };
  }

  #enter(work: () => Promise<void>): Promise<void> {
    this.#change = this.#change.then(work, work);
    return this.#change;
  }

  async #openOnce(): Promise<void> {
    if (this.#isClosed) return;
    const { files, clock, report, workerIndex } = this.#options;
    const opened = await openQueueStorage(this.layout, files, clock.nowMs(), this.#unrowed);
    if (!opened.ok) {
      if (opened.reason === 'locked') report({ name: 'locked', workerIndex });
      else report({ name: 'broke', workerIndex, code: opened.code });
      this.#openLater();
      return;
    }
    const { storage, facts } = opened;
    this.#failureCount = 0;
    report({ name: 'opened', workerIndex, messageCount: facts.messageCount });
    if (facts.interruptedCount > 0) {
      const recipientCount = facts.interruptedCount;
      report({ name: 'maybe-duplicated', cause: 'crash', recipientCount, reference: undefined });
    }
    const { checkpoints, checkpointBytes } = this.#options;
    const store = new QueueStore({
      storage,
      facts,
      checkpoints,
      checkpointBytes,
      nowMs: () => clock.nowMs(),
      onBroken: (code) => this.#recover(code),
      report,
    });
    const parts = { ...this.#options, store };
    const dispatcher = new Dispatcher({
      ...parts,
      tell: (id, signal) => tellSender(id, parts, signal),
    });
    this.#open = { store, dispatcher };
    dispatcher.look();
  }

  #openLater(): void {
    const delayMs = REOPEN_MS[Math.min(this.#failureCount, REOPEN_MS.length - 1)] ?? 0;
    this.#failureCount += 1;
    this.#cancelOpening = this.#options.clock.after(delayMs, () => {
      void this.#enter(() => this.#openOnce());
    });
  }

  #recover(code: string): void {
    const { report, workerIndex } = this.#options;
    report({ name: 'broke', workerIndex, code });
    void this.#enter(async () => {
      await this.#end();
      if (!this.#isClosed) this.#openLater();
    });
  }

  async #end(awayPath?: string): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    await open.dispatcher.stop();
    try {
      await open.store.end(awayPath);
    } catch (error) {
      // The lock stays then, and the queue shut, until the process ends.
      this.#options.report({ name: 'bug', error });
    }
  }
}
