import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import {
  type ProcessSupervisor,
  type ReadyWorker,
  startSupervisor,
  type SupervisorOptions,
} from './process-supervisor.ts';

const modulePath = fileURLToPath(new URL('fixtures/worker.ts', import.meta.url));
const running: ProcessSupervisor[] = [];
afterEach(async () => {
  for (const supervisor of running.splice(0)) {
    for (const pid of supervisor.pids) if (pid !== undefined) process.kill(pid, 'SIGKILL');
    await supervisor.stop('now');
  }
});

interface Event {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

function supervise(
  behaviour: (index: number) => string,
  options: Partial<SupervisorOptions> = {},
): { readonly supervisor: ProcessSupervisor; readonly events: Event[] } {
  const events: Event[] = [];
  const supervisor = startSupervisor({
    modulePath,
    workerCount: 1,
    args: (index) => [behaviour(index)],
    clock: systemClock,
    log: { log: (name, fields) => events.push({ name, fields: { ...fields } }) },
    ...options,
  });
  running.push(supervisor);
  return { supervisor, events };
}

describe('ProcessSupervisor', () => {
  test('starts workers that never free a wrapper of WebAssembly and have room for garbage', async () => {
    const { supervisor } = supervise(() => 'worker', { execArgv: ['--no-warnings'] });
    const ready = await supervisor.whenReady();
    expect(ready?.map(({ facts }) => (facts as { flags: string[] }).flags)).toEqual([
      ['--wasm-wrapper-tiering-budget=2000000000', '--heap-growing-percent=100', '--no-warnings'],
    ]);
  });

  test('starts all workers and tells what they say of themselves', async () => {
    const { supervisor } = supervise((index) => `worker ${index}`, { workerCount: 2 });
    const ready = await supervisor.whenReady();
    expect(ready?.map(({ facts }) => (facts as { greeting: string }).greeting)).toEqual([
      'worker 0',
      'worker 1',
    ]);
    expect(ready?.map(({ pid }) => pid)).toEqual(supervisor.pids);
    expect(await supervisor.stop()).toEqual([
      { index: 0, exitCode: 0, signal: null },
      { index: 1, exitCode: 0, signal: null },
    ]);
    expect(supervisor.pids).toEqual([undefined, undefined]);
  });

  test('starts a killed worker again within a second', async () => {
    const restarted = Promise.withResolvers<ReadyWorker>();
    const { supervisor, events } = supervise(() => 'x', {
      onWorkerReady: (worker) => {
        if (supervisor.restartCount > 0) restarted.resolve(worker);
      },
    });
    const [first] = (await supervisor.whenReady()) ?? [];
    process.kill(first?.pid ?? 0, 'SIGKILL');
    expect((await restarted.promise).pid).not.toBe(first?.pid);
    const exited = events.find(({ name }) => name === 'worker.exited');
    expect(exited?.fields).toMatchObject({ signal: 'SIGKILL', restartInMs: 100 });
    expect(await supervisor.stop()).toMatchObject([{ exitCode: 0 }]);
  });

  test('starts a worker that is killed again and again within a second each time', async () => {
    const killed = Promise.withResolvers<void>();
    const { supervisor, events } = supervise(() => 'x', {
      onWorkerReady: ({ pid }) => {
        if (supervisor.restartCount >= 6) killed.resolve();
        else process.kill(pid, 'SIGKILL');
      },
    });
    await killed.promise;
    const delays = events
      .filter(({ name }) => name === 'worker.exited')
      .map(({ fields }) => fields['restartInMs']);
    expect(delays).toEqual([100, 200, 400, 800, 900, 900]);
    expect(await supervisor.stop()).toMatchObject([{ exitCode: 0 }]);
  });

  test('starts a worker that keeps crashing slower and slower, until it is stopped', async () => {
    const { supervisor, events } = supervise(() => 'exit-at-once');
    while (events.length < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(events.map(({ fields }) => [fields['exitCode'], fields['restartInMs']])).toEqual([
      [7, 100],
      [7, 200],
      [7, 400],
    ]);
    const ready = supervisor.whenReady();
    expect(await supervisor.stop()).toEqual([{ index: 0, exitCode: null, signal: null }]);
    expect(await ready).toBeUndefined();
  });

  test('kills a worker that does not stop within the limit', async () => {
    const { supervisor, events } = supervise(() => 'never-stops', { stopLimitMs: 50 });
    await supervisor.whenReady();
    expect(await supervisor.stop()).toEqual([{ index: 0, exitCode: null, signal: 'SIGKILL' }]);
    expect(events.map(({ name }) => name)).toContain('worker.killed');
  });

  test('kills a worker that does not become ready within the limit, and tries again', async () => {
    const { supervisor, events } = supervise(() => 'never-ready', { readyLimitMs: 200 });
    while (supervisor.restartCount === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(events.map(({ name }) => name)).toEqual(['worker.killed', 'worker.exited']);
  });
});

describe('ProcessSupervisor and a frozen worker', () => {
  function named(events: readonly Event[], name: string): readonly Event['fields'][] {
    return events.filter((event) => event.name === name).map(({ fields }) => fields);
  }

  test('kills it and starts it again, and leaves the others alone', async () => {
    const { supervisor, events } = supervise(() => 'x', { workerCount: 2, silenceLimitMs: 1_000 });
    const [frozen, well] = (await supervisor.whenReady()) ?? [];
    process.kill(frozen?.pid ?? 0, 'SIGSTOP');
    await expect.poll(() => named(events, 'worker.started'), { timeout: 20_000 }).toHaveLength(3);
    expect(named(events, 'worker.killed')).toEqual([
      { worker: 0, pid: frozen?.pid, reason: 'frozen', silentMs: expect.any(Number) as number },
    ]);
    expect(supervisor.killCounts.map((counts) => counts.frozen)).toEqual([1, 0]);
    expect(supervisor.pids[0]).not.toBe(frozen?.pid);
    expect(supervisor.pids[1]).toBe(well?.pid);
    expect(await supervisor.askAll('echo', 1, 5_000)).toMatchObject([{ ok: true }, { ok: true }]);
  });

  test('kills one whose event loop never turns again', async () => {
    const { supervisor, events } = supervise(() => 'x', { silenceLimitMs: 1_000 });
    await supervisor.whenReady();
    void supervisor.askAll('spin', null, 1);
    await expect.poll(() => named(events, 'worker.started'), { timeout: 20_000 }).toHaveLength(2);
    expect(named(events, 'worker.killed')).toMatchObject([{ reason: 'frozen' }]);
  });

  test('does not wait for the answers of one that is silent', async () => {
    const { supervisor } = supervise(() => 'x');
    const [worker] = (await supervisor.whenReady()) ?? [];
    process.kill(worker?.pid ?? 0, 'SIGSTOP');
    const tookMs = async (): Promise<number> => {
      const startedMs = performance.now();
      const answers = await supervisor.askAll('echo', 1, 5_000);
      expect(answers).toEqual([{ index: 0, ok: false, reason: 'no-answer' }]);
      return performance.now() - startedMs;
    };
    await expect.poll(tookMs, { timeout: 20_000 }).toBeLessThan(2_500);
    process.kill(worker?.pid ?? 0, 'SIGCONT');
    const answers = (): Promise<unknown> => supervisor.askAll('echo', 1, 5_000);
    await expect.poll(answers, { timeout: 10_000 }).toMatchObject([{ ok: true }]);
  });
});

describe('ProcessSupervisor askAll()', () => {
  test('brings every worker’s answer', async () => {
    const { supervisor } = supervise(() => 'x', { workerCount: 2 });
    await supervisor.whenReady();
    const value = { nested: [1, 'two', null] };
    expect(await supervisor.askAll('echo', value, 5_000)).toEqual([
      { index: 0, ok: true, value },
      { index: 1, ok: true, value },
    ]);
    expect(supervisor.readiness).toEqual([true, true]);
  });

  test('says why there is none', async () => {
    const { supervisor } = supervise(() => 'x');
    const none = (reason: string): unknown => [{ index: 0, ok: false, reason }];
    expect(await supervisor.askAll('echo', 1, 5_000)).toEqual(none('not-running'));
    await supervisor.whenReady();
    expect(await supervisor.askAll('unknown', 1, 5_000)).toEqual(none('failed'));
    expect(await supervisor.askAll('break', 1, 5_000)).toEqual(none('failed'));
    expect(await supervisor.askAll('hang', 1, 20)).toEqual(none('no-answer'));
    expect(await supervisor.askAll('die', 1, 5_000)).toEqual(none('not-running'));
    expect(supervisor.readiness).toEqual([false]);
    await supervisor.stop();
    expect(await supervisor.askAll('echo', 1, 5_000)).toEqual(none('not-running'));
  });

  test('asks a worker that was started again, and counts how often', async () => {
    const restarted = Promise.withResolvers<void>();
    const { supervisor } = supervise(() => 'x', {
      onWorkerReady: () => {
        if (supervisor.restartCount > 0) restarted.resolve();
      },
    });
    await supervisor.whenReady();
    await supervisor.askAll('die', 1, 5_000);
    await restarted.promise;
    expect(await supervisor.askAll('echo', 1, 5_000)).toMatchObject([{ ok: true }]);
    expect(supervisor.restartCounts).toEqual([1]);
  });
});

describe('a real process under runService()', () => {
  async function runProcess(
    behaviour: string,
    whenUp?: (kill: (signal: NodeJS.Signals) => void) => void,
  ): Promise<{ readonly exitCode: number | null; readonly output: string }> {
    const child = spawn(process.execPath, [modulePath, behaviour], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    let isUp = false;
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      output += text;
      if (isUp || !output.includes('service.started')) return;
      isUp = true;
      whenUp?.((signal) => child.kill(signal));
    });
    const exitCode = await new Promise<number | null>((resolve) => {
      child.on('close', resolve);
    });
    return { exitCode, output };
  }

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'ends clean on %s, its log complete',
    async (signal) => {
      const { exitCode, output } = await runProcess('log', (kill) => kill(signal));
      expect(exitCode).toBe(0);
      const events = output
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { event: string }).event);
      expect(events).toEqual(['service.started', 'service.stopping', 'service.stopped']);
    },
  );

  test.each(['throw-later', 'reject-later'])('ends with 1 on %s', async (behaviour) => {
    expect((await runProcess(behaviour)).exitCode).toBe(1);
  });
});
