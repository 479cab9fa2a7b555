import { describe, expect, test } from 'vitest';
import { formatFileName, isFileOf, periodOf, prefixOf } from './log-file-names.ts';

describe('periodOf()', () => {
  test.each([
    ['Hourly', '2026-01-31T23:59:59.999Z', '2026013123'],
    ['Daily', '2026-01-31T23:59:59.999Z', '20260131'],
    ['Weekly', '2026-02-01T00:00:00Z', '20260126'],
    ['Weekly', '2026-02-02T00:00:00Z', '20260202'],
    ['Monthly', '2026-02-28T12:00:00Z', '20260201'],
  ] as const)('%s at %s is %s', (rollOver, now, period) => {
    expect(periodOf(rollOver, Date.parse(now))).toBe(period);
  });
});

describe('isFileOf()', () => {
  test('knows the files of one log from those of another', () => {
    const prefix = prefixOf('frontend', 'imap');
    expect(isFileOf(prefix, formatFileName(prefix, '20260131', 12))).toBe(true);
    expect(isFileOf(prefix, formatFileName(prefix, '2026013123', 1))).toBe(true);
    const others = ['IMAP4BE20260131-1.LOG', 'POP320260131-1.LOG', 'IMAP420260131-1.LOG.gz'];
    for (const name of others) expect(isFileOf(prefix, name)).toBe(false);
    expect(isFileOf(prefix, 'IMAP4-1.LOG')).toBe(false);
  });
});
