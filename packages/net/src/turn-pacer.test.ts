import { expect, test } from 'vitest';
import { TurnPacer } from './turn-pacer.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('TurnPacer starts what is little at once', () => {
  const pacer = new TurnPacer(3);
  const started: number[] = [];
  for (const piece of [1, 2, 3]) pacer.run(() => started.push(piece));
  expect(started).toEqual([1, 2, 3]);
  expect(pacer.waitingCount).toBe(0);
});

test('TurnPacer starts so many in each turn, in order, and lets others in between', async () => {
  const pacer = new TurnPacer(2);
  const started: number[] = [];
  for (const piece of [1, 2, 3, 4, 5]) pacer.run(() => started.push(piece));
  expect(started).toEqual([1, 2]);
  await nextTurn();
  expect(started).toEqual([1, 2, 3, 4]);
  // Whoever comes meanwhile comes behind those that wait.
  pacer.run(() => started.push(6));
  expect(pacer.waitingCount).toBe(2);
  await nextTurn();
  expect(started).toEqual([1, 2, 3, 4, 5, 6]);
});

test('TurnPacer starts at once again when a turn was quiet', async () => {
  const pacer = new TurnPacer(1);
  const started: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    pacer.run(() => started.push(round));
    expect(started.at(-1)).toBe(round);
    await nextTurn();
    await nextTurn();
  }
});

test('TurnPacer takes what a piece that it starts adds', async () => {
  const pacer = new TurnPacer(1);
  const started: string[] = [];
  pacer.run(() => {
    started.push('outer');
    pacer.run(() => started.push('inner'));
  });
  expect(started).toEqual(['outer']);
  await nextTurn();
  expect(started).toEqual(['outer', 'inner']);
});
