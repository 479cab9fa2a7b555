import { FakeClock } from '@homeward/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { BoundedEnd } from './bounded-end.ts';

describe('the end of a session without a front end', () => {
  let told: string[];
  let clock: FakeClock;
  let end: BoundedEnd;

  beforeEach(() => {
    told = [];
    clock = new FakeClock();
    end = new BoundedEnd({
      ask: (reason) => told.push(`ask ${reason}`),
      cut: (reason) => told.push(`cut ${reason}`),
      after: (delayMs, run) => clock.after(delayMs, run),
    });
  });

  it('leaves a command its time where the client may go on', () => {
    end.request('kicked');
    clock.advance(29_999);
    expect(told).toEqual(['ask kicked']);
    clock.advance(1);
    expect(told).toEqual(['ask kicked', 'cut kicked']);
    expect(end.cutReason).toBe('kicked');
  });

  it('comes after a second where he may see no more, whatever it was asked for before', () => {
    end.request('kicked');
    clock.advance(10_000);
    end.request('token-expired');
    clock.advance(500);
    end.request('account-disabled');
    clock.advance(499);
    expect(told).toEqual(['ask kicked', 'ask token-expired']);
    clock.advance(1);
    expect(told).toEqual(['ask kicked', 'ask token-expired', 'cut token-expired']);
    clock.advance(60_000);
    expect(told).toHaveLength(3);
    expect(end.cutReason).toBe('token-expired');
  });

  it('is not put off by a reason that could wait longer', () => {
    end.request('credentials-changed');
    end.request('draining');
    clock.advance(1_000);
    expect(told).toEqual(['ask credentials-changed', 'cut credentials-changed']);
  });

  it('cuts nobody who has gone by himself', () => {
    end.request('account-disabled');
    end.cancel();
    clock.advance(60_000);
    expect(told).toEqual(['ask account-disabled']);
    expect(end.cutReason).toBeUndefined();
  });
});
