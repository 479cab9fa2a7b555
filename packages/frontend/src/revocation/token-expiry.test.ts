import { FakeClock } from '@homeward/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LiveConversation } from '../conversation/live-session.ts';
import { TokenExpiry } from './token-expiry.ts';

let clock: FakeClock;
let live: LiveConversation[];
let ended: string[];
let expiry: TokenExpiry;
let begin: (conversation: LiveConversation) => void;

beforeEach(() => {
  clock = new FakeClock();
  [live, ended] = [[], []];
  expiry = new TokenExpiry({
    clock,
    conversations: {
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
  const secret =
    inMs === undefined
      ? { kind: 'password' as const, setAtMs: 1 }
      : { kind: 'token' as const, expiresAtMs: clock.nowMs() + inMs };
  const conversation = {
    session: { secret },
    end: (reason: string) => ended.push(`${name} ${reason}`),
  } as unknown as LiveConversation;
  live.push(conversation);
  begin(conversation);
}

describe('TokenExpiry', () => {
  it('ends each session when its token runs out, and not before', () => {
    log('late', 20_000);
    log('soon', 10_000);
    log('never', undefined);
    clock.advance(9_999);
    expect(ended).toEqual([]);
    clock.advance(1);
    expect(ended).toEqual(['soon token-expired']);
    live = live.filter((one) => one !== live[1]);
    clock.advance(10_000);
    expect(ended).toEqual(['soon token-expired', 'late token-expired']);
  });

  it('ends within a second what has run out already', () => {
    log('past', -5);
    clock.advance(1_000);
    expect(ended).toEqual(['past token-expired']);
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
