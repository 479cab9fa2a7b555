import type { DirectoryView } from '@homeward/directory';
import { describe, expect, it, vi } from 'vitest';
import { accountRecord } from '../testing/scripted-ports.ts';
import { createAccountLookup } from './account-lookup.ts';

const lookUpLogin = vi.fn<DirectoryView['lookUpLogin']>(async () => ({ kind: 'unknown' }));
const lookup = createAccountLookup({
  lookUpLogin,
  getSite: async () => ({ kind: 'unavailable' }),
});

describe('createAccountLookup()', () => {
  it.each([
    ['Anna@Example.net', 'anna@example.net'],
    ['ANNA', 'anna'],
    ['CORP/Anna', 'corp\\anna'],
  ])('asks for %s by its normal form', async (typed, normal) => {
    lookUpLogin.mockClear();
    await lookup.findAccount(typed);
    expect(lookUpLogin.mock.calls).toEqual([[normal]]);
  });

  it.each(['', 'a\0b', 'a'.repeat(2000), 'corp/anna/shared', 'anna@example.net/shared'])(
    'asks nobody for what is no name: %j',
    async (typed) => {
      lookUpLogin.mockClear();
      expect(await lookup.findAccount(typed)).toEqual({ kind: 'unknown' });
      expect(lookUpLogin).not.toHaveBeenCalled();
    },
  );

  it('knows an account by any of its names, in any case', () => {
    const account = accountRecord();
    expect(lookup.isNameOf(account, 'Anna')).toBe(true);
    expect(lookup.isNameOf(account, 'berta')).toBe(false);
    expect(lookup.isNameOf(account, '\0')).toBe(false);
  });
});
