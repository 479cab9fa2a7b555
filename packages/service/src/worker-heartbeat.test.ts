import { FakeClock } from '@homeward/testkit';
import { describe, expect, test } from 'vitest';
import { type Heartbeat, WorkerHeartbeat } from './worker-heartbeat.ts';

/** A worker that answers, or not. */
class ScriptedWorker {
  readonly clock: FakeClock = new FakeClock();
  readonly frozenForMs: number[] = [];
  askCount = 0;
  answer: Heartbeat | 'never' = { isInspected: false };
  /** Of the supervisor's process, while its timers do not run. */
  skippedMs = 0;
  #wake: (() => void) | undefined;
  readonly heartbeat: WorkerHeartbeat = new WorkerHeartbeat({
    clock: {
      after: (delayMs, task) => this.clock.after(delayMs, task),
      elapsedMs: () => this.clock.elapsedMs() + this.skippedMs,
    },
    limitMs: 15_000,
    ask: async () => {
      this.askCount += 1;
      if (this.answer === 'never') await new Promise<void>((resolve) => (this.#wake = resolve));
      this.heartbeat.heard();
      return this.answer === 'never' ? undefined : this.answer;
    },
    onFrozen: (silentMs) => this.frozenForMs.push(silentMs),
  });

  async run(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) await this.clock.advanceAsync(1_000);
  }

  wakeUp(): void {
    this.answer = { isInspected: false };
    this.#wake?.();
  }
}

describe('WorkerHeartbeat', () => {
  test('asks once a second and leaves a worker that answers alone', async () => {
    const worker = new ScriptedWorker();
    await worker.run(100);
    expect(worker.askCount).toBe(100);
    expect(worker.frozenForMs).toEqual([]);
    worker.heartbeat.stop();
    expect(worker.clock.timerCount).toBe(0);
  });

  test('tells once of a worker that is silent for the limit, and asks it only once', async () => {
    const worker = new ScriptedWorker();
    worker.answer = 'never';
    await worker.run(3);
    expect(worker.heartbeat.isSilent).toBe(false);
    await worker.run(1);
    expect(worker.heartbeat.isSilent).toBe(true);
    await worker.run(11);
    expect(worker.frozenForMs).toEqual([]);
    await worker.run(20);
    expect(worker.frozenForMs).toEqual([15_000]);
    expect(worker.askCount).toBe(1);
    expect(worker.clock.timerCount).toBe(0);
  });

  test('forgets a silence that ended before the limit', async () => {
    const worker = new ScriptedWorker();
    for (let time = 0; time < 3; time += 1) {
      worker.answer = 'never';
      await worker.run(15);
      worker.wakeUp();
      await worker.run(2);
    }
    expect(worker.heartbeat.isSilent).toBe(false);
    expect(worker.frozenForMs).toEqual([]);
  });

  test('is not misled by a late answer to something else, behind which the worker froze', async () => {
    const worker = new ScriptedWorker();
    worker.answer = 'never';
    await worker.run(2);
    worker.heartbeat.heard();
    await worker.run(15);
    expect(worker.frozenForMs).toEqual([15_000]);
  });

  test('does not count the time that the whole machine stood still', async () => {
    const worker = new ScriptedWorker();
    worker.answer = 'never';
    await worker.run(10);
    worker.skippedMs += 3_600_000;
    await worker.run(5);
    expect(worker.frozenForMs).toEqual([]);
    worker.wakeUp();
    await worker.run(20);
    expect(worker.frozenForMs).toEqual([]);
  });

  test('counts nothing while its own timers are late', async () => {
    const worker = new ScriptedWorker();
    worker.answer = 'never';
    for (let beat = 0; beat < 60; beat += 1) {
      worker.skippedMs += 1_500;
      await worker.run(1);
    }
    expect(worker.frozenForMs).toEqual([]);
  });

  test('waits for ever for a worker that a debugger is attached to', async () => {
    const worker = new ScriptedWorker();
    worker.answer = { isInspected: true };
    await worker.run(2);
    worker.answer = 'never';
    await worker.run(600);
    expect(worker.frozenForMs).toEqual([]);
    expect(worker.heartbeat.isSilent).toBe(true);
  });
});
