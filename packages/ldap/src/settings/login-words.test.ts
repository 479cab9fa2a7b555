import { FilterParser } from 'ldapts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeDnValue, fillDn, fillFilter, splitLogin } from './login-words.ts';

test.each([
  ['anna', 'anna', ''],
  ['anna@example.org', 'anna', 'example.org'],
  ['corp\\anna', 'anna', 'corp'],
])('splitLogin() takes %s apart', (login, user, domain) => {
  expect(splitLogin(login)).toEqual({ login, user, domain });
});

test.each([
  ['*', String.raw`(uid=\2a)`],
  ['a)(uid=*', String.raw`(uid=a\29\28uid=\2a)`],
  ['{domain}', '(uid={domain})'],
  ['zoë', '(uid=zoë)'],
])('fillFilter() leaves %j one value (RFC 4515 §3)', (user, filter) => {
  expect(fillFilter('(uid={user})', { login: user, user, domain: 'x' })).toBe(filter);
});

test('fillFilter() never changes what kind of filter it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (user) => {
      const text = fillFilter('(uid={user})', { login: user, user, domain: '' });
      expect(FilterParser.parseString(text)).toMatchObject({ attribute: 'uid', value: user });
    }),
  );
});

test.each([
  ['anna', 'anna'],
  ['bo,ou=people', String.raw`bo\,ou\=people`],
  [' a#b ', String.raw`\ a#b\ `],
  ['#a', String.raw`\#a`],
  [String.raw`a\+"b";<c>`, String.raw`a\\\+\"b\"\;\<c\>`],
  ['a\0b', String.raw`a\00b`],
])('escapeDnValue() keeps %j one value (RFC 4514 §2.4)', (value, escaped) => {
  expect(escapeDnValue(value)).toBe(escaped);
  expect(fillDn('uid={user},dc=x', { login: value, user: value, domain: '' })).toBe(
    `uid=${escaped},dc=x`,
  );
});
