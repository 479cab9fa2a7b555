import { describe, expect, test } from 'vitest';
import { createLoginServer } from './login.ts';

describe('createLoginServer()', () => {
  test('asks for the name, then for the password', () => {
    const server = createLoginServer();
    expect(server.start(undefined)).toEqual({
      kind: 'challenge',
      octets: Buffer.from('Username:'),
    });
    expect(server.step(Buffer.from('anna'))).toEqual({
      kind: 'challenge',
      octets: Buffer.from('Password:'),
    });
    expect(server.step(Buffer.from('secret'))).toEqual({
      kind: 'credentials',
      credentials: {
        kind: 'password',
        loginName: 'anna',
        actAs: undefined,
        password: Buffer.from('secret'),
      },
    });
  });

  test('takes the name as initial response', () => {
    const server = createLoginServer();
    expect(server.start(Buffer.from('anna'))).toMatchObject({ kind: 'challenge' });
    expect(server.step(Buffer.from('s'))).toMatchObject({ credentials: { loginName: 'anna' } });
  });

  test('takes a password that is not UTF-8: some clients send their own charset', () => {
    const server = createLoginServer();
    server.start(Buffer.from('anna'));
    expect(server.step(Buffer.from([0xe4]))).toMatchObject({ kind: 'credentials' });
  });

  test.each([
    ['', 'malformed'],
    ['a\0b', 'malformed'],
    ['\xff', 'not-utf8'],
    ['a'.repeat(513), 'too-long'],
  ])('rejects the name %j as %s', (name, reason) => {
    const server = createLoginServer();
    expect(server.start(Buffer.from(name, 'latin1'))).toEqual({ kind: 'failed', reason });
  });

  test.each([
    ['', 'malformed'],
    ['a\0b', 'malformed'],
    ['a'.repeat(1025), 'too-long'],
  ])('rejects the password %j as %s', (password, reason) => {
    const server = createLoginServer();
    server.start(Buffer.from('anna'));
    expect(server.step(Buffer.from(password))).toEqual({ kind: 'failed', reason });
  });
});
