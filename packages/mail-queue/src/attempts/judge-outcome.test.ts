import { NO_RECIPIENT_PARAMETERS, type NotifyOccasion } from '@homeward/smtp/grammar';
import { describe, expect, it } from 'vitest';
import { DEFAULT_QUEUE_SETTINGS } from '../queue-settings.ts';
import { DEFERRED, DELIVERED, FAILED } from '../testing/queue-harness.ts';
import { cleanOutcome, judgeOutcome, type JudgedFacts } from './judge-outcome.ts';
import { retryDelayMs } from './retry-delay.ts';

const NOW_MS = 1_000_000_000;
const SETTINGS = { expiryMs: 100_000, retryMaxMs: 3_600_000 };

function factsOf(
  notify: readonly NotifyOccasion[] | undefined,
  changes: Partial<JudgedFacts> = {},
): JudgedFacts {
  return {
    message: { sender: 'a@b', queuedMs: NOW_MS },
    recipient: { parameters: { ...NO_RECIPIENT_PARAMETERS, notify }, attemptCount: 0 },
    destination: { key: 'elsewhere:b', kind: 'elsewhere' },
    nowMs: NOW_MS,
    random: 0.5,
    settings: SETTINGS,
    ...changes,
  };
}

const NULL_SENDER = { message: { sender: '', queuedMs: NOW_MS } };
const EXPIRED = { message: { sender: 'a@b', queuedMs: NOW_MS - 100_000 } };

describe('judgeOutcome()', () => {
  it.each([
    ['delivered', DELIVERED, factsOf(undefined), 'forget'],
    ['delivered, and that is wanted', DELIVERED, factsOf(['SUCCESS']), 'finish'],
    ['failed', FAILED, factsOf(undefined), 'finish'],
    ['failed, and nothing is wanted', FAILED, factsOf([]), 'forget'],
    ['failed, and only delays are wanted', FAILED, factsOf(['DELAY']), 'forget'],
    ['failed, and it is a notice', FAILED, factsOf(undefined, NULL_SENDER), 'forget'],
    ['deferred', DEFERRED, factsOf(undefined), 'wait'],
    ['deferred, and its time is over', DEFERRED, factsOf(undefined, EXPIRED), 'finish'],
    ['deferred for the last time, unwanted', DEFERRED, factsOf([], EXPIRED), 'forget'],
  ])('%s', (_, outcome, facts, expected) => {
    expect(judgeOutcome(outcome, facts).kind).toBe(expected);
  });

  it('tries for the last time when the time is over, not later', () => {
    const settlement = judgeOutcome(DEFERRED, factsOf(undefined, { nowMs: NOW_MS + 90_000 }));
    expect(settlement).toMatchObject({ kind: 'wait', dueMs: NOW_MS + 100_000 });
  });
});

describe('retryDelayMs()', () => {
  it.each([
    ['worker', 1, 0.5, 5_000],
    ['worker', 4, 0.5, 40_000],
    ['elsewhere', 1, 0.5, 60_000],
    ['elsewhere', 1, 0, 48_000],
    ['elsewhere', 1, 0.999999, 72_000],
    ['elsewhere', 1_000, 0.5, DEFAULT_QUEUE_SETTINGS.retryMaxMs],
  ] as const)('to a %s after %d failures at %f: %d', (kind, count, random, expected) => {
    expect(retryDelayMs(kind, count, DEFAULT_QUEUE_SETTINGS.retryMaxMs, random)).toBe(expected);
  });
});

describe('cleanOutcome()', () => {
  it('makes one printable line of bounded length of what others say', () => {
    const text = `a\r\nb\u{2028}c\u{202e}d\0${'x'.repeat(1_000)}`;
    const cleaned = cleanOutcome({ ...DEFERRED, text, remote: 'mx\n' });
    expect(cleaned.text).toMatch(/^a b c d x+$/u);
    expect(cleaned.text).toHaveLength(500);
    expect(cleaned.remote).toBe('mx');
  });
});
