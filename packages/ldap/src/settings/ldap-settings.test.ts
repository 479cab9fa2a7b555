import { expect, test } from 'vitest';
import { findLdapProblem, ldapSchema, type LdapSettings } from './ldap-settings.ts';

const GOOD = { servers: ['ldaps://dc1.example.org'], base: 'dc=example,dc=org' };
const settings = (changes: object): LdapSettings => ldapSchema.parse({ ...GOOD, ...changes });

test('ldapSchema makes all keys out of nothing, and LDAP is off', () => {
  expect(findLdapProblem(ldapSchema.parse({}))).toBeUndefined();
  expect(ldapSchema.parse({}).servers).toEqual([]);
});

test.each<[object]>([
  [{}],
  [{ servers: ['ldap://127.0.0.1:389/', 'ldaps://[::1]:636'] }],
  [{ bindDn: 'cn=service', bindPasswordFile: '/secret' }],
  [{ base: '', dnTemplate: 'uid={user},dc=x' }],
  [{ tls: 'off', servers: ['ldap://localhost'] }],
])('findLdapProblem() finds nothing wrong with %j', (changes) => {
  expect(findLdapProblem(settings(changes))).toBeUndefined();
});

test.each<[object, RegExp]>([
  [{ base: '' }, /ldap\.base/],
  [{ bindDn: 'cn=service' }, /bindPasswordFile/],
  [{ tls: 'off' }, /ldap\.tls/],
  [{ filter: '(uid=anna)' }, /ldap\.filter/],
  [{ attributes: { id: '' } }, /ldap\.attributes/],
])('findLdapProblem() names what is wrong with %j', (changes, problem) => {
  expect(findLdapProblem(settings(changes))).toMatch(problem);
});

test.each([
  [{ servers: ['http://x'] }],
  [{ servers: ['ldaps://user:secret@host'] }],
  [{ attributes: { address: 'mail)(x' } }],
  [{ operationLimitMs: 10 }],
  [{ site: 'Dublin' }],
  [{ unknown: 1 }],
])('ldapSchema refuses %j', (changes) => {
  expect(ldapSchema.safeParse({ ...GOOD, ...changes }).success).toBe(false);
});
