/** The real queue on a folder of its own, with a world that does as it is told, for tests. */
import { nodeStoreFiles, type StoreFiles } from '@homeward/durable-store';
import { NO_MAIL_PARAMETERS, NO_RECIPIENT_PARAMETERS } from '@homeward/smtp/grammar';
import { createTempFolder, FakeClock } from '@homeward/testkit';
import type { QueueEvent } from '../events.ts';
import { openSiteQueue, type SiteQueue } from '../open-site-queue.ts';
import type {
  DeliveryOutcome,
  DeliveryRequest,
  Destination,
  EnqueueRefusal,
  QueuedEnvelope,
  QueueIntake,
  RequestedRecipient,
  Route,
} from '../ports.ts';
import { DEFAULT_QUEUE_SETTINGS, type QueueSettings } from '../queue-settings.ts';

/** One attempt that the transport was asked for. */
export interface SeenDelivery {
  readonly destination: Destination;
  readonly request: DeliveryRequest;
  readonly text: string;
}

export const DELIVERED: DeliveryOutcome = {
  kind: 'delivered',
  code: 250,
  enhanced: '2.1.5',
  text: 'ok',
  remote: 'mx.test',
};
export const DEFERRED: DeliveryOutcome = {
  kind: 'deferred',
  code: 451,
  enhanced: '4.2.0',
  text: 'not now',
  remote: 'mx.test',
};
export const FAILED: DeliveryOutcome = {
  kind: 'failed',
  code: 550,
  enhanced: '5.1.1',
  text: 'nobody',
  remote: 'mx.test',
};
export const AWAY: DeliveryOutcome = { ...DEFERRED, enhanced: '4.4.1', isDestinationAway: true };

/** What the world does. Change it while the queue works. */
export interface World {
  route(address: string): Route;
  /** For each recipient. */
  answer(recipient: RequestedRecipient, destination: Destination): DeliveryOutcome;
  /** Before the message is read. */
  before(request: DeliveryRequest, signal: AbortSignal): Promise<void>;
  /** A message that cannot be read is answered all the same, as by some transports. */
  isHidingFaults: boolean;
}

export interface QueueHarness extends AsyncDisposable {
  readonly root: string;
  readonly clock: FakeClock;
  readonly events: QueueEvent[];
  readonly seen: SeenDelivery[];
  readonly world: World;
  readonly settings: { -readonly [Key in keyof QueueSettings]: QueueSettings[Key] };
  readonly queue: SiteQueue;
  restart(changes?: Partial<HarnessOptions>): Promise<void>;
}

export interface HarnessOptions {
  readonly files: StoreFiles;
  readonly workerIndex: number;
  readonly workerCount: number;
}

/** `local@worker-N.test` goes to worker N of the site `here`; all else is elsewhere. */
export function routeByName(address: string): Route {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  const index = /^worker-(\d)\.test$/u.exec(domain)?.[1];
  const destination: Destination =
    index === undefined
      ? { kind: 'elsewhere', domain }
      : { kind: 'worker', site: 'here', workerIndex: Number(index) };
  return { kind: 'to', destination };
}

export async function openQueueHarness(given: Partial<HarnessOptions> = {}): Promise<QueueHarness> {
  const folder = await createTempFolder('mail-queue');
  const root = folder.join('queue');
  const clock = new FakeClock();
  const events: QueueEvent[] = [];
  const seen: SeenDelivery[] = [];
  const settings = { ...DEFAULT_QUEUE_SETTINGS };
  const world: World = {
    route: routeByName,
    answer: () => DELIVERED,
    before: () => Promise.resolve(),
    isHidingFaults: false,
  };
  let options: HarnessOptions = { files: nodeStoreFiles, workerIndex: 0, workerCount: 1, ...given };
  const open = (): Promise<SiteQueue> =>
    openSiteQueue({
      ...options,
      root,
      clock,
      random: () => 0.5,
      settings: () => settings,
      router: { route: (address) => Promise.resolve(world.route(address)) },
      transport: {
        deliver: async (destination, request, signal) => {
          await world.before(request, signal);
          const text = await readText(request.readMessage()).catch((error: unknown) => {
            if (world.isHidingFaults) return '';
            throw error;
          });
          seen.push({ destination, request, text });
          return request.recipients.map((one) => world.answer(one, destination));
        },
      },
      identity: () => ({ reportingMta: 'queue.test', from: 'postmaster@queue.test' }),
      report: (event) => void events.push(event),
    });
  let queue = await open();
  return {
    root,
    clock,
    events,
    seen,
    world,
    settings,
    get queue() {
      return queue;
    },
    async restart(changes = {}) {
      await queue.close();
      options = { ...options, ...changes };
      queue = await open();
    },
    async [Symbol.asyncDispose]() {
      await queue.close();
      await folder.remove();
    },
  };
}

export async function readText(octets: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of octets) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}

let lastReference = 0;

/** Of one message, its fields overridden. */
export function makeEnvelope(
  addresses: readonly string[],
  changes: Partial<QueuedEnvelope> = {},
): QueuedEnvelope {
  lastReference += 1;
  return {
    reference: `ref${lastReference}`,
    sender: 'anna@worker-0.test',
    parameters: NO_MAIL_PARAMETERS,
    recipients: addresses.map((address) => ({ address, parameters: NO_RECIPIENT_PARAMETERS })),
    ...changes,
  };
}

export const SMALL = 'From: anna@worker-0.test\r\nSubject: hello\r\n\r\nbody\r\n';

/** Spools a message and enqueues it. */
export async function enqueue(
  intake: QueueIntake,
  envelope: QueuedEnvelope,
  text: string = SMALL,
): Promise<'queued' | EnqueueRefusal> {
  const spool = intake.openSpool();
  const octets = Buffer.from(text, 'latin1');
  for (let at = 0; at < octets.length; at += 50_000) {
    await spool.write(octets.subarray(at, at + 50_000));
  }
  const spooled = await spool.finish();
  return typeof spooled === 'string' ? spooled : intake.enqueue(spooled, envelope);
}
