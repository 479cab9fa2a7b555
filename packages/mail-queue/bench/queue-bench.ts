/**
 * Measures the queue on this machine: `node packages/mail-queue/bench/queue-bench.ts [folder]`.
 * Needs `--expose-gc`: the memory is what is held, not what waits to be collected.
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
const PIECES_PER_LOOK = 64;
const PIECE = Buffer.alloc(65_536, 'x'.repeat(76) + '\r\n');

await using folder = await createTempFolder('queue-bench');
const place = process.argv[2] ?? folder.path;

async function open(
  name: string,
  isDelivered: boolean,
  onPiece: () => Promise<void> | undefined = () => undefined,
): Promise<SiteQueue> {
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
        for await (const piece of request.readMessage()) if (piece.length > 0) await onPiece();
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

/** Buffers that nobody holds are freed some moments after the collection. */
async function readHeldBytes(): Promise<number> {
  for (let at = 0; at < 2; at += 1) {
    globalThis.gc?.();
    await pause(2);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

async function measureLarge(which: string): Promise<void> {
  let pieceCount = 0;
  let most = 0;
  const onPiece = (): Promise<void> | undefined => {
    pieceCount += 1;
    if (pieceCount % PIECES_PER_LOOK !== 0) return undefined;
    return readHeldBytes().then((held) => void (most = Math.max(most, held)));
  };
  const queue = await open(`large ${which}`, true, onPiece);
  const before = await readHeldBytes();
  const spool = queue.intake.openSpool();
  for (let done = 0; done < LARGE_BYTES; done += PIECE.length) {
    await spool.write(PIECE);
    await onPiece();
  }
  const spooled = await spool.finish();
  if (typeof spooled === 'string') throw new Error(spooled);
  await queue.intake.enqueue(spooled, makeEnvelope(['u@worker-1.test']));
  while (queue.gauges().waitingCount + queue.gauges().tryingCount > 0) await pause(1);
  await queue.close();
  process.stdout.write(
    `100 MB through the queue, ${which}: ${Math.round((most - before) / 1_024)} KB more memory\n`,
  );
}

// The first one loads what every later one uses.
await measureLarge('the first');
await measureLarge('another');
for (const isDelivered of [false, true]) {
  for (const clientCount of CLIENT_COUNTS) await measure(clientCount, isDelivered);
}
