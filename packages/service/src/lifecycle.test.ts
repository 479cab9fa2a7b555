import { describe, expect, test } from 'vitest';
import { FakeClock } from '@homeward/testkit';
import {
  EXIT_CODES,
  type ExitCode,
  type Lifecycle,
  runService,
  type StopMode,
} from './lifecycle.ts';
import type { ProcessListeners } from './process-events.ts';

interface Setting {
  readonly clock: FakeClock;
  readonly process: ProcessListeners;
  readonly exit: Promise<ExitCode>;
  readonly events: string[];
  readonly lifecycle: Lifecycle;
}

async function run(
  start: (lifecycle: Lifecycle, did: string[]) => Promise<void>,
  did: string[],
): Promise<Setting> {
  const clock = new FakeClock();
  const events: string[] = [];
  const process = Promise.withResolvers<ProcessListeners>();
  const begun = Promise.withResolvers<Lifecycle>();
  const exit = runService({
    clock,
    log: { log: (name) => events.push(name), flush: () => events.push('flush') },
    events: (listeners) => {
      process.resolve(listeners);
      return () => events.push('released');
    },
    onReady: () => did.push('ready'),
    start: async (lifecycle) => {
      begun.resolve(lifecycle);
      await start(lifecycle, did);
    },
  });
  const setting = {
    clock,
    exit,
    events,
    process: await process.promise,
    lifecycle: await begun.promise,
  };
  await clock.advanceAsync(0);
  return setting;
}

function part(name: string, did: string[]): { value: string; stop: (mode: StopMode) => void } {
  did.push(`start ${name}`);
  return { value: name, stop: (mode) => void did.push(`${mode} ${name}`) };
}

describe('runService()', () => {
  test('starts in order, stops in reverse order on a signal, exits clean', async () => {
    const did: string[] = [];
    const { process, exit, events } = await run(async (lifecycle) => {
      expect(await lifecycle.start('a', () => part('a', did))).toBe('a');
      await lifecycle.start('b', async () => part('b', did));
    }, did);
    expect(did).toEqual(['start a', 'start b', 'ready']);
    process.onSignal('SIGTERM');
    expect(await exit).toBe(EXIT_CODES.clean);
    expect(did.slice(3)).toEqual(['drain b', 'drain a']);
    expect(events).toEqual([
      'service.started',
      'service.stopping',
      'service.stopped',
      'released',
      'flush',
    ]);
  });

  test('stops what was started when a part fails to start', async () => {
    const did: string[] = [];
    const { exit, events } = await run(async (lifecycle) => {
      await lifecycle.start('a', () => part('a', did));
      await lifecycle.start('b', () => {
        throw new Error('no');
      });
    }, did);
    expect(await exit).toBe(EXIT_CODES.startFailed);
    expect(did).toEqual(['start a', 'drain a']);
    expect(events).toContain('service.start-failed');
  });

  test('takes two signals of one key press for one, a later one as an order to hurry', async () => {
    const did: string[] = [];
    const { clock, process, exit } = await run(async (lifecycle) => {
      await lifecycle.start('slow', () => ({
        value: undefined,
        stop: (mode) => {
          did.push(mode);
          return mode === 'drain' ? new Promise<void>(() => {}) : undefined;
        },
      }));
    }, did);
    process.onSignal('SIGINT');
    process.onSignal('SIGINT');
    await clock.advanceAsync(1_000);
    expect(did).toEqual(['ready', 'drain']);
    process.onSignal('SIGINT');
    expect(await exit).toBe(EXIT_CODES.stopForced);
    expect(did).toEqual(['ready', 'drain', 'now']);
  });

  test('takes a supervisor’s order and the signal that it passes on for one', async () => {
    const did: string[] = [];
    const { clock, process, lifecycle, exit } = await run(async (starting) => {
      await starting.start('slow', () => ({
        value: undefined,
        stop: (mode) => {
          did.push(mode);
          return mode === 'drain' ? new Promise<void>(() => {}) : undefined;
        },
      }));
    }, did);
    lifecycle.requestStop('supervisor');
    process.onSignal('SIGTERM');
    await clock.advanceAsync(1_000);
    expect(did).toEqual(['ready', 'drain']);
    process.onSignal('SIGTERM');
    expect(await exit).toBe(EXIT_CODES.stopForced);
    expect(did).toEqual(['ready', 'drain', 'now']);
  });

  test('cuts a part that does not drain within its limit, and goes on', async () => {
    const did: string[] = [];
    const { clock, process, exit, events } = await run(async (lifecycle) => {
      await lifecycle.start('a', () => part('a', did));
      await lifecycle.start('stuck', () => ({
        value: undefined,
        stop: () => new Promise<void>(() => {}),
        stopLimitMs: 3_000,
      }));
    }, did);
    process.onSignal('SIGTERM');
    await clock.advanceAsync(3_000);
    await clock.advanceAsync(2_000);
    expect(await exit).toBe(EXIT_CODES.stopForced);
    expect(did.at(-1)).toBe('drain a');
    expect(events.filter((event) => event === 'service.part-stop-failed')).toHaveLength(2);
  });

  test('goes on when a part’s stop throws', async () => {
    const did: string[] = [];
    const { process, exit } = await run(async (lifecycle) => {
      await lifecycle.start('a', () => part('a', did));
      await lifecycle.start('bad', () => ({
        value: undefined,
        stop: () => {
          throw new Error('no');
        },
      }));
    }, did);
    process.onSignal('SIGTERM');
    expect(await exit).toBe(EXIT_CODES.crashed);
    expect(did.at(-1)).toBe('drain a');
  });

  test('bounds the whole stop', async () => {
    const did: string[] = [];
    const { clock, process, exit } = await run(async (lifecycle) => {
      for (const name of ['a', 'b', 'c', 'd']) {
        await lifecycle.start(name, () => ({
          value: name,
          stop: (mode) => {
            did.push(`${mode} ${name}`);
            return mode === 'drain' ? new Promise<void>(() => {}) : undefined;
          },
          stopLimitMs: 12_000,
        }));
      }
    }, did);
    process.onSignal('SIGTERM');
    await clock.advanceAsync(30_000);
    expect(await exit).toBe(EXIT_CODES.stopForced);
    expect(did.slice(1)).toEqual([
      'drain d',
      'now d',
      'drain c',
      'now c',
      'drain b',
      'now b',
      'now a',
    ]);
  });

  test('logs an uncaught error and ends the process', async () => {
    const did: string[] = [];
    const { process, exit, events } = await run(async (lifecycle) => {
      await lifecycle.start('a', () => part('a', did));
    }, did);
    process.onCrash('unhandled-rejection', new Error('bug'));
    expect(await exit).toBe(EXIT_CODES.crashed);
    expect(did.at(-1)).toBe('now a');
    expect(events.slice(1, 3)).toEqual(['service.crashed', 'flush']);
  });

  test('stops on request, and tells parts by a signal', async () => {
    const did: string[] = [];
    const { lifecycle, exit } = await run(async () => {}, did);
    expect(lifecycle.stopSignal.aborted).toBe(false);
    lifecycle.requestStop('test');
    expect(lifecycle.stopSignal.aborted).toBe(true);
    expect(await exit).toBe(EXIT_CODES.clean);
  });

  test('does not call itself ready when it was stopped while it started', async () => {
    const did: string[] = [];
    const { process, exit } = await run(async (lifecycle) => {
      await lifecycle.start('a', async () => {
        await new Promise<void>((resolve) => {
          lifecycle.stopSignal.addEventListener('abort', () => resolve());
        });
        return part('a', did);
      });
    }, did);
    process.onSignal('SIGTERM');
    expect(await exit).toBe(EXIT_CODES.clean);
    expect(did).toEqual(['start a', 'drain a']);
  });
});
