/**
 * The simulated power cut: random schedules by seed, cut at many moments of each; every copy
 * is opened and held to what was acknowledged and shown until that moment.
 */
import { readdirSync } from 'node:fs';
import { createSeededRandom, createTempFolder, FakeClock } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import type { MailStore } from './api.ts';
import { Database } from './database.ts';
import { mailboxLayout } from './mailbox-layout.ts';
import { DEFAULT_STORE_LIMITS, openMailStore } from './mail-store.ts';
import { createInlineMaintenance, type Maintenance } from './maintenance.ts';
import { nodeStoreFiles, type StoreFiles } from './store-files.ts';
import { MailLedger } from './testing/mail-ledger.ts';
import { openFolder, openMailbox, present } from './testing/mail-steps.ts';
import { MailWorkload } from './testing/mail-workload.ts';
import { createPlainDescriber } from './testing/plain-describer.ts';
import { PowerCutVolume } from './testing/power-cut.ts';

const SEED_COUNT = 12;
const LANE_COUNT = 3;
const STEP_COUNT = 25;
/** How often an event is followed by a cut. */
const CUT_CHANCE = 0.02;
/** The event that is always followed by one. */
const SURE_CUT = 60;

function openStore(root: string, files: StoreFiles, maintenance: Maintenance): MailStore {
  return openMailStore({
    root,
    files,
    maintenance,
    describe: createPlainDescriber,
    clock: new FakeClock(),
    limits: DEFAULT_STORE_LIMITS,
    defaultFolders: [],
    report: () => undefined,
    checkpointBytes: 300_000,
  });
}

/** Opens what a cut left and holds it to the ledger as it was at the cut. */
async function checkCopy(root: string, ledger: MailLedger): Promise<void> {
  const store = openStore(root, nodeStoreFiles, createInlineMaintenance());
  const mailbox = await openMailbox(store);
  expect(await ledger.findFaults(mailbox)).toEqual([]);
  mailbox.close();
  await store.close();
  const layout = present(mailboxLayout(root, 'ACCOUNT1'));
  const database = new Database(layout.database);
  expect(database.statement('PRAGMA integrity_check').rows()).toEqual([['ok']]);
  const files = database.statement('SELECT file FROM message WHERE file IS NOT NULL').rows();
  database.close();
  expect(readdirSync(layout.messages).toSorted()).toEqual(files.map(String).toSorted());
}

/** @returns How many cuts were checked. */
async function runSchedule(seed: number): Promise<number> {
  await using folder = await createTempFolder('power-cut');
  const random = createSeededRandom(seed);
  const volume = new PowerCutVolume(folder.path, random);
  const store = openStore(volume.root, volume.files, volume.maintenance);
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
    const workload = new MailWorkload(mailbox, ledger, random, lane);
    for (let step = 0; step < STEP_COUNT; step += 1) await workload.step();
  });
  await Promise.all(lanes);
  volume.onEvent = () => undefined;
  await store.close();
  for (const cut of cuts) await checkCopy(cut.root, cut.ledger);
  await checkCopy(volume.root, ledger);
  return cuts.length;
}

describe('power cut', () => {
  it.each(Array.from({ length: SEED_COUNT }, (_, at) => at + 1))(
    'takes nothing back that was acknowledged or shown (seed %d)',
    async (seed) => {
      expect(await runSchedule(seed)).toBeGreaterThan(0);
    },
    120_000,
  );
});
