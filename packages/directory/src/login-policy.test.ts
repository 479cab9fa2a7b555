import { expect, test } from 'vitest';
import { findPolicyRefusal, judgeDelegate } from './login-policy.ts';
import type { AccountId, AccountKind, AccountRecord, DelegateRight, Protocol } from './ports.ts';

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

test.each([
  ['present', undefined],
  ['disabled', 'account-disabled'],
  ['absent', 'account-disabled'],
] as const)('findPolicyRefusal() of an account whose LDAP entry is %s is %s', (state, refusal) => {
  const ldap = { entryId: 'e1', loginName: undefined, state };
  const account = { kind: 'user', isEnabled: true, protocols: everything, ldap } as const;
  expect(findPolicyRefusal(account, 'imap')).toBe(refusal);
});

const anna = '01JD0000000000000000000001' as AccountId;
const berta = '01JD0000000000000000000002' as AccountId;
const delegate = { id: anna, kind: 'user', isEnabled: true, protocols: everything } as const;
const rights = (...list: DelegateRight[]): AccountRecord['delegates'] => [
  { accountId: anna, rights: list },
];
const shop = {
  kind: 'shared',
  isEnabled: true,
  protocols: everything,
  delegates: rights('full'),
} as const;

test.each<[string, Partial<AccountRecord>, string]>([
  ['a shared mailbox', {}, 'full'],
  ['a person’s mailbox', { kind: 'user' }, 'full'],
  ['a mailbox for reading', { delegates: rights('read') }, 'read'],
  ['a mailbox with both rights', { delegates: rights('full', 'read') }, 'full'],
])('judgeDelegate() opens %s', (_which, overrides, access) => {
  const mailbox = { ...shop, ...overrides };
  expect(judgeDelegate(delegate, mailbox, 'imap')).toEqual({ ok: true, mailbox, access });
});

test.each<[string, Partial<AccountRecord>, Partial<AccountRecord> | undefined]>([
  ['delegate-blocked-kind', { kind: 'guest' }, {}],
  ['delegate-blocked-kind', { kind: 'anonymous' }, {}],
  ['delegate-blocked-kind', { kind: 'administrator' }, {}],
  ['delegate-account-disabled', { isEnabled: false }, {}],
  ['delegate-protocol-disabled', { protocols: { ...everything, imap: false } }, {}],
  ['delegate-account-disabled', { isEnabled: false }, { isEnabled: false }],
  ['no-such-mailbox', {}, undefined],
  ['not-a-delegate', {}, { delegates: [] }],
  ['not-a-delegate', {}, { delegates: rights('send-as') }],
  ['not-a-delegate', { id: berta }, {}],
  ['not-a-delegate', { id: berta }, { kind: 'administrator' }],
  ['mailbox-blocked-kind', {}, { kind: 'guest' }],
  ['mailbox-blocked-kind', {}, { kind: 'anonymous' }],
  ['mailbox-blocked-kind', {}, { kind: 'administrator' }],
  ['mailbox-account-disabled', {}, { isEnabled: false }],
  ['mailbox-protocol-disabled', {}, { protocols: { ...everything, imap: false } }],
])('judgeDelegate() refuses: %s', (reason, ofDelegate, ofMailbox) => {
  const mailbox = ofMailbox && { ...shop, ...ofMailbox };
  const verdict = judgeDelegate({ ...delegate, ...ofDelegate }, mailbox, 'imap');
  expect(verdict).toEqual({ ok: false, reason });
});

test('judgeDelegate() heeds the switch of the protocol that is asked for, and no other', () => {
  const mailbox = { ...shop, protocols: { ...everything, imap: false } };
  expect(judgeDelegate(delegate, mailbox, 'pop3')).toMatchObject({ ok: true, access: 'full' });
});
