/** Many accounts on few open mailboxes: the bound is real, and nobody is refused for long. */
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { createSeededRandom, FakeClock } from '@homeward/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { Gate } from './gate.ts';
import { OpenSlots } from './open-slots.ts';
import {
  append,
  asUid,
  makeMessage,
  openFolder,
  openMailbox,
  readMessage,
  reasonOf,
  valueOf,
} from './testing/mail-steps.ts';
import { openSqliteHarness, type SqliteHarness } from './testing/sqlite-harness.ts';

const DESCRIPTORS_EACH = 5;
/** Those of maintenance while mailboxes are opened and closed. */
const DESCRIPTORS_IN_TRANSIT = 8 * 4;

describe('OpenSlots', () => {
  it('serves those in line in their order, and evicts once for each', async () => {
    const clock = new FakeClock();
    let idleCount = 1;
    let evictedCount = 0;
    const slots = new OpenSlots({
      limit: () => 2,
      waitMs: () => 100,
      startTimer: (delayMs, run) => clock.startTimer(delayMs, run),
      evictIdle: () => {
        if (idleCount === 0) return false;
        idleCount -= 1;
        evictedCount += 1;
        return true;
      },
    });
    expect([slots.tryTake(), slots.tryTake(), slots.tryTake()]).toEqual([true, true, false]);
    const order: string[] = [];
    const line = ['a', 'b', 'c'].map(async (name) => {
      const isGranted = await slots.take();
      order.push(`${name} ${isGranted}`);
    });
    expect(evictedCount).toBe(1);
    slots.give(true);
    await line[0];
    expect(slots.tryTake()).toBe(false);
    idleCount = 5;
    slots.evictForLine();
    expect([evictedCount, slots.takenCount]).toEqual([3, 2]);
    clock.advance(100);
    await Promise.all(line);
    expect(order).toEqual(['a true', 'b false', 'c false']);
    slots.give(true);
    slots.give(true);
    expect([slots.takenCount, slots.tryTake(), clock.timerCount]).toEqual([0, true, 0]);
  });
});

describe('Gate', () => {
  it('lets no more in than fit, in their order, whether work succeeds or fails', async () => {
    const gate = new Gate(2);
    const running = new Set<number>();
    const started: number[] = [];
    const work = Array.from({ length: 6 }, (_, at) =>
      gate.run(async () => {
        running.add(at);
        started.push(at);
        await new Promise(setImmediate);
        expect(running.size).toBeLessThanOrEqual(2);
        running.delete(at);
        if (at % 2 === 0) throw new Error('failed');
      }),
    );
    const outcomes = await Promise.allSettled(work);
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(
      work.map((_, at) => at % 2 !== 0),
    );
    expect(started).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

/** Files of the volume that this process has open, where the system tells. */
function countDescriptors(root: string): number {
  const folder = '/proc/self/fd';
  if (!existsSync(folder)) return 0;
  return readdirSync(folder).filter((name) => {
    try {
      return readlinkSync(`${folder}/${name}`).startsWith(root);
    } catch {
      return false;
    }
  }).length;
}

describe('a store with few open mailboxes', () => {
  let harness: SqliteHarness;

  afterEach(async () => {
    await harness.dispose();
  });

  it('serves hundreds of accounts at once, within its bound', async () => {
    const limit = 6;
    harness = await openSqliteHarness();
    harness.setLimits({ openMailboxCount: limit });
    const { store } = harness;
    const random = createSeededRandom(7);
    let highestCount = 0;
    let highestDescriptorCount = 0;
    const visit = async (account: number): Promise<void> => {
      const mailbox = await openMailbox(store, `ACCOUNT${account}`);
      highestCount = Math.max(highestCount, store.openMailboxCount);
      highestDescriptorCount = Math.max(highestDescriptorCount, countDescriptors(harness.root));
      await append(mailbox, makeMessage(`m${account}`));
      mailbox.close();
    };
    const accounts = Array.from({ length: 300 }, (_, at) => at);
    const visits = [...accounts, ...accounts].map((account) => ({ account, order: random() }));
    visits.sort((a, b) => a.order - b.order);
    await Promise.all(visits.map(({ account }) => visit(account)));
    expect(highestCount).toBeLessThanOrEqual(limit);
    expect(highestDescriptorCount).toBeLessThanOrEqual(
      limit * DESCRIPTORS_EACH + DESCRIPTORS_IN_TRANSIT,
    );
    for (const account of [0, 150, 299]) {
      const mailbox = await openMailbox(store, `ACCOUNT${account}`);
      expect(mailbox.usage.messageCount).toBe(2);
      const folder = await openFolder(mailbox);
      expect(await readMessage(folder, asUid(2))).toEqual(makeMessage(`m${account}`));
      mailbox.close();
    }
  }, 60_000);

  it('refuses who waited in vain, and those in line when it closes', async () => {
    harness = await openSqliteHarness();
    harness.setLimits({ openMailboxCount: 1 });
    const { store } = harness;
    const options = { epoch: 1, create: true };
    await openMailbox(store, 'A');
    const late = store.openMailbox('B', options);
    harness.clock.advance(5000);
    expect(reasonOf(await late)).toBe('too-many');
    const shared = await openMailbox(store, 'A');
    const inLine = store.openMailbox('B', options);
    await store.close();
    expect(reasonOf(await inLine)).toBe('unavailable');
    shared.close();
  });

  it('opens once what several wait for', async () => {
    harness = await openSqliteHarness();
    harness.setLimits({ openMailboxCount: 1 });
    const { store } = harness;
    const first = await openMailbox(store, 'A');
    const waiting = [1, 2, 3].map(() => openMailbox(store, 'B'));
    first.close();
    const [one, two, three] = await Promise.all(waiting);
    expect(store.openMailboxCount).toBe(1);
    for (const mailbox of [one, two, three]) mailbox?.close();
    const again = await openMailbox(store, 'A');
    expect(valueOf(await again.statusOf('INBOX')).messageCount).toBe(0);
    expect(store.openMailboxCount).toBe(1);
  });
});
