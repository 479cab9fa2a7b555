/** What every store of the throttle must do; runs on each driver's and on the one in memory. */
import { describe, expect, test, vi } from 'vitest';
import type { ThrottleStore } from '../throttle/throttle-store.ts';

/** Two views of one store; the same object where there is but one process. */
export interface ThrottleStores {
  readonly one: ThrottleStore;
  readonly other: ThrottleStore;
}

const LONG = { lifeMs: 60_000, limit: 5 };
const LANE = 'address:2001:db8::/64';

async function namesIn(store: ThrottleStore, lane: string): Promise<string[]> {
  const [members = []] = await store.read([lane]);
  return members.map(({ name }) => name).toSorted();
}

export function describeThrottleStore(
  title: string,
  get: () => ThrottleStores | Promise<ThrottleStores>,
): void {
  describe(`${title} keeps the contract`, () => {
    test('note() is seen by all, once for each member', async () => {
      const { one, other } = await get();
      for (const member of ['a', 'b', 'a']) await one.note(LANE, member, LONG);
      await other.note(LANE, 'c', LONG);
      expect(await namesIn(other, LANE)).toEqual(['a', 'b', 'c']);
      const [[member] = [], none = []] = await one.read([LANE, 'address:192.0.2.1/32']);
      expect(member?.leftMs).toBeGreaterThan(50_000);
      expect(member?.leftMs).toBeLessThanOrEqual(60_000);
      expect(none).toEqual([]);
    });

    test('note() keeps a lane within its limit; the oldest give way', async () => {
      const { one } = await get();
      for (const member of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
        await one.note(LANE, member, LONG);
        // Stores may keep time by milliseconds.
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect(await namesIn(one, LANE)).toEqual(['c', 'd', 'e', 'f', 'g']);
    });

    test('members expire, each by itself', async () => {
      const { one } = await get();
      await one.note(LANE, 'short', { ...LONG, lifeMs: 50 });
      await one.note(LANE, 'long', LONG);
      await vi.waitFor(async () => expect(await namesIn(one, LANE)).toEqual(['long']));
    });

    test('takeTurn() gives turns that lie apart, and none beyond the longest wait', async () => {
      const { one, other } = await get();
      expect(await one.takeTurn(LANE, 20_000, 30_000)).toBe(0);
      const second = await other.takeTurn(LANE, 20_000, 30_000);
      expect(second).toBeGreaterThan(19_000);
      expect(second).toBeLessThanOrEqual(20_000);
      // The third would be 40 s away: refused, and no turn is lost by that, however often.
      for (let i = 0; i < 3; i += 1) {
        const refused = await one.takeTurn(LANE, 20_000, 30_000);
        expect(refused).toBeGreaterThan(39_000);
        expect(refused).toBeLessThanOrEqual(40_000);
      }
      expect(await one.takeTurn('account:x', 20_000, 30_000)).toBe(0);
    });

    test('takeTurn() at once from all gives each a turn of its own', async () => {
      const { one, other } = await get();
      const stores = Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? one : other));
      const waits = await Promise.all(stores.map((store) => store.takeTurn(LANE, 1_000, 60_000)));
      const seconds = waits.map((waitMs) => Math.ceil(waitMs / 1_000)).toSorted((a, b) => a - b);
      expect(seconds).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    test('listRecent() names lanes with news, newest first', async () => {
      const { one, other } = await get();
      for (const lane of [LANE, 'account:x', LANE]) {
        await one.noteRecent(lane, 60_000);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect((await other.listRecent()).map(({ lane }) => lane)).toEqual([LANE, 'account:x']);
    });

    test('clear() forgets members, turns and news', async () => {
      const { one, other } = await get();
      await one.note(LANE, 'a', LONG);
      await one.takeTurn(LANE, 20_000, 0);
      await one.noteRecent(LANE, 60_000);
      await one.note('account:x', 'a', LONG);
      expect(await other.clear([LANE, 'address:192.0.2.1/32'])).toBe(1);
      expect(await namesIn(one, LANE)).toEqual([]);
      expect(await one.takeTurn(LANE, 20_000, 0)).toBe(0);
      expect(await one.listRecent()).toEqual([]);
      expect(await namesIn(one, 'account:x')).toEqual(['a']);
    });

    test('markKey() gives all the same key until its life is over', async () => {
      const { one, other } = await get();
      // Its life may be over between the two.
      await vi.waitFor(async () => {
        const first = await one.markKey(Buffer.from('first'), 100);
        const second = await other.markKey(Buffer.from('second'), 100);
        expect([...second.key]).toEqual([...first.key]);
        expect(second.leftMs).toBeLessThanOrEqual(100);
      });
      await vi.waitFor(async () => {
        const next = await other.markKey(Buffer.from('next'), 60_000);
        expect(Buffer.from(next.key).toString()).toBe('next');
      });
    });
  });
}
