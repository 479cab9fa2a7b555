import { expect, test } from 'vitest';
import { compareDelegates, findDelegateAccess, withDelegate } from './delegates.ts';
import type { AccountId, DelegateRight } from './ports.ts';

const anna = '01JD0000000000000000000001' as AccountId;
const berta = '01JD0000000000000000000002' as AccountId;
const clara = '01JD0000000000000000000003' as AccountId;

test.each<[DelegateRight[], string | undefined]>([
  [['full'], 'full'],
  [['read'], 'read'],
  [['full', 'read'], 'full'],
  [['read', 'send-as'], 'read'],
  [['send-as'], undefined],
])('findDelegateAccess() with %j is %s', (rights, access) => {
  const mailbox = { delegates: [{ accountId: anna, rights }] };
  expect(findDelegateAccess(mailbox, anna)).toBe(access);
  expect(findDelegateAccess(mailbox, berta)).toBeUndefined();
});

test('withDelegate() adds in order, replaces, and removes who has no right left', () => {
  const one = withDelegate([], berta, ['full']);
  const two = withDelegate(one, anna, ['send-as', 'read']);
  expect(two).toEqual([
    { accountId: anna, rights: ['read', 'send-as'] },
    { accountId: berta, rights: ['full'] },
  ]);
  expect(withDelegate(two, anna, ['full'])[0]).toEqual({ accountId: anna, rights: ['full'] });
  expect(withDelegate(two, anna, [])).toEqual(one);
  expect(withDelegate(one, clara, [])).toEqual(one);
});

test('compareDelegates() tells who is lost and who is gained, not who has other rights', () => {
  const before = [
    { accountId: anna, rights: ['full'] as const },
    { accountId: berta, rights: ['full'] as const },
  ];
  const after = [
    { accountId: berta, rights: ['read'] as const },
    { accountId: clara, rights: ['read'] as const },
  ];
  expect(compareDelegates(before, after)).toEqual({ lost: [anna], gained: [clara] });
  expect(compareDelegates(before, before)).toEqual({ lost: [], gained: [] });
});
