/** Faults of a whole site, for as long as a test wants them. */
import { setInterval } from 'node:timers';
import { waitUntil } from '../poll.ts';
import type { Demo } from './demo.ts';
import { isRunning, signalProcess } from './process-tree.ts';

/** A fault that goes on until it is disposed of. */
export interface OngoingFault extends Disposable {
  /** Ends it; may be called twice. */
  end(): void;
}

/** Less than a process takes to start and to listen. */
const KILL_EVERY_MS = 10;

/** kill -9 of the site's processes, and of those that are started in their place. */
export async function holdSiteDown(demo: Demo, site: string): Promise<OngoingFault> {
  const killed = demo.killSite(site);
  const timer = setInterval(() => demo.killSite(site), KILL_EVERY_MS);
  const end = (): void => clearInterval(timer);
  await waitUntil(`${site} to be gone`, () => !killed.some(isRunning) || undefined);
  return { end, [Symbol.dispose]: end };
}

/** Stops the site's processes in mid-step: connections stay open, nothing answers. */
export function freezeSite(demo: Demo, site: string): OngoingFault {
  const frozen = demo.listSiteProcesses(site).map(({ pid }) => pid);
  for (const pid of frozen) signalProcess(pid, 'SIGSTOP');
  const end = (): void => {
    for (const pid of frozen) signalProcess(pid, 'SIGCONT');
  };
  return { end, [Symbol.dispose]: end };
}
