import { describe, expect, test } from 'vitest';
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
  const names = (isEncrypted: boolean): readonly string[] =>
    offeredMechanisms(['LOGIN', 'PLAIN'], { isEncrypted, loginType: 'SecureLogin' }).map(
      ({ name }) => name,
    );

  test('offers what is configured, once TLS is there', () => {
    expect(names(true)).toEqual(['PLAIN', 'LOGIN']);
    expect(names(false)).toEqual([]);
  });
});

describe('findMechanism()', () => {
  test.each(['plain', 'PLAIN', 'OAuthBearer'])('knows %s', (name) => {
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
