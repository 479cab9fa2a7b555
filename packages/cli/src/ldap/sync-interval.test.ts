import { expect, test } from 'vitest';
import { parseSyncInterval } from './sync-interval.ts';

test.each([
  ['1m', 60_000],
  ['90s', 90_000],
  ['15m', 900_000],
  ['24h', 86_400_000],
])('parseSyncInterval() reads %s', (text, intervalMs) => {
  expect(parseSyncInterval(text)).toBe(intervalMs);
});

test.each(['', '15', 'm', '59s', '25h', '-1m', '1.5h', '15 m', '15min', '1d'])(
  'parseSyncInterval() refuses %j',
  (text) => {
    expect(parseSyncInterval(text)).toBeUndefined();
  },
);
