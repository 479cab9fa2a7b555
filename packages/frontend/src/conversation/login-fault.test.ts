import { describe, expect, it } from 'vitest';
import { LOGIN_FAULT_REASONS, treatLoginFault } from './login-fault.ts';

describe('treatLoginFault()', () => {
  const PERSONS_DOING = [
    ['unknown-user', 'bad-credentials'],
    ['no-secret', 'bad-credentials'],
    ['wrong-password', 'bad-credentials'],
    ['blocked-kind', 'bad-credentials'],
    ['act-as-not-allowed', 'bad-credentials'],
    ['mechanism-not-accepted', 'bad-credentials'],
    ['account-disabled', 'not-enabled'],
    ['protocol-not-enabled', 'not-enabled'],
    ['too-many-sessions', 'limit'],
    ['home-limit', 'limit'],
    ['mailbox-in-use', 'in-use'],
  ] as const;

  it.each(PERSONS_DOING)('answers %s with %s', (reason, refusal) => {
    expect(treatLoginFault({ ok: false, reason })).toMatchObject({
      refusal,
      event: 'login.rejected',
      metricLabel: reason,
    });
  });

  const others = LOGIN_FAULT_REASONS.filter(
    (reason) => !PERSONS_DOING.some(([personal]) => personal === reason),
  );
  it.each(others)('answers %s with unavailable, never with a word about the password', (reason) => {
    expect(treatLoginFault({ ok: false, reason })).toMatchObject({
      refusal: 'unavailable',
      event: 'login.failed',
    });
  });

  it('keeps its words equal for all bad credentials, whatever a step says', () => {
    const fault = { ok: false, reason: 'unknown-user', clientDetail: 'no such user' } as const;
    expect(treatLoginFault(fault).detail).toBeUndefined();
  });
});
