/**
 * One schedule of power cuts: several clients at work, the power cut at many moments, and every
 * copy that a cut could leave opened and held to what was promised until then.
 */
import { PowerCutVolume } from '@homeward/durable-store/testing';
import { createSeededRandom, createTempFolder } from '@homeward/testkit';
import type { Checkpoints } from '../storage/checkpoints.ts';
import { queueLayout } from '../storage/queue-layout.ts';
import { QueueLedger } from './queue-ledger.ts';
import { checkVolume, inlineCheckpoints, openWorkloadQueue, sendOne } from './queue-workload.ts';

const LANE_COUNT = 4;
const MESSAGE_COUNT = 12;
/** How often an event is followed by a cut. */
const CUT_CHANCE = 0.02;
/** The event that is always followed by one. */
const SURE_CUT = 60;

export interface ScheduleReport {
  readonly cutCount: number;
  /** In words; empty if all is well. */
  readonly faults: readonly string[];
}

/** The same seed, the same work; what is cut depends on the order of I/O, too. */
export async function runCutSchedule(seed: number): Promise<ScheduleReport> {
  await using folder = await createTempFolder('queue-power-cut');
  const random = createSeededRandom(seed);
  const volume = new PowerCutVolume(folder.path, random);
  const ledger = new QueueLedger();
  const faults: string[] = [];
  const cuts: { readonly root: string; readonly ledger: QueueLedger }[] = [];
  let eventCount = 0;
  volume.onEvent = () => {
    eventCount += 1;
    if (random() >= CUT_CHANCE && eventCount !== SURE_CUT) return;
    const root = folder.join(`cut-${cuts.length}`);
    volume.cutInto(root);
    cuts.push({ root, ledger: new QueueLedger(ledger) });
  };
  const root = `${volume.root}/queue`;
  const options = { root, ledger, random, files: volume.files, checkpoints: watch(volume) };
  const onFault = (fault: string): void => void faults.push(fault);
  const queue = await openWorkloadQueue({ ...options, isRough: true, onFault });
  volume.noteWrittenBack(queueLayout(root, 0).database);
  const lanes = Array.from({ length: LANE_COUNT }, async (_, lane) => {
    for (let at = 0; at < MESSAGE_COUNT; at += 1) {
      await sendOne(queue, options, `m${seed}-${lane}-${at}`);
    }
  });
  await Promise.all(lanes);
  await new Promise((resolve) => setTimeout(resolve, 30));
  volume.onEvent = () => undefined;
  await queue.close();
  for (const [at, cut] of cuts.entries()) {
    const found = await checkVolume(`${cut.root}/queue`, cut.ledger);
    faults.push(...found.map((fault) => `seed ${seed}, cut ${at}: ${fault}`));
  }
  const found = await checkVolume(root, ledger);
  faults.push(...found.map((fault) => `seed ${seed}, at the end: ${fault}`));
  return { cutCount: cuts.length, faults };
}

/** Tells the volume what checkpoints have made durable. */
function watch(volume: PowerCutVolume): Checkpoints {
  return {
    ...inlineCheckpoints,
    async writeBack(path) {
      volume.onEvent();
      await inlineCheckpoints.writeBack(path);
      volume.noteWrittenBack(path);
      volume.onEvent();
    },
  };
}
