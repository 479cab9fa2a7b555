import { describe, expect, test } from 'vitest';
import type { LoginType, MechanismName } from './mechanisms.ts';
import { base64LineBytes, findMechanism, isLoginAllowed, offeredMechanisms } from './mechanisms.ts';

describe('isLoginAllowed()', () => {
  test.each([
    ['SecureLogin', true, true, true],
    ['SecureLogin', false, true, false],
    ['SecureLogin', false, false, false],
    ['PlainTextAuthentication', true, true, true],
    ['PlainTextAuthentication', false, true, false],
    ['PlainTextAuthentication', false, false, true],
    ['PlainTextLogin', false, true, true],
    ['PlainTextLogin', false, false, true],
  ] as const)('%s, TLS %s, reveals a secret %s: %s', (loginType, isEncrypted, reveals, allowed) => {
    expect(isLoginAllowed(reveals, { isEncrypted, loginType })).toBe(allowed);
  });
});

describe('offeredMechanisms()', () => {
  const names = (
    isEncrypted: boolean,
    loginType: LoginType = 'SecureLogin',
    canBind = true,
  ): readonly string[] => {
    const configured = ['LOGIN', 'PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'] as const;
    return offeredMechanisms(configured, { isEncrypted, loginType, canBind }).map(
      ({ name }) => name,
    );
  };

  test('offers what is configured, once TLS is there', () => {
    const all = ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'PLAIN', 'LOGIN'];
    expect(names(true)).toEqual(all);
    expect(names(false)).toEqual([]);
  });

  test('offers without TLS what shows no secret, if it may', () => {
    expect(names(false, 'PlainTextAuthentication')).toEqual(['SCRAM-SHA-256']);
  });

  test('offers one that is always offered, and no other, whatever is asked of the connection', () => {
    const connection = { isEncrypted: false, loginType: 'SecureLogin', canBind: false } as const;
    const offer = (alwaysOffered: MechanismName): readonly string[] =>
      offeredMechanisms(['PLAIN', 'OAUTHBEARER'], { ...connection, alwaysOffered }).map(
        ({ name }) => name,
      );
    expect(offer('OAUTHBEARER')).toEqual(['OAUTHBEARER']);
    expect(offer('XOAUTH2')).toEqual([]);
  });

  test('offers to bind only where TLS ends here', () => {
    expect(names(true, 'SecureLogin', false)).toEqual(['SCRAM-SHA-256', 'PLAIN', 'LOGIN']);
  });
});

describe('findMechanism()', () => {
  test.each(['plain', 'PLAIN', 'OAuthBearer', 'scram-sha-256-plus'])('knows %s', (name) => {
    expect(findMechanism(name)?.name).toBe(name.toUpperCase());
  });

  test.each(['', 'PLAIN ', 'APOP', 'constructor', 'SCRAM'])('does not know %j', (name) => {
    expect(findMechanism(name)).toBe(undefined);
  });
});

describe('base64LineBytes()', () => {
  test.each([0, 1, 2, 3, 4, 100, 3074])('has room for %i octets and a line end', (size) => {
    const line = `${Buffer.alloc(size).toString('base64')}\r\n`;
    expect(base64LineBytes(size)).toBe(line.length);
  });
});
