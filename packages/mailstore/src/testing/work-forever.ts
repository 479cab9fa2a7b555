/**
 * A process for tests to kill: several sessions at work on one mailbox, which write every entry
 * of their ledger to a file as a line of JSON. Arguments: root, that file, seed, number of the
 * first lane.
 */
import { openSync, writeSync } from 'node:fs';
import { createSeededRandom } from '@homeward/testkit';
import { DEFAULT_STORE_LIMITS, openMailStore } from '../mail-store.ts';
import { MailLedger } from './mail-ledger.ts';
import { openFolder, openMailbox } from './mail-steps.ts';
import { MailWorkload } from './mail-workload.ts';
import { createPlainDescriber } from './plain-describer.ts';

const LANE_COUNT = 3;
const [, , root = '', journalPath = '', seed = '', firstLane = ''] = process.argv;
const journal = openSync(journalPath, 'w');
const store = openMailStore({
  root,
  describe: createPlainDescriber,
  clock: {
    nowMs: () => 0,
    startTimer: (delayMs, run) => {
      const timer = setTimeout(run, delayMs / 100);
      return () => clearTimeout(timer);
    },
  },
  limits: DEFAULT_STORE_LIMITS,
  defaultFolders: [],
  report: () => undefined,
  checkpointBytes: 400_000,
});
const ledger = new MailLedger();
// At once: what a killed process still holds was told to nobody.
ledger.onEntry = (entry) => void writeSync(journal, `${JSON.stringify(entry)}\n`);
const mailbox = await openMailbox(store);
const inbox = await openFolder(mailbox, 'INBOX', true);
inbox.subscribe(() => ledger.observe(inbox));
const random = createSeededRandom(Number(seed));

async function workForever(lane: number): Promise<never> {
  const workload = new MailWorkload(await openMailbox(store), ledger, random, lane);
  for (;;) await workload.step();
}

await Promise.all(
  Array.from({ length: LANE_COUNT }, (_, at) => workForever(Number(firstLane) + at)),
);
