/** What a server still does behind its answers: indexes to write, logs to write back. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MailServer } from './mail-server.ts';
import { readCpuMs } from './process-cost.ts';

const LOOK_MS = 1_000;
/** Of one core; a server at rest takes less than a hundredth. */
const QUIET_SHARE = 0.05;
const LIMIT_MS = 180_000;

/**
 * Waits until the server does nothing any more, or for three minutes.
 *
 * @returns the CPU time that passed, in milliseconds.
 */
export async function awaitQuiet(server: MailServer): Promise<number> {
  const startedMs = performance.now();
  const atStartMs = readCpuMs(server.listPids());
  let beforeMs = atStartMs;
  while (performance.now() - startedMs < LIMIT_MS) {
    await sleep(LOOK_MS);
    const nowMs = readCpuMs(server.listPids());
    if (nowMs - beforeMs < QUIET_SHARE * LOOK_MS) break;
    beforeMs = nowMs;
  }
  return readCpuMs(server.listPids()) - atStartMs;
}
