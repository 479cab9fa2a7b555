import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { accountIdOfEntry, createAccountIdSource, parseAccountId } from './account-id.ts';

describe('createAccountIdSource()', () => {
  test('writes time and randomness as the ULID specification does', () => {
    const zero = createAccountIdSource(
      () => 1_469_918_176_385,
      (count) => new Uint8Array(count),
    );
    expect(zero()).toBe('01ARYZ6S410000000000000000');
    const full = createAccountIdSource(
      () => 2 ** 48 - 1,
      (count) => new Uint8Array(count).fill(255),
    );
    expect(full()).toBe('7ZZZZZZZZZZZZZZZZZZZZZZZZZ');
  });

  test('makes ids that sort by time and are read back', () => {
    let nowMs = 1_700_000_000_000;
    const next = createAccountIdSource(() => (nowMs += 1), randomBytes);
    const ids = Array.from({ length: 100 }, () => next());
    expect(ids.toSorted()).toEqual(ids);
    for (const id of ids) expect(parseAccountId(id)).toBe(id);
  });
});

describe('parseAccountId()', () => {
  test('takes lower case', () => {
    expect(parseAccountId('01aryz6s410000000000000000')).toBe('01ARYZ6S410000000000000000');
  });

  test.each([
    '',
    '01ARYZ6S41000000000000000',
    '01ARYZ6S4100000000000000000',
    '81ARYZ6S410000000000000000',
    '01ARYZ6S41000000000000000U',
    '01ARYZ6S41000000000000000I',
    '01ARYZ6S4100000000000000/0',
    'ı1ARYZ6S410000000000000000',
  ])('refuses %j', (text) => {
    expect(parseAccountId(text)).toBeUndefined();
  });
});

test('accountIdOfEntry() makes the same id of the same entry, always, and another of another', () => {
  const id = accountIdOfEntry('1b4e28ba-2fa1-11d2-883f-0016d3cca427');
  expect(id).toBe(accountIdOfEntry('1b4e28ba-2fa1-11d2-883f-0016d3cca427'));
  expect(parseAccountId(id)).toBe(id);
  expect(accountIdOfEntry('1b4e28ba-2fa1-11d2-883f-0016d3cca428')).not.toBe(id);
});
