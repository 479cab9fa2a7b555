import { expect, test } from 'vitest';
import { FakeClock } from '@homeward/testkit';
import { systemClock } from '../clock.ts';
import { describeThrottleStore } from '../testing/throttle-contract.ts';
import { MemoryThrottleStore } from './memory-throttle-store.ts';

describeThrottleStore('MemoryThrottleStore', () => {
  const store = new MemoryThrottleStore(systemClock);
  return { one: store, other: store };
});

test('MemoryThrottleStore keeps the lanes that had news last, and no more than its limit', async () => {
  const store = new MemoryThrottleStore(new FakeClock(), 3);
  const options = { lifeMs: 1_000, limit: 5 };
  for (const lane of ['a', 'b', 'c', 'a', 'd']) await store.note(lane, 'x', options);
  expect(store.laneCount).toBe(3);
  const found = await store.read(['a', 'b', 'c', 'd']);
  expect(found.map((members) => members.length)).toEqual([1, 0, 1, 1]);
});
