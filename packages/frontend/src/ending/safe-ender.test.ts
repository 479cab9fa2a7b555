import { FakeClock } from '@homeward/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SpliceEnd } from '../conversation/ports.ts';
import type { InnerTarget } from '../login/ports.ts';
import { createSafeEnder } from './safe-ender.ts';

const TARGET = { protocol: 'imap', host: '192.0.2.1', port: 1993 } as InnerTarget;

/** A splice that notes what is done to it. */
class NotedSplice {
  readonly calls: string[] = [];
  readonly #ended = Promise.withResolvers<SpliceEnd>();
  readonly ended = this.#ended.promise;

  end(farewell: string): void {
    this.calls.push(`end ${farewell}`);
  }

  endWhenQuiet(farewell: string): void {
    this.calls.push(`when quiet ${farewell}`);
  }

  destroy(): void {
    this.calls.push('destroy');
  }

  async finish(): Promise<void> {
    this.#ended.resolve({ cause: 'home', clientOctets: 0, homeOctets: 0 });
    await this.ended;
  }
}

let clock: FakeClock;
let splice: NotedSplice;
beforeEach(() => {
  clock = new FakeClock();
  splice = new NotedSplice();
});

function end(
  reason: 'draining' | 'token-expired' | 'shutting-down',
  isAsked: boolean,
): Promise<void> {
  const control = { askToEnd: () => Promise.resolve(isAsked) };
  const ender = createSafeEnder({ control, clock, graceMs: () => 30_000 });
  ender.end({ conversationId: 'c1', target: TARGET, splice, farewell: 'BYE' }, reason);
  return clock.advanceAsync(0);
}

describe('createSafeEnder()', () => {
  it('leaves the end to a home that was asked, and has no timer behind it', async () => {
    await end('draining', true);
    expect(splice.calls).toEqual([]);
    await splice.finish();
    await clock.advanceAsync(60_000);
    expect(splice.calls).toEqual([]);
    expect(clock.timerCount).toBe(0);
  });

  it('waits until nothing is under way where no home can be asked', async () => {
    await end('draining', false);
    expect(splice.calls).toEqual(['when quiet BYE']);
  });

  it.each([
    ['draining', 30_000],
    ['token-expired', 1_000],
    ['shutting-down', 8_000],
  ] as const)('cuts a command that takes too long: %s after %i ms', async (reason, limitMs) => {
    await end(reason, true);
    await clock.advanceAsync(limitMs - 1);
    expect(splice.calls).toEqual([]);
    await clock.advanceAsync(1);
    expect(splice.calls).toEqual(['end BYE']);
  });

  it('waits no longer than half a second for a client that may see no more and does not read', async () => {
    await end('token-expired', true);
    await clock.advanceAsync(1_499);
    expect(splice.calls).toEqual(['end BYE']);
    await clock.advanceAsync(1);
    expect(splice.calls).toEqual(['end BYE', 'destroy']);
  });

  it('leaves all others the time to take what is on its way', async () => {
    await end('shutting-down', true);
    await clock.advanceAsync(60_000);
    expect(splice.calls).toEqual(['end BYE']);
  });

  it('destroys nothing that is over', async () => {
    await end('token-expired', true);
    await clock.advanceAsync(1_200);
    await splice.finish();
    await clock.advanceAsync(60_000);
    expect(splice.calls).toEqual(['end BYE']);
    expect(clock.timerCount).toBe(0);
  });
});
