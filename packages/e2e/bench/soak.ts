/**
 * Many idle connections over several workers for a while, and logins beside them: memory must
 * stay flat, and nothing may fail.
 *
 *     node packages/e2e/bench/soak.ts [CONNECTIONS] [MINUTES] [LOGINS PER SECOND]
 *
 * By default 20,000, 10 and 100. Each process may open as many files as its hard limit says, and
 * a worker needs two for a connection, so clients, workers and homes are several processes each.
 * Exit status 1: an error, a lost connection, or memory that grew by more than a twentieth.
 */
import { openBenchWorld } from './frontend/bench-world.ts';
import { holdIdle, measureLoad, settle } from './frontend/measure.ts';
import { startHomeward } from './frontend/proxies/homeward.ts';
import { readPrivateBytes } from './backend/process-cost.ts';

/** Connections of one client process, and about half of what one worker can hold. */
const CROWD_SIZE = 5_000;
const LOOK_EVERY_MS = 30_000;
/** Over the first look, when logins had gone on for a while. */
const MOST_GROWTH = 0.05;

const [connectionCount = 20_000, minutes = 10, loginsPerSecond = 100] = process.argv
  .slice(2)
  .map(Number);
process.exitCode = (await soak()) ? 0 : 1;

/** @returns whether all was well. */
async function soak(): Promise<boolean> {
  const crowdCount = Math.ceil(connectionCount / CROWD_SIZE);
  await using world = await openBenchWorld(crowdCount);
  await using proxy = await startHomeward(world, 'plain', crowdCount);
  const startedMs = performance.now();
  const tell = (text: string): void => {
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0).padStart(4);
    process.stdout.write(`${seconds} s  ${text}\n`);
  };
  const readMb = (): number => readPrivateBytes(proxy.listPids()) / 1e6;
  tell(`${crowdCount} workers, empty: ${readMb().toFixed(0)} MB`);
  const crowds = [];
  for (let index = 0; index < crowdCount; index += 1) {
    const size = Math.min(CROWD_SIZE, connectionCount - index * CROWD_SIZE);
    crowds.push(await holdIdle(proxy, size));
    tell(`${index * CROWD_SIZE + size} idle: ${readMb().toFixed(0)} MB`);
  }
  const logins = measureLoad(proxy, {
    kind: 'login',
    connectionCount: 32,
    durationMs: minutes * 60_000,
    tls: true,
    ratePerSecond: loginsPerSecond,
    // Another address, so that these do not run out of the ports that the crowd uses.
    localAddress: '127.0.0.2',
  });
  const looks: number[] = [];
  const endMs = performance.now() + minutes * 60_000;
  while (performance.now() < endMs) {
    await settle(Math.min(LOOK_EVERY_MS, endMs - performance.now()));
    looks.push(readMb());
    tell(`private memory ${looks.at(-1)?.toFixed(0)} MB`);
  }
  const { doneCount, errorCount, firstError, p50Ms, p99Ms, cpuMs } = await logins;
  tell(
    `${doneCount} logins, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, ` +
      `${(cpuMs / doneCount).toFixed(2)} ms of CPU each, ${errorCount} errors ${firstError ?? ''}`,
  );
  let lostCount = 0;
  for (const crowd of crowds) {
    const { doneCount: heldCount, errorCount: lost, firstError: why } = await crowd.release();
    lostCount += lost;
    tell(`${heldCount} were held to the end, ${lost} errors ${why ?? ''}`);
  }
  const [first = 0, last = 0] = [looks[0], looks.at(-1)];
  const growth = last / first - 1;
  tell(`memory grew by ${(growth * 100).toFixed(1)} %`);
  return errorCount === 0 && lostCount === 0 && growth <= MOST_GROWTH;
}
