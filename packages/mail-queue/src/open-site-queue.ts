/**
 * All that a worker has of its site's queue: its own, and, for the first worker, those of workers
 * that are no more.
 */
import { randomBytes } from 'node:crypto';
import { nodeStoreFiles, type StoreFiles } from '@homeward/durable-store';
import { AdoptedQueues } from './adopted-queues.ts';
import { DestinationLines } from './attempts/destination-lines.ts';
import { createQueueDesk } from './desk/queue-desk.ts';
import type { QueueDesk } from './desk/queue-job.ts';
import { MailQueue, type MailQueueOptions } from './mail-queue.ts';
import type { QueueIntake } from './ports.ts';
import { type Checkpoints, startCheckpointThread } from './storage/checkpoints.ts';

export interface SiteQueueOptions extends Pick<
  MailQueueOptions,
  'root' | 'workerIndex' | 'clock' | 'settings' | 'router' | 'transport' | 'identity' | 'report'
> {
  /** Workers of this site. */
  readonly workerCount: number;
  /** Instead of the real ones, in tests. */
  readonly files?: StoreFiles;
  readonly random?: () => number;
  readonly checkpoints?: Checkpoints;
  readonly checkpointBytes?: number;
}

/** What can be counted of it at any time. */
export interface QueueGauges {
  readonly waitingCount: number;
  readonly tryingCount: number;
  readonly heldCount: number;
  readonly totalBytes: number;
  /** When the oldest message came; undefined if there is none. */
  readonly oldestMs: number | undefined;
}

/** Close it. */
export interface SiteQueue {
  readonly intake: QueueIntake;
  readonly desk: QueueDesk;
  gauges(): QueueGauges;
  close(): Promise<void>;
}

const CHECKPOINT_BYTES = 8 * 1024 * 1024;
const REFERENCE_BYTES = 12;
/** Only one of the workers adopts. */
const ADOPTING_WORKER = 0;

/** Resolves when the queue was opened, or is being tried to be; until then it refuses mail. */
export async function openSiteQueue(options: SiteQueueOptions): Promise<SiteQueue> {
  const { clock, settings, workerIndex, workerCount } = options;
  const random = options.random ?? Math.random;
  const checkpoints = options.checkpoints ?? startCheckpointThread();
  const lines = new DestinationLines({ clock, random, settings });
  const shared = {
    ...options,
    files: options.files ?? nodeStoreFiles,
    random,
    checkpoints,
    checkpointBytes: options.checkpointBytes ?? CHECKPOINT_BYTES,
    lines,
    createReference: () => randomBytes(REFERENCE_BYTES).toString('hex'),
  };
  const own = new MailQueue(shared);
  await own.start();
  const adopted = new AdoptedQueues(shared);
  if (workerIndex === ADOPTING_WORKER && workerCount > 0) await adopted.start();
  const queues = (): readonly MailQueue[] => [own, ...adopted.queues];
  return {
    intake: own,
    desk: createQueueDesk({ queues, lines, clock, settings }),
    gauges: () => sumGauges(queues()),
    async close() {
      await Promise.all([own.close(), adopted.close()]);
      await checkpoints.close();
    },
  };
}

function sumGauges(queues: readonly MailQueue[]): QueueGauges {
  const open = queues.flatMap(({ current }) => current ?? []);
  const sum = (of: (one: (typeof open)[number]) => number): number =>
    open.reduce((total, one) => total + of(one), 0);
  const heldCount = sum(({ store }) => store.heldCount);
  const tryingCount = sum(({ dispatcher }) => dispatcher.claimedCount);
  const messageCount = sum(({ store }) => store.messageCount);
  const ages = open.flatMap(({ store }) => store.oldestMs ?? []);
  return {
    waitingCount: Math.max(0, messageCount - heldCount - tryingCount),
    tryingCount,
    heldCount,
    totalBytes: sum(({ store }) => store.totalBytes),
    oldestMs: ages.length === 0 ? undefined : Math.min(...ages),
  };
}
