import { expect, test } from 'vitest';
import { findPolicyRefusal } from './login-policy.ts';
import type { AccountKind, Protocol } from './ports.ts';

const everything = { imap: true, pop3: true, submission: true };

test.each<[AccountKind, string | undefined]>([
  ['user', undefined],
  ['shared', undefined],
  ['guest', 'blocked-kind'],
  ['anonymous', 'blocked-kind'],
  ['administrator', 'blocked-kind'],
])('findPolicyRefusal() of a %s is %s, over every protocol', (kind, refusal) => {
  for (const protocol of ['imap', 'pop3', 'submission'] satisfies Protocol[]) {
    const account = { kind, isEnabled: true, protocols: everything };
    expect(findPolicyRefusal(account, protocol)).toBe(refusal);
  }
});

test('findPolicyRefusal() heeds the switches of account and protocol', () => {
  const account = {
    kind: 'user',
    isEnabled: true,
    protocols: { ...everything, pop3: false },
  } as const;
  expect(findPolicyRefusal(account, 'pop3')).toBe('protocol-disabled');
  expect(findPolicyRefusal(account, 'imap')).toBeUndefined();
  expect(findPolicyRefusal({ ...account, isEnabled: false }, 'imap')).toBe('account-disabled');
});
