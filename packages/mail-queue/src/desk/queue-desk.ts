/** Does what operators ask, over all queues that a worker has. Long lists let others work. */
import type { DestinationLines } from '../attempts/destination-lines.ts';
import type { MailQueue, OpenQueue } from '../mail-queue.ts';
import type { QueueClock } from '../ports.ts';
import type { QueueSettings } from '../queue-settings.ts';
import type { LoadedMessage } from '../storage/open-queue-store.ts';
import { changeMessages } from './change-messages.ts';
import { matchesFilter } from './matches-filter.ts';
import { formatMessageId, parseMessageId } from './message-id.ts';
import type {
  QueueAnswer,
  QueueDesk,
  QueueEntry,
  QueueFilter,
  QueueJob,
  QueueMessageFacts,
  QueueMessageId,
  QueueMessageState,
  QueueValues,
} from './queue-job.ts';

export interface QueueDeskOptions {
  /** The worker's own and those it has adopted. */
  readonly queues: () => readonly MailQueue[];
  readonly lines: DestinationLines;
  readonly clock: QueueClock;
  readonly settings: () => QueueSettings;
}

/** Rows looked at in one turn of the event loop. */
const TURN_COUNT = 200;
const DESTINATION_COUNT = 5;
const UNAVAILABLE = { ok: false, reason: 'unavailable' } as const;

interface Found {
  readonly queue: MailQueue;
  readonly open: OpenQueue;
  readonly loaded: LoadedMessage;
}

export function createQueueDesk(options: QueueDeskOptions): QueueDesk {
  const desk = new Desk(options);
  return {
    run: async <Kind extends QueueJob['kind']>(
      job: Extract<QueueJob, { readonly kind: Kind }>,
    ): Promise<QueueAnswer<QueueValues[Kind]>> =>
      (await desk.run(job)) as QueueAnswer<QueueValues[Kind]>,
  };
}

class Desk {
  readonly #options: QueueDeskOptions;

  constructor(options: QueueDeskOptions) {
    this.#options = options;
  }

  run(job: QueueJob): Promise<QueueAnswer> | QueueAnswer {
    if (this.#options.queues().every(({ current }) => current === undefined)) return UNAVAILABLE;
    switch (job.kind) {
      case 'list':
        return this.#list(job);
      case 'show':
        return this.#show(job.id);
      case 'change':
        return this.#change(job);
    }
  }

  async #list({ filter, after, limit }: Extract<QueueJob, { kind: 'list' }>): Promise<QueueAnswer> {
    const entries: QueueEntry[] = [];
    for await (const found of this.#scan(filter, after)) {
      if (entries.length === limit) {
        return { ok: true, value: { entries, next: entries.at(-1)?.id } };
      }
      entries.push(entryOf(found));
    }
    return { ok: true, value: { entries, next: undefined } };
  }

  #show(id: QueueMessageId): QueueAnswer {
    const found = this.#find(id);
    if (found === undefined) return { ok: false, reason: 'nonexistent' };
    const { message, recipients } = found.loaded;
    const value: QueueMessageFacts = {
      ...entryOf(found),
      expiresMs: message.queuedMs + this.#options.settings().expiryMs,
      hopCount: message.hopCount,
      envelopeId: message.parameters.envelopeId,
      recipients: recipients.map(
        ({ address, state, destination, attemptCount, dueMs, ...one }) => ({
          address,
          state,
          destination,
          attemptCount,
          dueMs,
          lastMs: one.lastReply?.atMs,
          lastReply:
            one.lastReply &&
            `${one.lastReply.code} ${one.lastReply.enhanced} ${one.lastReply.text}`,
          remote: one.lastReply?.remote,
        }),
      ),
    };
    return { ok: true, value };
  }

  async #change({ action, target }: Extract<QueueJob, { kind: 'change' }>): Promise<QueueAnswer> {
    const byQueue = new Map<OpenQueue, number[]>();
    const missing: QueueMessageId[] = [];
    const add = ({ open, loaded }: Found): void => {
      const ids = byQueue.get(open);
      if (ids === undefined) byQueue.set(open, [loaded.message.id]);
      else ids.push(loaded.message.id);
    };
    if ('ids' in target) {
      for (const id of target.ids) {
        const found = this.#find(id);
        if (found === undefined) missing.push(id);
        else add(found);
      }
    } else for await (const found of this.#scan(target.filter, undefined)) add(found);
    let changedCount = 0;
    for (const [open, ids] of byQueue) {
      const changed = await changeMessages(open, ids, action, this.#options.clock.nowMs());
      if (changed === undefined) return UNAVAILABLE;
      changedCount += changed;
    }
    if (action === 'retry') this.#options.lines.wake();
    for (const open of byQueue.keys()) open.dispatcher.rescan();
    return { ok: true, value: { changedCount, missing } };
  }

  #find(text: QueueMessageId): Found | undefined {
    const id = parseMessageId(text);
    const queue = this.#options
      .queues()
      .find(({ layout }) => layout.workerIndex === id?.workerIndex);
    const open = queue?.current;
    const loaded = id && open?.store.load(id.id);
    if (queue === undefined || open === undefined || loaded === undefined) return undefined;
    return { queue, open, loaded };
  }

  /** In the order of their names: queue by queue, the oldest first. */
  async *#scan(filter: QueueFilter, after: QueueMessageId | undefined): AsyncGenerator<Found> {
    const from = after === undefined ? undefined : parseMessageId(after);
    const queues = [...this.#options.queues()].sort(
      (one, other) => one.layout.workerIndex - other.layout.workerIndex,
    );
    for (const queue of queues) {
      const { workerIndex } = queue.layout;
      if (from !== undefined && workerIndex < from.workerIndex) continue;
      yield* this.#scanQueue(queue, filter, workerIndex === from?.workerIndex ? from.id : -1);
    }
  }

  async *#scanQueue(queue: MailQueue, filter: QueueFilter, after: number): AsyncGenerator<Found> {
    for (let last = after; ;) {
      const open = queue.current;
      const ids = open?.store.listIds(last, TURN_COUNT) ?? [];
      if (open === undefined || ids.length === 0) return;
      for (const id of ids) {
        last = id;
        const loaded = open.store.load(id);
        if (loaded === undefined) continue;
        if (matchesFilter(loaded, stateOf(open, loaded), filter)) yield { queue, open, loaded };
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function stateOf({ dispatcher }: OpenQueue, { message }: LoadedMessage): QueueMessageState {
  if (message.isHeld) return 'held';
  return dispatcher.isClaimed(message.id) ? 'trying' : 'waiting';
}

function entryOf({ queue, open, loaded }: Found): QueueEntry {
  const { message, recipients } = loaded;
  const { reference, sender, sizeBytes, queuedMs, dueMs } = message;
  const destinations = new Set(recipients.flatMap(({ destination }) => destination ?? []));
  const reply = recipients.find(({ lastReply }) => lastReply !== undefined)?.lastReply;
  return {
    id: formatMessageId(queue.layout.workerIndex, message.id),
    reference,
    sender,
    sizeBytes,
    queuedMs,
    state: stateOf(open, loaded),
    dueMs,
    recipientCount: recipients.length,
    firstRecipient: recipients[0]?.address ?? '',
    destinations: [...destinations].slice(0, DESTINATION_COUNT),
    attemptCount: Math.max(0, ...recipients.map(({ attemptCount }) => attemptCount)),
    lastReply: reply && `${reply.code} ${reply.enhanced} ${reply.text}`,
  };
}
