/**
 * Measures the queue on this machine: `node packages/mail-queue/bench/queue-bench.ts [folder]`.
 * With `--expose-gc` the memory is what is held, without it also what waits to be collected.
 * The folder decides which disk is measured; by default a temporary one. Prints a line for each
 * figure: messages in a second, CPU time of the process for each, and what a message of 100 MB
 * adds to its memory.
 */
import { createTempFolder } from '@homeward/testkit';
import { systemClock } from './system-clock.ts';
import { DEFAULT_QUEUE_SETTINGS, openSiteQueue, type SiteQueue } from '../src/index.ts';
import { DELIVERED, enqueue, makeEnvelope, routeByName } from '../src/testing/queue-harness.ts';

const CLIENT_COUNTS = [1, 16, 128];
const DURATION_MS = 3_000;
const TEXT = `From: a@b.test\r\nSubject: x\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(64)}`;
const LARGE_BYTES = 100 * 1024 * 1024;
const PIECE = Buffer.alloc(65_536, 'x'.repeat(76) + '\r\n');

await using folder = await createTempFolder('queue-bench');
const place = process.argv[2] ?? folder.path;

async function open(name: string, isDelivered: boolean): Promise<SiteQueue> {
  return openSiteQueue({
    root: `${place}/${name}`,
    workerIndex: 0,
    workerCount: 1,
    clock: systemClock,
    settings: () => DEFAULT_QUEUE_SETTINGS,
    router: {
      route: async (address) =>
        isDelivered
          ? routeByName(address)
          : { kind: 'deferred', code: 451, enhanced: '4.3.0', text: 'later' },
    },
    transport: {
      deliver: async (_, request) => {
        for await (const piece of request.readMessage()) void piece;
        return request.recipients.map(() => DELIVERED);
      },
    },
    identity: () => ({ reportingMta: 'bench.test', from: 'postmaster@bench.test' }),
    report: (event) => {
      if (event.name === 'bug') process.stderr.write(`${String(event.error)}\n`);
    },
  });
}

async function measure(clientCount: number, isDelivered: boolean): Promise<void> {
  const queue = await open(`${clientCount}-${isDelivered ? 'through' : 'in'}`, isDelivered);
  const startMs = performance.now();
  const cpuBefore = process.cpuUsage();
  let messageCount = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - startMs < DURATION_MS) {
      await enqueue(queue.intake, makeEnvelope(['u@worker-1.test']), TEXT);
      messageCount += 1;
    }
  };
  await Promise.all(Array.from({ length: clientCount }, client));
  const seconds = (performance.now() - startMs) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  await queue.close();
  const what = isDelivered ? 'enqueued and delivered' : 'enqueued and deferred';
  process.stdout.write(
    `${clientCount} clients, ${TEXT.length} octets, ${what}: ` +
      `${Math.round(messageCount / seconds)} messages/s, ` +
      `${Math.round((user + system) / messageCount)} us of CPU each\n`,
  );
}

async function measureLarge(): Promise<void> {
  const queue = await open('large', true);
  const heldBytes = (): number => {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = heldBytes();
  let most = before;
  const spool = queue.intake.openSpool();
  for (let done = 0; done < LARGE_BYTES; done += PIECE.length) {
    await spool.write(PIECE);
    if (done % (64 * PIECE.length) === 0) most = Math.max(most, heldBytes());
  }
  const spooled = await spool.finish();
  if (typeof spooled === 'string') throw new Error(spooled);
  await queue.intake.enqueue(spooled, makeEnvelope(['u@worker-1.test']));
  while (queue.gauges().waitingCount + queue.gauges().tryingCount > 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    most = Math.max(most, heldBytes());
  }
  await queue.close();
  process.stdout.write(
    `100 MB through the queue: ${Math.round((most - before) / 1_024)} KB more memory\n`,
  );
}

await measureLarge();
for (const isDelivered of [false, true]) {
  for (const clientCount of CLIENT_COUNTS) await measure(clientCount, isDelivered);
}
