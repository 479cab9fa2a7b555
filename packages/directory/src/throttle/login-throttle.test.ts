/** The throttle over stores in memory: two front ends, one shared store that can go away. */
import { FakeClock } from '@homeward/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { DirectoryUnavailableError, type AccountId } from '../ports.ts';
import {
  createLoginThrottle,
  type JudgedAttempt,
  type LoginThrottle,
  type ThrottledAttempt,
  type ThrottleRules,
} from './login-throttle.ts';
import { MemoryThrottleStore } from './memory-throttle-store.ts';
import type { ThrottleStore } from './throttle-store.ts';

const ANNA = '01HANNA0000000000000000000' as AccountId;
const HOME = '198.51.100.7/32';
const RULES: ThrottleRules = {
  addressFailures: 10,
  accountFailures: 5,
  maxHoldMs: 10_000,
  maxIntervalMs: 60_000,
  windowMs: 3_600_000,
  knownMs: 30 * 86_400_000,
};

let clock: FakeClock;
let shared: MemoryThrottleStore;
let isAway: boolean;
let here: LoginThrottle;
let there: LoginThrottle;

beforeEach(() => {
  clock = new FakeClock();
  shared = new MemoryThrottleStore(clock);
  isAway = false;
  here = createLoginThrottle(breakable(shared), clock);
  there = createLoginThrottle(breakable(shared), clock);
});

/** The shared store, through a connection that may be gone. */
function breakable(store: ThrottleStore): ThrottleStore {
  const open = (): ThrottleStore => {
    if (isAway) throw new DirectoryUnavailableError('away');
    return store;
  };
  return {
    read: async (lanes) => open().read(lanes),
    note: async (lane, member, options) => open().note(lane, member, options),
    takeTurn: async (lane, everyMs, maxMs) => open().takeTurn(lane, everyMs, maxMs),
    noteRecent: async (lane, lifeMs) => open().noteRecent(lane, lifeMs),
    listRecent: async () => open().listRecent(),
    clear: async (lanes) => open().clear(lanes),
    markKey: async (fresh, lifeMs) => open().markKey(fresh, lifeMs),
  };
}

function attempt(
  network: string,
  secret: string | undefined,
  about: Partial<ThrottledAttempt> = {},
): ThrottledAttempt {
  return {
    accountId: ANNA,
    loginName: 'anna',
    network,
    secret: secret === undefined ? undefined : Buffer.from(secret),
    ...about,
  };
}

function judge(throttle: LoginThrottle, which: ThrottledAttempt): Promise<JudgedAttempt> {
  return throttle.judge(which, RULES);
}

/** Guesses as fast as it is let. @returns how many guesses were looked at. */
async function guess(
  throttle: LoginThrottle,
  networks: readonly string[],
  secrets: readonly string[],
  about: (secret: string) => Partial<ThrottledAttempt> = () => ({}),
): Promise<number> {
  let count = 0;
  for (const secret of secrets) {
    for (const network of networks) {
      const word = `${secret} ${network}`;
      const judged = await judge(throttle, attempt(network, word, about(secret)));
      if (judged.verdict.kind === 'refuse') continue;
      await judged.noteFailure();
      count += 1;
    }
  }
  return count;
}

const words = (count: number, prefix = 'w'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

describe('a network', () => {
  it('may slip, then waits longer and longer, then is refused', async () => {
    expect(await guess(here, ['192.0.2.1/32'], words(10), (w) => nobody(w))).toBe(10);
    const waits: (number | 'pass')[] = [];
    for (const word of words(12, 'more')) {
      const { verdict, noteFailure } = await judge(
        here,
        attempt('192.0.2.1/32', word, nobody(word)),
      );
      if (verdict.kind === 'hold') clock.advance(verdict.waitMs);
      waits.push(verdict.kind === 'pass' ? 'pass' : Math.ceil(verdict.waitMs / 1_000));
      if (verdict.kind !== 'refuse') await noteFailure();
    }
    // By chance two of the short hashes may be alike; the order is the claim.
    expect(waits.slice(0, 4)).toEqual(['pass', 0, 1, 2]);
    expect(waits.at(-1)).toBeGreaterThan(10);
  });

  it('is known to all front ends', async () => {
    await guess(here, ['192.0.2.1/32'], words(40), nobody);
    await judge(there, attempt('192.0.2.1/32', 'x', nobody('new')));
    const { verdict } = await judge(there, attempt('192.0.2.1/32', 'y', nobody('new')));
    expect(verdict).toMatchObject({ kind: 'refuse', cause: 'address' });
    const other = await judge(there, attempt('192.0.2.2/32', 'x', nobody('new')));
    expect(other.verdict.kind).toBe('pass');
  });

  it('that repeats one wrong secret has slipped once', async () => {
    for (let i = 0; i < 50; i += 1) {
      const judged = await judge(i % 2 === 0 ? here : there, attempt('192.0.2.1/32', 'old'));
      expect(judged.verdict.kind).toBe('pass');
      await judged.noteFailure();
    }
  });

  it('whose secrets cannot be told apart slips each time', async () => {
    for (let i = 0; i < 20; i += 1) {
      await (await judge(here, attempt('192.0.2.1/32', undefined, nobody(`n${i}`)))).noteFailure();
    }
    const { verdict } = await judge(here, attempt('192.0.2.1/32', undefined));
    expect(verdict.kind).not.toBe('pass');
  });

  it('that tries one secret on many accounts is seen', async () => {
    const spread: number[] = [];
    for (const name of words(12, 'person')) {
      const judged = await judge(here, attempt('192.0.2.1/32', 'Spring2026', nobody(name)));
      spread.push((await judged.noteFailure()).accountCount);
    }
    expect(spread).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const { verdict } = await judge(here, attempt('192.0.2.1/32', 'Spring2026', nobody('next')));
    expect(verdict).toMatchObject({ cause: 'address' });
  });

  it('is forgiven when the window is over', async () => {
    await guess(here, ['192.0.2.1/32'], words(60), nobody);
    clock.advance(RULES.windowMs + 60_000);
    const { verdict } = await judge(here, attempt('192.0.2.1/32', 'x', nobody('new')));
    expect(verdict.kind).toBe('pass');
  });
});

describe('an account’s owner, while thousands of guesses run', () => {
  const bots = Array.from({ length: 100 }, (_, index) => `192.0.2.${index}/32`);

  it('gets in at once where he logged in before', async () => {
    await (await judge(here, attempt(HOME, 'right'))).noteSuccess();
    await guess(here, bots, words(30));
    for (const throttle of [here, there]) {
      const { verdict } = await judge(throttle, attempt(HOME, 'right'));
      expect(verdict).toEqual({ kind: 'pass', isKnown: true });
    }
  });

  it('gets in at a new place, after a bounded delay, also if he slips', async () => {
    await guess(here, bots, words(30));
    for (const secret of ['slip', 'right']) {
      const judged = await judge(there, attempt('203.0.113.9/32', secret));
      expect(judged.verdict).toMatchObject({ kind: 'hold', waitMs: 10_000, cause: 'account' });
      if (secret === 'slip') await judged.noteFailure();
      else await judged.noteSuccess();
    }
    const { verdict } = await judge(there, attempt('203.0.113.9/32', 'right'));
    expect(verdict).toEqual({ kind: 'pass', isKnown: true });
  });

  it('is guessed at a few times by each of them, and then hardly ever', async () => {
    const looked = await guess(here, bots, words(30));
    // Three slips for each network, and a turn now and then for all of them together.
    expect(looked).toBeGreaterThanOrEqual(bots.length * 3 - 10);
    expect(looked).toBeLessThan(bots.length * 4);
  });

  it('stays known when the shared store has lost everything', async () => {
    await (await judge(here, attempt(HOME, 'right'))).noteSuccess();
    await shared.clear([`networks:${ANNA}`]);
    const again = await judge(here, attempt(HOME, 'right'));
    expect(again.verdict).toEqual({ kind: 'pass', isKnown: true });
    await again.noteSuccess();
    expect((await judge(there, attempt(HOME, 'right'))).verdict).toMatchObject({ isKnown: true });
  });
});

it('names that nobody has are throttled like accounts', async () => {
  const ghost = (): Partial<ThrottledAttempt> => ({ accountId: undefined, loginName: 'ghost' });
  for (const index of Array.from({ length: 20 }).keys()) {
    await guess(here, [`192.0.2.${index}/32`], [`w${index}`], ghost);
  }
  const { verdict } = await judge(there, attempt('203.0.113.9/32', 'x', ghost()));
  expect(verdict).toMatchObject({ kind: 'hold', cause: 'account' });
});

describe('while the shared store is away', () => {
  it('each front end counts by itself and never falls open', async () => {
    await guess(here, ['192.0.2.1/32'], words(40), nobody);
    isAway = true;
    await judge(here, attempt('192.0.2.1/32', 'x', nobody('new')));
    const { verdict } = await judge(here, attempt('192.0.2.1/32', 'y', nobody('new')));
    expect(verdict).toMatchObject({ kind: 'refuse', cause: 'address' });
    expect(await guess(there, ['192.0.2.1/32'], words(200), nobody)).toBeLessThan(20);
  });

  it('a known network stays known', async () => {
    await (await judge(here, attempt(HOME, 'right'))).noteSuccess();
    isAway = true;
    expect((await judge(here, attempt(HOME, 'right'))).verdict).toMatchObject({ isKnown: true });
  });
});

function nobody(name: string): Partial<ThrottledAttempt> {
  return { accountId: undefined, loginName: name };
}
