/**
 * A process for tests to kill: several clients at work on one queue, which write every entry of
 * their ledger to a file as a line of JSON. Arguments: root, that file, seed, and what may have
 * come twice is printed at the start.
 */
import { openSync, writeSync } from 'node:fs';
import { createSeededRandom } from '@homeward/testkit';
import { QueueLedger } from './queue-ledger.ts';
import { openWorkloadQueue, sendOne } from './queue-workload.ts';

const LANE_COUNT = 3;
const [, , root = '', journalPath = '', seed = ''] = process.argv;
const journal = openSync(journalPath, 'w');
const ledger = new QueueLedger();
// At once: what a killed process still holds was told to nobody.
ledger.onEntry = (entry) => void writeSync(journal, `${JSON.stringify(entry)}\n`);
const random = createSeededRandom(Number(seed));
const onFault = (fault: string): void => void process.stderr.write(`${fault}\n`);
const queue = await openWorkloadQueue({ root, ledger, random, isRough: true, onFault });

async function sendForever(lane: number): Promise<never> {
  for (let at = 0; ; at += 1) await sendOne(queue, { ledger, random }, `k${seed}-${lane}-${at}`);
}

await Promise.all(Array.from({ length: LANE_COUNT }, (_, lane) => sendForever(lane)));
