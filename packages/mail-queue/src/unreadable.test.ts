/** Messages of the queue whose files are damaged: told at once, kept, and given back when asked. */
import { copyFileSync, mkdirSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { QueueEvent } from './events.ts';
import type { QueueEntry } from './desk/queue-job.ts';
import {
  AWAY,
  DEFERRED,
  DELIVERED,
  enqueue,
  makeEnvelope,
  openQueueHarness,
  type QueueHarness,
  SMALL,
} from './testing/queue-harness.ts';

const BEN = 'ben@elsewhere.test';
const LARGE = `${SMALL}${'z'.repeat(200_000)}`;
const HOUR_MS = 3_600_000;

let harness: QueueHarness;
let file: string;

beforeEach(async () => {
  harness = await openQueueHarness();
  harness.world.answer = () => DEFERRED;
  expect(await enqueue(harness.queue.intake, makeEnvelope([BEN]), LARGE)).toBe('queued');
  await whenTried(1);
  const folder = join(harness.root, 'worker-0', 'messages');
  file = join(folder, readdirSync(folder)[0] ?? '');
  harness.world.answer = () => DELIVERED;
});
afterEach(() => harness[Symbol.asyncDispose]());

async function whenTried(count: number): Promise<void> {
  await expect.poll(() => harness.seen.length).toBe(count);
  await whenIdle();
}
async function whenIdle(): Promise<void> {
  await expect.poll(() => harness.queue.gauges().tryingCount).toBe(0);
}
function told(): readonly QueueEvent[] {
  return harness.events.filter(({ name }) => name === 'message-unreadable' || name === 'bug');
}
async function list(): Promise<readonly QueueEntry[]> {
  const listed = await harness.queue.desk.run({ kind: 'list', filter: {}, limit: 10 });
  return listed.ok ? listed.value.entries : [];
}
async function change(action: 'release' | 'retry'): Promise<void> {
  const target = { filter: {} };
  expect(await harness.queue.desk.run({ kind: 'change', action, target })).toMatchObject({
    ok: true,
  });
}
async function untilTold(): Promise<void> {
  await expect
    .poll(() => {
      harness.clock.advance(60_000);
      return told().length;
    })
    .toBe(1);
  await whenIdle();
}

it.each([
  ['gone', 'the file of the message is gone', () => rmSync(file)],
  ['cut-short', 'the file of the message is cut short', () => truncateSync(file, 100_000)],
] as const)('%s: it is told at once, held, and kept beyond its time', async (reason, why, harm) => {
  copyFileSync(file, `${file}.saved`);
  harm();
  await untilTold();
  const [entry] = await list();
  expect(told()).toMatchObject([
    { name: 'message-unreadable', message: entry?.id, reason, code: undefined, isHeld: true },
  ]);
  const lastReply = `451 4.3.0 The message cannot be read: ${why}`;
  expect(entry).toMatchObject({ state: 'held', firstRecipient: BEN, lastReply });
  harness.clock.advance(1_000 * HOUR_MS);
  await whenIdle();
  expect(await list()).toMatchObject([{ state: 'held' }]);
  expect(told()).toHaveLength(1);

  // Back from a backup: it goes on as if nothing had been.
  copyFileSync(`${file}.saved`, file);
  await change('release');
  await expect.poll(list).toEqual([]);
  expect(harness.seen.map(({ text }) => text)).toEqual([LARGE, LARGE]);
});

it('is told before anybody is connected to', async () => {
  harness.world.before = () => Promise.reject(new Error('nobody was to be asked'));
  rmSync(file);
  await untilTold();
  expect(await list()).toMatchObject([{ state: 'held' }]);
});

it('is told whatever the transport makes of it, and blames nobody at the destination', async () => {
  harness.world.isHidingFaults = true;
  harness.world.answer = () => AWAY;
  // Between the look at it and the reading.
  harness.world.before = async () => rmSync(file, { force: true });
  await untilTold();
  expect(await list()).toMatchObject([
    {
      state: 'held',
      lastReply: expect.stringContaining('4.3.0 The message cannot be read') as unknown,
    },
  ]);
  // The destination has no rest: others go there at once.
  harness.world.answer = () => DELIVERED;
  harness.world.before = () => Promise.resolve();
  await enqueue(harness.queue.intake, makeEnvelope(['cleo@elsewhere.test']));
  await expect.poll(async () => (await list()).length).toBe(1);
});

it('is nothing when it was dropped while it stood in line', async () => {
  harness.settings.destinationConcurrency = 1;
  const free = Promise.withResolvers<void>();
  harness.world.before = () => free.promise;
  const first = makeEnvelope(['ann@far.test'], { reference: 'first' });
  expect(await enqueue(harness.queue.intake, first)).toBe('queued');
  const next = makeEnvelope(['cleo@far.test'], { reference: 'next' });
  expect(await enqueue(harness.queue.intake, next, LARGE)).toBe('queued');
  const dropped = (await list()).find(({ firstRecipient }) => firstRecipient === 'cleo@far.test');
  const drop = { kind: 'change', action: 'drop', target: { ids: [dropped!.id] } } as const;
  expect(await harness.queue.desk.run(drop)).toMatchObject({ ok: true });
  free.resolve();
  await whenTried(2);
  expect(harness.seen.at(-1)?.request.reference).toBe('first');
  expect(told()).toEqual([]);
});

it('of a volume that fails is told with its code, and tried again', async () => {
  rmSync(file);
  mkdirSync(file);
  await untilTold();
  expect(told()).toMatchObject([{ reason: 'fault', code: 'EISDIR', isHeld: false }]);
  const lastReply = '451 4.3.0 The message cannot be read: the volume fails (EISDIR)';
  expect(await list()).toMatchObject([{ state: 'waiting', lastReply }]);
});

it('goes back to its sender when it is released and its time is over', async () => {
  rmSync(file);
  await untilTold();
  harness.clock.advance(1_000 * HOUR_MS);
  await change('release');
  await expect.poll(list).toEqual([]);
  const notice = harness.seen.at(-1);
  expect(notice?.request).toMatchObject({ sender: '' });
  expect(notice?.text).toContain('Status: 5.4.7');
  expect(notice?.text).toContain('The message cannot be read: the file of the message is gone');
  expect(told()).toMatchObject([{ isHeld: true }, { isHeld: false }]);
});
