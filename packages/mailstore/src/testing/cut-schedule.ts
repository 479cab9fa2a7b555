/**
 * One schedule of power cuts: several clients at work, the power cut at many moments, and every
 * copy that a cut could leave opened and held to what was acknowledged and shown until then.
 */
import { createSeededRandom, createTempFolder } from '@homeward/testkit';
import { nodeStoreFiles, type StoreFiles } from '@homeward/durable-store';
import { PowerCutVolume } from '@homeward/durable-store/testing';
import type { MailStore, StoreClock } from '../api.ts';
import { verifyMailbox } from '../care/verify-mailbox.ts';
import { DEFAULT_STORE_LIMITS, openMailStore } from '../mail-store.ts';
import { GARBAGE_DELAY_MS } from '../mailbox-upkeep.ts';
import { createInlineMaintenance, type Maintenance } from '../maintenance.ts';
import { findFaults } from './ledger-audit.ts';
import { MailLedger } from './mail-ledger.ts';
import { openFolder, openMailbox, valueOf } from './mail-steps.ts';
import { MailWorkload } from './mail-workload.ts';
import { createPlainDescriber } from './plain-describer.ts';

const LANE_COUNT = 4;
const STEP_COUNT = 20;
/** How often an event is followed by a cut. */
const CUT_CHANCE = 0.012;
/** The event that is always followed by one. */
const SURE_CUT = 60;
const ACCOUNT = 'ACCOUNT1';
/** What is put off for a moment happens in the midst of the work; the rest never. */
const SOON: StoreClock = {
  nowMs: () => 0,
  startTimer: (delayMs, run) => {
    if (delayMs > GARBAGE_DELAY_MS) return () => undefined;
    const immediate = setImmediate(run);
    return () => clearImmediate(immediate);
  },
};

export interface ScheduleReport {
  readonly cutCount: number;
  /** In words; empty if all is well. */
  readonly faults: readonly string[];
}

/** The same seed, the same work; what is cut depends on the order of I/O, too. */
export async function runCutSchedule(seed: number): Promise<ScheduleReport> {
  await using folder = await createTempFolder('power-cut');
  const random = createSeededRandom(seed);
  const volume = new PowerCutVolume(folder.path, random);
  const store = openStore(volume.root, volume.files, watchMaintenance(volume));
  const ledger = new MailLedger();
  const cuts: { readonly root: string; readonly ledger: MailLedger }[] = [];
  const mailbox = await openMailbox(store);
  let eventCount = 0;
  volume.onEvent = () => {
    eventCount += 1;
    if (random() >= CUT_CHANCE && eventCount !== SURE_CUT) return;
    const root = folder.join(`cut-${cuts.length}`);
    volume.cutInto(root);
    cuts.push({ root, ledger: ledger.copy() });
  };
  const inbox = await openFolder(mailbox, 'INBOX', true);
  inbox.subscribe(() => ledger.observe(inbox));
  const lanes = Array.from({ length: LANE_COUNT }, async (_, lane) => {
    // A session of its own.
    const workload = new MailWorkload(await openMailbox(store), ledger, random, lane);
    for (let step = 0; step < STEP_COUNT; step += 1) await workload.step();
  });
  await Promise.all(lanes);
  volume.onEvent = () => undefined;
  await store.close();
  const faults: string[] = [];
  for (const [at, cut] of cuts.entries()) {
    const found = await checkVolume(cut.root, cut.ledger);
    faults.push(...found.map((fault) => `seed ${seed}, cut ${at}: ${fault}`));
  }
  const found = await checkVolume(volume.root, ledger);
  faults.push(...found.map((fault) => `seed ${seed}, at the end: ${fault}`));
  return { cutCount: cuts.length, faults };
}

/** Opens what a crash left and holds it to the ledger as it was then. */
export async function checkVolume(root: string, ledger: MailLedger): Promise<string[]> {
  const store = openStore(root, nodeStoreFiles, createInlineMaintenance());
  const mailbox = await openMailbox(store, ACCOUNT);
  const faults = await findFaults(mailbox, ledger);
  mailbox.close();
  await store.close();
  const request = { root, accountId: ACCOUNT, isMending: true, nowMs: 0, epoch: 1 };
  const verified = valueOf(await verifyMailbox({ ...request, describe: createPlainDescriber }));
  return [...faults, ...verified.findings.map(({ kind, subject }) => `${kind}: ${subject}`)];
}

/** Tells the volume what the maintenance of the store has made durable. */
function watchMaintenance(volume: PowerCutVolume): Maintenance {
  const inline = createInlineMaintenance();
  const written = async <Result>(path: string, work: Promise<Result>): Promise<Result> => {
    const result = await work;
    volume.noteWrittenBack(path);
    return result;
  };
  return {
    prepare: (request) => written(request.databasePath, inline.prepare(request)),
    hold: (path) => inline.hold(path),
    release: (path) => written(path, inline.release(path)),
    checkpoint: async (path) => {
      volume.onEvent();
      const isWhole = await written(path, inline.checkpoint(path));
      volume.onEvent();
      return isWhole;
    },
    close: () => inline.close(),
  };
}

function openStore(root: string, files: StoreFiles, maintenance: Maintenance): MailStore {
  return openMailStore({
    root,
    files,
    maintenance,
    describe: createPlainDescriber,
    clock: SOON,
    limits: DEFAULT_STORE_LIMITS,
    defaultFolders: [],
    // No fault is expected: what breaks a mailbox here is worth knowing.
    report: ({ name, code }) => {
      if (name === 'mailbox.broke') process.stderr.write(`${name} ${code ?? ''}\n`);
    },
    checkpointBytes: 300_000,
  });
}
