/**
 * Measures the store on this machine: `node packages/mailstore/bench/store-bench.ts [folder]`.
 * The folder decides which disk is measured; by default a temporary one. Prints one line for
 * each figure: wall time, CPU time of the process, and the longest time in which the event loop
 * did not turn meanwhile.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DEFAULT_STORE_LIMITS, openMailStore } from '../src/index.ts';
import type { FactName, Folder, Mailbox, MessageDescriber, Uid } from '../src/index.ts';

const root = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'store-bench-'));
const octets = (count: number): Buffer => Buffer.alloc(count, 'x');
const description = {
  envelope: octets(500),
  body: octets(300),
  bodyStructure: octets(450),
  shape: octets(1800),
  describeRest: () => ({ header: octets(2500), preview: octets(200), sortFacts: octets(200) }),
};
const describe = (): MessageDescriber => ({ push: () => undefined, finish: () => description });

function open(): ReturnType<typeof openMailStore> {
  return openMailStore({
    root,
    describe,
    clock: { nowMs: () => Date.now(), startTimer: () => () => undefined },
    limits: DEFAULT_STORE_LIMITS,
    defaultFolders: [{ path: 'Copies', specialUse: undefined, isSubscribed: true }],
    report: () => undefined,
  });
}

function must<Value>(
  outcome: { readonly ok: true; readonly value: Value } | { readonly ok: false },
): Value {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

async function measure(name: string, work: () => Promise<unknown>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  await work();
  const tookMs = performance.now() - startedMs;
  const cpu = process.cpuUsage(cpuBefore);
  delay.disable();
  const column = (ms: number): string => ms.toFixed(1).padStart(8);
  process.stdout.write(
    `${name.padEnd(52)}${column(tookMs)} ms${column((cpu.user + cpu.system) / 1000)} cpu` +
      `${column(delay.max / 1e6)} stall\n`,
  );
}

async function append(mailbox: Mailbox, message: Buffer): Promise<void> {
  const sink = must(await mailbox.startAppend('INBOX'));
  const announced = { flags: [], internalDate: undefined, sizeBytes: message.length };
  must(await sink.startMessage(announced));
  await sink.write(message);
  must(await sink.endMessage());
  must(await sink.commit());
}

/** All in one append. */
async function appendTogether(mailbox: Mailbox, message: Buffer, count: number): Promise<void> {
  const sink = must(await mailbox.startAppend('INBOX'));
  for (let at = 0; at < count; at += 1) {
    must(
      await sink.startMessage({ flags: [], internalDate: undefined, sizeBytes: message.length }),
    );
    await sink.write(message);
    must(await sink.endMessage());
  }
  must(await sink.commit());
}

async function appendMany(mailbox: Mailbox, message: Buffer, count: number, lanes: number) {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await append(mailbox, message);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

async function readAll(folder: Folder, uids: readonly Uid[], names: readonly FactName[]) {
  const wanted = new Set(names);
  for (let from = 0; from < uids.length; from += 500) {
    const facts = await folder.readFacts(uids.slice(from, from + 500), wanted);
    if (facts.length === 0) throw new Error('nothing read');
  }
}

let store = open();
let mailbox = must(await store.openMailbox('BENCH', { epoch: 1, create: true }));
await append(mailbox, octets(100));
const message = octets(10_000);
await measure('1,000 appends of 10 KB, one by one', () => appendMany(mailbox, message, 1000, 1));
await measure('4,000 appends of 10 KB, 8 at a time', () => appendMany(mailbox, message, 4000, 8));
await measure('4,999 appends of 1 KB, 32 at a time', () =>
  appendMany(mailbox, octets(1000), 4999, 32),
);
await measure('1,000 messages of 10 KB in one append', () =>
  appendTogether(mailbox, message, 1000),
);
for (const kilobytes of [64, 128, 256, 512]) {
  const large = octets(kilobytes * 1024);
  await measure(`100 appends of ${kilobytes} KB, one by one`, () =>
    appendMany(mailbox, large, 100, 1),
  );
}
mailbox.close();
await measure('close (writes the WAL back)', () => store.close());

store = open();
await measure('open the mailbox', async () => {
  mailbox = must(await store.openMailbox('BENCH', { epoch: 1, create: false }));
});
let opened: Folder | undefined;
await measure('open INBOX: load the index of 11,400 rows', async () => {
  opened = must(await mailbox.openFolder('INBOX', false));
});
const folder = must({ ok: true, value: opened as Folder });
const { values, length } = folder.index.uids;
const uids = Array.from(values.subarray(0, Math.min(length, 10_000))) as Uid[];
for (const names of [
  ['envelope'],
  ['envelope', 'body-structure'],
  ['header'],
  ['shape'],
  ['save-date'],
] as FactName[][]) {
  for (const round of ['first', 'again']) {
    await measure(`10,000 facts: ${names.join(' ')} (${round})`, () =>
      readAll(folder, uids, names),
    );
  }
}
await measure('5,000 facts: octets', () => readAll(folder, uids.slice(0, 5000), ['octets']));
await measure('flag change of 10,000', async () => {
  must(await folder.changeFlags(uids, { kind: 'add', flags: ['\\Seen', '$Bench'] }));
});
await measure('1,000 flag changes of one message, one by one', async () => {
  for (const uid of uids.slice(0, 1000)) {
    must(await folder.changeFlags([uid], { kind: 'add', flags: ['\\Flagged'] }));
  }
});
await measure('copy of 10,000', async () => must(await folder.copy(uids, 'Copies')));
const copies = must(await mailbox.openFolder('Copies', false));
await measure('flag change of 10,000 to \\Deleted', async () => {
  const all = Array.from(copies.index.uids.values.subarray(0, copies.index.uids.length)) as Uid[];
  must(await copies.changeFlags(all, { kind: 'add', flags: ['\\Deleted'] }));
});
await measure('expunge of 10,000', async () => must(await copies.expunge(undefined)));
await measure('move of 10,000', async () => must(await folder.move(uids, 'Copies')));
mailbox.close();
await measure('close (and what garbage is under way)', () => store.close());
rmSync(root, { recursive: true, force: true });
