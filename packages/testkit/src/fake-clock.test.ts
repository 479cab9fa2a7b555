import { describe, expect, it } from 'vitest';
import { FakeClock } from './fake-clock.ts';

describe('FakeClock', () => {
  it('runs timers when they are due, in order, and not before', () => {
    const clock = new FakeClock();
    const ran: string[] = [];
    clock.setTimer(20, () => ran.push('b'));
    clock.after(10, () => ran.push('a'));
    clock.startTimer(20, () => ran.push('c'));
    clock.advance(9);
    expect(ran).toEqual([]);
    clock.advance(11);
    expect(ran).toEqual(['a', 'b', 'c']);
    expect(clock.timerCount).toBe(0);
  });

  it('runs a timer that another one starts within the same stretch', () => {
    const clock = new FakeClock(1000);
    const ranAtMs: number[] = [];
    const again = (): void => {
      ranAtMs.push(clock.nowMs());
      clock.after(10, again);
    };
    clock.after(10, again);
    clock.advance(35);
    expect(ranAtMs).toEqual([1010, 1020, 1030]);
    expect(clock.nextTimerMs).toBe(5);
    expect(clock.nowMs()).toBe(1035);
  });

  it('does not run what was cancelled', () => {
    const clock = new FakeClock();
    const ran: string[] = [];
    clock.setTimer(1, () => ran.push('a')).cancel();
    clock.after(1, () => ran.push('b'))();
    clock.advance(5);
    expect(ran).toEqual([]);
    expect(clock.nextTimerMs).toBeUndefined();
  });

  it('keeps the monotonic clock when the wall clock jumps', () => {
    const clock = new FakeClock(5000);
    clock.advance(10);
    clock.jump(-3000);
    expect([clock.nowMs(), clock.monotonicMs(), clock.elapsedMs()]).toEqual([2010, 10, 10]);
  });

  it('advanceAsync() lets promises settle between timers', async () => {
    const clock = new FakeClock();
    const steps: string[] = [];
    const wait = (delayMs: number): Promise<void> =>
      new Promise((resolve) => void clock.after(delayMs, resolve));
    const task = async (): Promise<void> => {
      await wait(10);
      steps.push(`first at ${clock.elapsedMs()}`);
      await wait(10);
      steps.push(`second at ${clock.elapsedMs()}`);
    };
    const done = task();
    await clock.advanceAsync(20);
    expect(steps).toEqual(['first at 10', 'second at 20']);
    await done;
  });
});
