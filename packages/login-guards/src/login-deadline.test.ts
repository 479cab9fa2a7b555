import { FakeClock } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { startLoginDeadline } from './login-deadline.ts';

function start(limitMs: number) {
  const clock = new FakeClock();
  const lateAtMs: number[] = [];
  const deadline = startLoginDeadline(clock, limitMs, () => lateAtMs.push(clock.elapsedMs()));
  return { clock, deadline, lateAtMs };
}

describe('startLoginDeadline()', () => {
  it('stands still while it is paused', () => {
    const { clock, deadline, lateAtMs } = start(100);
    clock.advance(60);
    deadline.pause();
    clock.advance(1000);
    deadline.resume();
    clock.advance(1000);
    expect(lateAtMs).toEqual([1100]);
  });

  it('is extended to at least so long from now on, and never shortened', () => {
    const { clock, deadline, lateAtMs } = start(100);
    clock.advance(60);
    deadline.extend(500);
    deadline.extend(10);
    clock.advance(1000);
    expect(lateAtMs).toEqual([560]);
  });

  it('is late once, whatever stops and starts it then', () => {
    const { clock, deadline, lateAtMs } = start(100);
    clock.advance(200);
    deadline.pause();
    clock.advance(1000);
    deadline.resume();
    deadline.extend(500);
    clock.advance(1000);
    expect(lateAtMs).toEqual([100]);
  });

  it('stays ended', () => {
    const { clock, deadline, lateAtMs } = start(100);
    deadline.end();
    deadline.extend(500);
    deadline.pause();
    deadline.resume();
    clock.advance(1000);
    expect(lateAtMs).toEqual([]);
  });
});
