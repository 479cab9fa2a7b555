import { FakeClock } from '@homeward/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { TokenExpiry } from './token-expiry.ts';

interface Session {
  readonly name: string;
  readonly expiresAtMs: number;
}

let clock: FakeClock;
let live: Session[];
let ended: string[];
let expiry: TokenExpiry<Session>;
let begin: (session: Session) => void;

beforeEach(() => {
  clock = new FakeClock();
  [live, ended] = [[], []];
  expiry = new TokenExpiry({
    clock,
    expiryOf: ({ expiresAtMs }) => expiresAtMs,
    end: ({ name }) => ended.push(name),
    sessions: {
      find: () => live,
      onSession(listener) {
        begin = listener;
        return () => {
          begin = () => undefined;
        };
      },
    },
  });
});

/** @param inMs When its token runs out; undefined: it has none. */
function log(name: string, inMs: number | undefined): void {
  const session = { name, expiresAtMs: inMs === undefined ? Infinity : clock.nowMs() + inMs };
  live.push(session);
  begin(session);
}

describe('TokenExpiry', () => {
  it('ends each session when its token runs out, and not before', () => {
    log('late', 20_000);
    log('soon', 10_000);
    log('never', undefined);
    clock.advance(9_999);
    expect(ended).toEqual([]);
    clock.advance(1);
    expect(ended).toEqual(['soon']);
    live = live.filter((one) => one !== live[1]);
    clock.advance(10_000);
    expect(ended).toEqual(['soon', 'late']);
  });

  it('ends within a second what has run out already', () => {
    log('past', -5);
    clock.advance(1_000);
    expect(ended).toEqual(['past']);
  });

  it('waits for a token of years without a timer that is too long for one', () => {
    log('years', 10 * 365 * 86_400_000);
    clock.advance(120_000);
    expect(ended).toEqual([]);
  });

  it('keeps no timer without tokens, nor once it is closed', () => {
    log('never', undefined);
    expect(clock.timerCount).toBe(0);
    log('soon', 10_000);
    expect(clock.timerCount).toBe(1);
    expiry.close();
    expect(clock.timerCount).toBe(0);
    log('later', 5_000);
    expect(clock.timerCount).toBe(0);
  });
});
