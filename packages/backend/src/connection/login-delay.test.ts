import { describe, expect, it } from 'vitest';
import { LoginDelay } from './login-delay.ts';

describe('LoginDelay (RFC 2449 §6.5)', () => {
  let nowMs = 0;
  const start = (): LoginDelay => new LoginDelay(() => nowMs);

  it('lets the next login in when the delay is over, for each mailbox by itself', () => {
    const delay = start();
    nowMs = 1_000;
    expect(delay.allows('anna', 5_000)).toBe(true);
    delay.note('anna', 5_000);
    nowMs = 5_999;
    expect(delay.allows('anna', 5_000)).toBe(false);
    expect(delay.allows('berta', 5_000)).toBe(true);
    nowMs = 6_000;
    expect(delay.allows('anna', 5_000)).toBe(true);
  });

  it('counts from the last login that was let through', () => {
    const delay = start();
    nowMs = 0;
    delay.note('anna', 100);
    nowMs = 100;
    delay.note('anna', 100);
    nowMs = 150;
    expect(delay.allows('anna', 100)).toBe(false);
  });

  it('obeys a delay that was changed meanwhile', () => {
    const delay = start();
    nowMs = 0;
    delay.note('anna', 1_000);
    nowMs = 10;
    expect(delay.allows('anna', 10)).toBe(true);
    expect(delay.allows('anna', 0)).toBe(true);
  });

  it('forgets what no longer matters', () => {
    const delay = start();
    for (nowMs = 0; nowMs < 1_000; nowMs += 1) delay.note(`account-${nowMs}`, 100);
    expect(delay.size).toBe(100);
    delay.note('account-999', 100);
    expect(delay.size).toBe(99);
    delay.note('somebody', 0);
    expect(delay.size).toBe(0);
  });
});
