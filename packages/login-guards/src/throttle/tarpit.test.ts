import { FakeClock } from '@homeward/testkit';
import type { Standing } from '@homeward/directory';
import { beforeEach, describe, expect, it } from 'vitest';
import { Tarpit } from './tarpit.ts';

const PLACES = 3;
const HOLD_MS = 1_000;

let clock: FakeClock;
let tarpit: Tarpit;
beforeEach(() => {
  clock = new FakeClock();
  tarpit = new Tarpit(clock, PLACES);
});

/** Logins that come one after the other; each tells what becomes of it, once something does. */
function come(...standings: readonly Standing[]): string[] {
  const told = standings.map(() => 'waits');
  standings.forEach((standing, index) => {
    void tarpit.hold(standing, HOLD_MS, new Promise(() => undefined)).then((end) => {
      told[index] = `${end === 'over' ? 'goes on' : `is ${end}`} at ${clock.elapsedMs()}`;
    });
  });
  return told;
}

const settle = (): Promise<void> => clock.advanceAsync(0);

it('Tarpit holds each login for its time, and gives its place back then', async () => {
  const told = come('clean', 'suspect', 'known');
  await clock.advanceAsync(HOLD_MS - 1);
  expect([told, tarpit.count]).toEqual([['waits', 'waits', 'waits'], 3]);
  await clock.advanceAsync(1);
  expect(told).toEqual(Array(3).fill('goes on at 1000'));
  expect([tarpit.count, clock.timerCount]).toEqual([0, 0]);
});

it('Tarpit gives the place of who has gone to the next', async () => {
  const gone = Promise.withResolvers<void>();
  const left = tarpit.hold('suspect', HOLD_MS, gone.promise);
  come('suspect', 'suspect');
  gone.resolve();
  expect(await left).toBe('gone');
  expect([tarpit.count, clock.timerCount]).toEqual([2, 2]);
  const told = come('suspect');
  await settle();
  expect(told).toEqual(['waits']);
});

describe('Tarpit that is full', () => {
  const GO = 'goes on at 0';
  const NO = 'is refused at 0';
  const ROWS: readonly [string, readonly Standing[], readonly string[]][] = [
    [
      'refuses a suspect that comes',
      ['suspect', 'suspect', 'suspect', 'suspect'],
      ['', '', '', NO],
    ],
    ['refuses a suspect among others', ['clean', 'slipped', 'known', 'suspect'], ['', '', '', NO]],
    [
      'refuses a suspect for a clean one',
      ['clean', 'suspect', 'suspect', 'clean'],
      ['', NO, '', ''],
    ],
    [
      'refuses a suspect for one that slipped',
      ['suspect', 'clean', 'clean', 'slipped'],
      [NO, '', '', ''],
    ],
    [
      'lets one that slipped on for a clean one',
      ['clean', 'slipped', 'slipped', 'clean'],
      ['', GO, '', ''],
    ],
    [
      'lets one on that slipped and comes',
      ['clean', 'clean', 'clean', 'slipped'],
      ['', '', '', GO],
    ],
    [
      'lets the first of the clean on for another',
      ['clean', 'known', 'clean', 'clean'],
      [GO, '', '', ''],
    ],
    ['lets a clean one on for a known one', ['known', 'clean', 'known', 'known'], ['', GO, '', '']],
    ['lets a clean one on among the known', ['known', 'known', 'known', 'clean'], ['', '', '', GO]],
    ['lets the first of the known on', ['known', 'known', 'known', 'known'], [GO, '', '', '']],
  ];
  it.each(ROWS)('%s', async (_what, standings, expected) => {
    const told = come(...standings);
    await settle();
    expect(told).toEqual(expected.map((one) => one || 'waits'));
    expect(tarpit.count).toBe(PLACES);
  });

  it('refuses nobody but suspects, however many come', async () => {
    const told = come(
      ...Array<Standing>(200).fill('clean'),
      ...Array<Standing>(50).fill('slipped'),
    );
    await clock.advanceAsync(HOLD_MS);
    expect(told.filter((one) => !one.startsWith('goes on'))).toEqual([]);
    expect([tarpit.count, clock.timerCount]).toEqual([0, 0]);
  });
});
