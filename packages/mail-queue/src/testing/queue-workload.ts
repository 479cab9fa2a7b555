/**
 * Clients that send without an end through a world in which all goes wrong at times, and the
 * check that after a crash nothing is lost.
 */
import { createHash } from 'node:crypto';
import { nodeStoreFiles, type StoreFiles } from '@homeward/durable-store';
import { openSiteQueue, type SiteQueue } from '../open-site-queue.ts';
import type { DeliveryOutcome, DeliveryRequest, QueueClock } from '../ports.ts';
import { DEFAULT_QUEUE_SETTINGS } from '../queue-settings.ts';
import { type Checkpoints, writeBackNow } from '../storage/checkpoints.ts';
import {
  AWAY,
  DEFERRED,
  DELIVERED,
  enqueue,
  FAILED,
  makeEnvelope,
  readText,
  routeByName,
} from './queue-harness.ts';
import { QueueLedger } from './queue-ledger.ts';

/** So many times faster than real time. */
const SPEED = 1_000;
const LARGE_BYTES = 300_000;

/** Seconds pass as milliseconds. */
export function createFastClock(): QueueClock {
  const start = performance.now();
  return {
    nowMs: () => Math.floor(1_700_000_000_000 + (performance.now() - start) * SPEED),
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs / SPEED);
      return () => clearTimeout(timer);
    },
  };
}

export const inlineCheckpoints: Checkpoints = {
  writeBack: (path) => new Promise((resolve) => resolve(writeBackNow(path))),
  close: () => Promise.resolve(),
};

export interface WorkloadOptions {
  readonly root: string;
  readonly ledger: QueueLedger;
  readonly random: () => number;
  /** Whether anything goes wrong. */
  readonly isRough: boolean;
  readonly files?: StoreFiles;
  readonly checkpoints?: Checkpoints;
  readonly onFault: (fault: string) => void;
  /** Told how many recipients may get a message a second time after a crash. */
  readonly onInterrupted?: (count: number) => void;
}

export function openWorkloadQueue(options: WorkloadOptions): Promise<SiteQueue> {
  const { root, ledger, random, isRough, onFault } = options;
  return openSiteQueue({
    root,
    workerIndex: 0,
    workerCount: 1,
    clock: createFastClock(),
    random,
    files: options.files ?? nodeStoreFiles,
    checkpoints: options.checkpoints ?? inlineCheckpoints,
    checkpointBytes: 300_000,
    settings: () => DEFAULT_QUEUE_SETTINGS,
    router: { route: (address) => Promise.resolve(routeByName(address)) },
    transport: {
      deliver: async (_, request) => {
        // As a real one: others go on meanwhile.
        await new Promise((resolve) => setImmediate(resolve));
        return carry(request, await readText(request.readMessage()), {
          ledger,
          isRough,
          random,
          onFault,
        });
      },
    },
    identity: () => ({ reportingMta: 'queue.test', from: 'postmaster@queue.test' }),
    report: (event) => {
      if (event.name === 'bug' || event.name === 'broke') onFault(JSON.stringify(event));
      if (event.name === 'bug') process.stderr.write(`${String(event.error)}\n`);
      if (event.name === 'maybe-duplicated' && event.cause === 'crash') {
        options.onInterrupted?.(event.recipientCount);
      }
    },
  });
}

function carry(
  { recipients, reference, sender }: DeliveryRequest,
  text: string,
  {
    ledger,
    isRough,
    random,
    onFault,
  }: Pick<WorkloadOptions, 'ledger' | 'isRough' | 'random' | 'onFault'>,
): readonly DeliveryOutcome[] {
  const dice = isRough ? random() : 1;
  if (dice < 0.1) return recipients.map(() => AWAY);
  if (sender === '') {
    const told = [...text.matchAll(/^Final-Recipient: rfc822; (\S+)\r$/gmu)];
    ledger.note({ kind: 'told', recipients: told.map(([, address = '']) => address) });
    return recipients.map(() => DELIVERED);
  }
  if (text !== makeText(reference, text.length)) onFault(`${reference} has changed`);
  return recipients.map(({ address }) => {
    if (address.startsWith('nobody')) return FAILED;
    if (isRough && random() < 0.25) return DEFERRED;
    ledger.note({ kind: 'arrived', reference, recipient: address });
    return DELIVERED;
  });
}

/** One client's next message, until it is accepted. */
export async function sendOne(
  queue: SiteQueue,
  { ledger, random }: Pick<WorkloadOptions, 'ledger' | 'random'>,
  name: string,
): Promise<void> {
  const recipients = [`a-${name}@worker-1.test`];
  if (random() < 0.4) recipients.push(`b-${name}@worker-2.test`, `c-${name}@elsewhere.test`);
  if (random() < 0.2) recipients.push(`nobody-${name}@worker-1.test`);
  const text = makeText(name, random() < 0.2 ? LARGE_BYTES : 2_000);
  const envelope = makeEnvelope(recipients, { reference: name });
  if ((await enqueue(queue.intake, envelope, text)) !== 'queued') return;
  ledger.note({ kind: 'accepted', reference: name, recipients });
}

function makeText(reference: string, byteCount: number): string {
  const line = `${createHash('sha256').update(reference).digest('hex')}\r\n`;
  return `Subject: ${reference}\r\n\r\n${line.repeat(Math.ceil(byteCount / line.length))}`.slice(
    0,
    byteCount,
  );
}

/** Opens what a crash left, lets it deliver everything, and says in words what is wrong. */
export async function checkVolume(root: string, before: QueueLedger): Promise<string[]> {
  const after = new QueueLedger();
  const faults: string[] = [];
  let interruptedCount = 0;
  const queue = await openWorkloadQueue({
    root,
    ledger: after,
    random: () => 0.5,
    isRough: false,
    onFault: (fault) => void faults.push(fault),
    onInterrupted: (count) => (interruptedCount = count),
  });
  const untilMs = performance.now() + 20_000;
  const isEmpty = (): boolean => {
    const { waitingCount, tryingCount, heldCount } = queue.gauges();
    return waitingCount + tryingCount + heldCount === 0;
  };
  while (!isEmpty() && performance.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  if (!isEmpty()) faults.push('it does not become empty');
  await queue.close();
  let twiceCount = 0;
  for (const one of before.accepted) {
    const recipient = one.split(' ')[1] ?? '';
    const hasArrived = before.arrived.has(one) || after.arrived.has(one);
    const isTold = before.told.has(recipient) || after.told.has(recipient);
    if (!(recipient.startsWith('nobody') ? isTold : hasArrived)) faults.push(`lost: ${one}`);
  }
  for (const one of after.arrived) if (before.arrived.has(one)) twiceCount += 1;
  if (twiceCount > interruptedCount) {
    faults.push(`${twiceCount} came twice, ${interruptedCount} were counted`);
  }
  return faults;
}
