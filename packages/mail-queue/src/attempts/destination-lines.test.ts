import { FakeClock } from '@homeward/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_QUEUE_SETTINGS } from '../queue-settings.ts';
import { type Admission, DestinationLines, type Found } from './destination-lines.ts';

const KEY = 'worker:here/1';

let clock: FakeClock;
let lines: DestinationLines;
let running: { finish: (found: Found) => void; fail: (error: Error) => void }[];
let rooms: string[];

beforeEach(() => {
  clock = new FakeClock();
  const settings = { ...DEFAULT_QUEUE_SETTINGS, destinationConcurrency: 2, concurrency: 3 };
  lines = new DestinationLines({ clock, random: () => 0.5, settings: () => settings });
  running = [];
  rooms = [];
  lines.onRoom((key) => void rooms.push(key));
});

function enter(key = KEY): Promise<Admission> {
  return lines.enter(key, 'worker', () => {
    const { promise, resolve, reject } = Promise.withResolvers<Found>();
    running.push({ finish: resolve, fail: reject });
    return promise;
  });
}

async function finish(at: number, found: Found = 'somebody'): Promise<void> {
  running[at]?.finish(found);
  await new Promise((resolve) => setImmediate(resolve));
}

describe('DestinationLines', () => {
  it('lets so many run for one destination, and so many altogether', async () => {
    const admissions = [enter(), enter(), enter(), enter('worker:here/2'), enter('worker:here/3')];
    expect(running).toHaveLength(3);
    await finish(0);
    expect(running).toHaveLength(4);
    await finish(1);
    expect(running).toHaveLength(5);
    for (const at of [2, 3, 4]) await finish(at);
    for (const admission of await Promise.all(admissions)) {
      expect(admission).toEqual({ kind: 'done' });
    }
    expect(lines.runningCount).toBe(0);
  });

  it('lets a destination rest, and one go first afterwards', async () => {
    const waiting = [enter(), enter(), enter()];
    await finish(0, 'nobody');
    await finish(1, 'nobody');
    expect(await waiting[2]).toEqual({ kind: 'line-up', forMs: 5_000 });
    expect(await enter()).toEqual({ kind: 'line-up', forMs: 5_000 });
    clock.advance(5_000);
    rooms = [];
    void enter();
    void enter();
    expect(running).toHaveLength(3);
    expect(rooms).toEqual([]);
    await finish(2);
    expect(running).toHaveLength(4);
    // Rows may come again.
    expect(rooms).toEqual([KEY]);
  });

  it('learns nothing by an attempt that came to nothing: the next one goes first, too', async () => {
    void enter();
    await finish(0, 'nobody');
    clock.advance(5_000);
    void enter();
    void enter();
    void enter();
    await finish(1, 'nothing');
    expect(running).toHaveLength(3);
    await finish(2);
    expect(running).toHaveLength(4);
  });

  it('rests longer each time nobody answers, and not for ever', async () => {
    const rests: number[] = [];
    for (let at = 0; at < 6; at += 1) {
      void enter();
      await finish(at, 'nobody');
      const admission = await enter();
      if (admission.kind === 'line-up') rests.push(admission.forMs / 1_000);
      clock.advance(60_000);
    }
    expect(rests).toEqual([5, 10, 20, 40, 60, 60]);
  });

  it('goes on at once when it is woken', async () => {
    void enter();
    await finish(0, 'nobody');
    lines.wake();
    void enter();
    expect(running).toHaveLength(2);
  });

  it('sends those that are too many to their rows', async () => {
    const waiting = Array.from({ length: 103 }, () => enter());
    expect(await waiting[102]).toEqual({ kind: 'line-up', forMs: 60_000 });
  });

  it('gives a place back after a bug', async () => {
    const first = enter();
    running[0]?.fail(new Error('a bug'));
    await expect(first).rejects.toThrow('a bug');
    void enter();
    void enter();
    expect(running).toHaveLength(3);
  });
});
