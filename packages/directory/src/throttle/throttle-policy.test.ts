import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countAbout,
  countAccounts,
  intervalMs,
  paceOf,
  type ThrottleFacts,
  type ThrottlePolicy,
} from './throttle-policy.ts';

const POLICY: ThrottlePolicy = {
  addressFailures: 10,
  accountFailures: 5,
  maxHoldMs: 10_000,
  maxIntervalMs: 60_000,
};
const NOTHING: ThrottleFacts = {
  isKnown: false,
  knownFailureCount: 0,
  addressFailureCount: 0,
  hereFailureCount: 0,
  accountFailureCount: 0,
  userCount: 0,
};
const facts = fc.record({
  isKnown: fc.boolean(),
  knownFailureCount: fc.nat(200),
  addressFailureCount: fc.nat(200),
  hereFailureCount: fc.nat(200),
  accountFailureCount: fc.nat(200),
  userCount: fc.nat(200),
});

describe('intervalMs()', () => {
  it.each([
    [-5, 0],
    [0, 0],
    [1, 1_000],
    [2, 2_000],
    [6, 32_000],
    [7, 60_000],
    [100_000, 60_000],
  ])('of %d too many is %d ms', (excess, expected) => {
    expect(intervalMs(excess, 60_000)).toBe(expected);
  });
});

describe('paceOf()', () => {
  const PACES: readonly [string, Partial<ThrottleFacts>, object][] = [
    ['nothing', {}, { cause: undefined, turns: [], holdMs: 0 }],
    ['as many as are free', { addressFailureCount: 10, accountFailureCount: 5 }, { turns: [] }],
    [
      'one network too many',
      { addressFailureCount: 11 },
      { cause: 'address', failureCount: 11, turns: [{ lane: 'address', intervalMs: 1_000 }] },
    ],
    [
      'as many users behind the address',
      { addressFailureCount: 11, userCount: 1 },
      { cause: undefined, turns: [] },
    ],
    [
      'an account under attack, from a network that is clean',
      { accountFailureCount: 100 },
      { cause: 'account', turns: [], holdMs: 10_000 },
    ],
    [
      'the same, from a network that slipped twice',
      { accountFailureCount: 100, addressFailureCount: 2, hereFailureCount: 2 },
      { turns: [], holdMs: 10_000 },
    ],
    [
      'the same, from a network that guesses there',
      { accountFailureCount: 100, addressFailureCount: 3, hereFailureCount: 3 },
      { cause: 'account', turns: [{ lane: 'account', intervalMs: 60_000 }], holdMs: 0 },
    ],
    [
      'a known network while strangers guess',
      { isKnown: true, accountFailureCount: 128, addressFailureCount: 128, hereFailureCount: 9 },
      { cause: undefined, turns: [], holdMs: 0 },
    ],
    [
      'a known network with guesses of its own',
      { isKnown: true, knownFailureCount: 128 },
      { cause: 'known', turns: [], holdMs: 2_000 },
    ],
  ];
  it.each(PACES)('after %s', (_what, some, expected) => {
    expect(paceOf({ ...NOTHING, ...some }, POLICY)).toMatchObject(expected);
  });

  it('never holds longer than it may, and has a cause if and only if it slows down', () => {
    fc.assert(
      fc.property(facts, (some) => {
        const { cause, turns, holdMs } = paceOf(some, POLICY);
        expect(holdMs).toBeLessThanOrEqual(POLICY.maxHoldMs);
        for (const turn of turns) expect(turn.intervalMs).toBeLessThanOrEqual(POLICY.maxIntervalMs);
        expect(cause !== undefined).toBe(turns.length > 0 || holdMs > 0);
      }),
    );
  });

  it('of a known network does not depend on what others do', () => {
    fc.assert(
      fc.property(facts, facts, (mine, theirs) => {
        const { knownFailureCount } = mine;
        const elsewhere = { ...theirs, isKnown: true, knownFailureCount };
        expect(paceOf(elsewhere, POLICY)).toEqual(paceOf({ ...mine, isKnown: true }, POLICY));
      }),
    );
  });

  it('never quickens by more failures', () => {
    const slowness = (some: ThrottleFacts): number => {
      const { turns, holdMs } = paceOf(some, POLICY);
      return Math.max(holdMs, ...turns.map((turn) => turn.intervalMs));
    };
    fc.assert(
      fc.property(facts, fc.nat(50), (some, more) => {
        const worse = { ...some, addressFailureCount: some.addressFailureCount + more };
        expect(slowness(worse)).toBeGreaterThanOrEqual(slowness(some));
      }),
    );
  });
});

it('countAbout() and countAccounts() read who was meant', () => {
  const members = ['anna.abc', 'anna.abd', 'bert.abc'].map((name) => ({ name, leftMs: 1 }));
  expect(countAbout(members, 'anna')).toBe(2);
  expect(countAbout(members, 'ann')).toBe(0);
  expect(countAccounts(members)).toBe(2);
});
