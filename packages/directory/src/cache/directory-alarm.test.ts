import { FakeClock } from '@homeward/testkit';
import { expect, test } from 'vitest';
import { DirectoryAlarm } from './directory-alarm.ts';

interface Watched {
  readonly clock: FakeClock;
  readonly told: string[];
  heardAtMs: number | undefined;
  why: string;
  advance(ms: number): Promise<void>;
}

function watch(heardAtMs: number | undefined): Watched & { readonly alarm: DirectoryAlarm } {
  const clock = new FakeClock();
  const told: string[] = [];
  const watched: Watched = {
    clock,
    told,
    heardAtMs,
    why: 'no answer',
    async advance(ms) {
      for (let passedMs = 0; passedMs < ms; passedMs += 500) {
        clock.advance(500);
        for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
      }
    },
  };
  const alarm = new DirectoryAlarm({
    driver: { inSyncAtMs: () => watched.heardAtMs },
    why: () => watched.why,
    onLost: (why, isAtStart) => told.push(`${isAtStart ? 'lost at start' : 'lost'}: ${why}`),
    onBack: (goneMs) => told.push(`back after ${goneMs}`),
    clock,
  });
  return Object.assign(watched, { alarm });
}

test('DirectoryAlarm tells once that the directory is lost, and once that it is back', async () => {
  const watched = watch(undefined);
  watched.heardAtMs = watched.clock.elapsedMs();
  const fromMs = watched.heardAtMs;
  await watched.advance(3_000);
  expect(watched.told).toEqual([]);
  await watched.advance(10_000);
  expect(watched.told).toEqual(['lost: no answer']);
  watched.heardAtMs = watched.clock.elapsedMs();
  const goneMs = watched.heardAtMs - fromMs;
  await watched.advance(1_000);
  expect(watched.told).toEqual(['lost: no answer', `back after ${goneMs}`]);
  await watched.alarm.close();
  expect(watched.clock.timerCount).toBe(0);
});

test('DirectoryAlarm tells of one that was never reached', async () => {
  const watched = watch(undefined);
  await watched.advance(4_000);
  expect(watched.told).toEqual(['lost at start: no answer']);
  await watched.alarm.close();
});

test('DirectoryAlarm tells again when it is lost for good, not when it cannot be reached otherwise', async () => {
  const watched = watch(undefined);
  watched.heardAtMs = watched.clock.elapsedMs();
  await watched.advance(4_000);
  watched.why = 'connection refused';
  await watched.advance(1_000);
  watched.why = 'directory-empty: there is none';
  await watched.advance(5_000);
  watched.why = 'connection refused';
  await watched.advance(1_000);
  watched.why = 'directory-empty: there is none';
  await watched.advance(1_000);
  watched.why = 'directory-replaced: another is there';
  await watched.advance(1_000);
  expect(watched.told).toEqual([
    'lost: no answer',
    'lost: directory-empty: there is none',
    'lost: directory-replaced: another is there',
  ]);
  watched.heardAtMs = watched.clock.elapsedMs();
  await watched.advance(500);
  watched.why = 'directory-replaced: another is there';
  await watched.advance(4_000);
  expect(watched.told.slice(4)).toEqual(['lost: directory-replaced: another is there']);
  await watched.alarm.close();
});
