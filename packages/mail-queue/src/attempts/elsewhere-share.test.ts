import { FakeClock } from '@homeward/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Destination } from '../ports.ts';
import { DEFAULT_QUEUE_SETTINGS } from '../queue-settings.ts';
import { type Admission, DestinationLines } from './destination-lines.ts';

const settings = { ...DEFAULT_QUEUE_SETTINGS };
/** Destinations of attempts in the order in which they began. */
let begun: string[];
/** Ends the attempts that are under way, the oldest first. */
let ends: (() => void)[];
let lines: DestinationLines;

beforeEach(() => {
  begun = [];
  ends = [];
  Object.assign(settings, DEFAULT_QUEUE_SETTINGS, { concurrency: 10, destinationConcurrency: 10 });
  lines = new DestinationLines({
    clock: new FakeClock(),
    random: () => 0.5,
    settings: () => settings,
  });
});

function enter(key: string, kind: Destination['kind'] = 'elsewhere'): Promise<Admission> {
  return lines.enter(key, kind, () => {
    begun.push(key);
    return new Promise((resolve) => ends.push(() => resolve('somebody')));
  });
}

async function endOldest(): Promise<void> {
  ends.shift()?.();
  await new Promise((resolve) => setImmediate(resolve));
}

function beginMany(key: string, count: number): readonly Promise<Admission>[] {
  return Array.from({ length: count }, () => enter(key));
}

describe('places', () => {
  it('are left to workers, however much goes elsewhere', () => {
    for (const key of ['a', 'b', 'c']) void beginMany(key, 10);
    expect(lines.runningCount).toBe(8);
    void enter('worker', 'worker');
    expect(begun.at(-1)).toBe('worker');
  });

  it('are there for elsewhere even if there is only one', () => {
    settings.concurrency = 1;
    void enter('a');
    expect(begun).toEqual(['a']);
  });

  it('go to another destination before the same one gets more', async () => {
    void beginMany('a', 50);
    void beginMany('b', 2);
    void enter('c');
    begun = [];
    for (let count = 0; count < 5; count += 1) await endOldest();
    expect(begun.slice(0, 3).toSorted()).toEqual(['b', 'b', 'c']);
    expect(begun.slice(3)).toEqual(['a', 'a']);
  });
});

describe('memory', () => {
  it('holds so many attempts for all that is elsewhere, and the rest waits in rows', async () => {
    const admissions = ['a', 'b', 'c', 'd'].flatMap((key) => beginMany(key, 90));
    const last = admissions.at(-1);
    expect(await last).toEqual({ kind: 'line-up', forMs: 60_000 });
    // A worker's mail has room still.
    settings.destinationConcurrency = 1;
    void enter('worker', 'worker');
    void enter('worker', 'worker');
    let isAnswered = false;
    void enter('worker', 'worker').then(() => (isAnswered = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAnswered).toBe(false);
  });

  it('has room for others again when those elsewhere are done', async () => {
    void ['a', 'b', 'c', 'd'].flatMap((key) => beginMany(key, 90));
    while (ends.length > 0) await endOldest();
    void enter('e');
    expect(begun.at(-1)).toBe('e');
  });

  it('is filled from the rows of one destination at a time, and when it is nearly empty', async () => {
    const pulled: string[] = [];
    lines.onRoom((key) => pulled.push(key));
    void ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((key) => beginMany(key, 90));
    pulled.length = 0;
    const counts: number[] = [];
    while (ends.length > 0) {
      await endOldest();
      if (pulled.some((key) => 'def'.includes(key))) counts.push(pulled.length);
      pulled.length = 0;
    }
    // 258 were taken up; nobody pulls before all but 50 of those that waited are under way.
    expect(begun.length).toBe(258);
    expect(counts.slice(0, 3)).toEqual([1, 1, 1]);
  });

  it('is asked for rows of a destination again when there is room', async () => {
    const pulled: string[] = [];
    lines.onRoom((key) => pulled.push(key));
    void ['a', 'b', 'c', 'd'].flatMap((key) => beginMany(key, 90));
    pulled.length = 0;
    while (ends.length > 0) await endOldest();
    expect(pulled).toContain('d');
  });
});
