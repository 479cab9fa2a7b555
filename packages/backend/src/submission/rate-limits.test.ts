import { expect, it } from 'vitest';
import { RateLimits } from './rate-limits.ts';

it('RateLimits lets a quiet account send at once, then names the wait', () => {
  let nowMs = 0;
  const limits = new RateLimits(
    () => ({ messagesPerMinute: 3, recipientsPerHour: 2 }),
    () => nowMs,
  );
  expect([1, 2, 3, 4].map(() => limits.takeMessage('anna'))).toEqual([0, 0, 0, 20_000]);
  expect(limits.takeMessage('bruno')).toBe(0);
  nowMs = 19_000;
  expect(limits.takeMessage('anna')).toBe(1_000);
  nowMs = 20_000;
  expect(limits.takeMessage('anna')).toBe(0);
  expect(limits.takeMessage('anna')).toBe(20_000);
  expect([1, 2, 3].map(() => limits.takeRecipient('anna'))).toEqual([0, 0, 1_800_000]);
});

it('RateLimits never saves up more than one period’s, and 0 is no limit', () => {
  let nowMs = 0;
  const settings = { messagesPerMinute: 2, recipientsPerHour: 0 };
  const limits = new RateLimits(
    () => settings,
    () => nowMs,
  );
  limits.takeMessage('anna');
  nowMs = 3_600_000;
  expect([1, 2, 3].map(() => limits.takeMessage('anna'))).toEqual([0, 0, 30_000]);
  expect(limits.takeRecipient('anna')).toBe(0);
  settings.messagesPerMinute = 0;
  expect(limits.takeMessage('anna')).toBe(0);
});
