import { waitFor } from '@homeward/service';
import { FakeClock } from '@homeward/testkit';
import { expect, test } from 'vitest';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { type RegularSyncParts, runRegularSync } from './regular-sync.ts';

const MINUTE_MS = 60_000;

interface World {
  readonly clock: FakeClock;
  readonly lines: unknown[];
  /** When runs began. */
  readonly beganMs: number[];
  readonly stopping: AbortController;
  readonly running: Promise<void>;
}

function start(
  sync: RegularSyncParts['sync'],
  { random = 0.5 }: { readonly random?: number } = {},
): World {
  const clock = new FakeClock();
  const lines: unknown[] = [];
  const beganMs: number[] = [];
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = runRegularSync({
    clock,
    everyMs: 10 * MINUTE_MS,
    random: () => random,
    explain: (error) => (error instanceof OperatorError ? error : undefined),
    log: { log: (event, fields) => lines.push([event, fields]) },
    duty: { next: () => Promise.resolve(signal.aborted ? undefined : signal) },
    sync: (onOutcome, tenure) => {
      beganMs.push(clock.elapsedMs());
      return sync(onOutcome, tenure);
    },
  });
  return { clock, lines, beganMs, stopping, running };
}

test.each([
  [0, 9],
  [0.5, 10],
  [0.999_999, 11],
])('runs at once, then at the interval; jitter %d makes 10 minutes %d', async (random, minutes) => {
  const world = start(() => Promise.resolve(1), { random });
  await world.clock.advanceAsync(0);
  expect(world.beganMs).toEqual([0]);
  await world.clock.advanceAsync(minutes * MINUTE_MS - 1_000);
  expect(world.beganMs).toHaveLength(1);
  await world.clock.advanceAsync(1_000);
  expect(world.beganMs).toHaveLength(2);
  world.stopping.abort();
  await world.running;
  expect(world.clock.timerCount).toBe(0);
});

test('counts from the beginning of a run, but lets LDAP rest after a long one', async () => {
  const tookMs = [4 * MINUTE_MS, 30 * MINUTE_MS];
  const world = start(async () => {
    await waitFor(world.clock, tookMs.shift() ?? 0);
    return 1;
  });
  await world.clock.advanceAsync(45 * MINUTE_MS);
  expect(world.beganMs.map((ms) => ms / MINUTE_MS)).toEqual([0, 10, 41]);
  world.stopping.abort();
  await world.running;
});

test('logs what became of accounts, and the sum', async () => {
  const world = start((onOutcome) => {
    onOutcome({ change: 'gone', address: 'anna@example.org' });
    onOutcome({ change: 'failed', detail: 'no home site' });
    return Promise.resolve(7);
  });
  await world.clock.advanceAsync(0);
  const counts = { checked: 7, added: 0, changed: 0, gone: 1, failed: 1, durationMs: 0 };
  expect(world.lines).toEqual([
    ['ldap-sync.account-changed', { change: 'gone', address: 'anna@example.org' }],
    ['ldap-sync.account-failed', { detail: 'no home site' }],
    ['ldap-sync.completed', counts],
  ]);
  world.stopping.abort();
  await world.running;
});

test.each([
  ['unavailable', new OperatorError('away', EXIT_CODES.unavailable), { detail: 'away' }],
  ['refused', new OperatorError('6 of 7 are gone', EXIT_CODES.refused), {}],
  ['configuration', new OperatorError('not set up', EXIT_CODES.configuration), {}],
  ['bug', new TypeError('x is undefined'), { error: expect.any(TypeError) as unknown }],
])('a run that fails (%s) is logged, and the next one comes', async (reason, error, more) => {
  const world = start(() => Promise.reject(error));
  await world.clock.advanceAsync(10 * MINUTE_MS);
  expect(world.beganMs).toHaveLength(2);
  expect(world.lines[0]).toMatchObject(['ldap-sync.failed', { reason, ...more }]);
  world.stopping.abort();
  await world.running;
});

test.each([
  ['is told', (): Promise<undefined> => Promise.resolve(undefined)],
  ['has its connections closed', (): Promise<never> => Promise.reject(new Error('closed'))],
])('a run that %s when the process stops was broken off, not failed', async (_claim, outcome) => {
  const world = start(async (_onOutcome, tenure) => {
    await new Promise((resolve) => tenure.addEventListener('abort', resolve));
    return outcome();
  });
  await world.clock.advanceAsync(0);
  world.stopping.abort();
  await world.running;
  expect(world.lines).toEqual([['ldap-sync.broken-off', { durationMs: 0 }]]);
});
