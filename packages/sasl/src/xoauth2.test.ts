import { describe, expect, test } from 'vitest';
import { createXoauth2Server } from './xoauth2.ts';

const NO_HINT = { scope: undefined, openidConfiguration: undefined };

describe('createXoauth2Server()', () => {
  test.each([
    ['user=anna@example.net\x01auth=Bearer a.b-c_d\x01\x01', 'anna@example.net', 'a.b-c_d'],
    ['user=\xc3\xa4\x01auth=bearer  t==\x01\x01', 'ä', 't=='],
  ])('takes %j', (message, loginName, token) => {
    expect(createXoauth2Server(NO_HINT).start(Buffer.from(message, 'latin1'))).toEqual({
      kind: 'credentials',
      credentials: { kind: 'bearer', loginName, token },
    });
  });

  test.each([
    ['', 'malformed'],
    ['user=\x01auth=Bearer t\x01\x01', 'malformed'],
    ['user=a\x01auth=Bearer t\x01', 'malformed'],
    ['user=a\x01auth=MAC t\x01\x01', 'malformed'],
    ['user=a\x01auth=Bearer \x01\x01', 'malformed'],
    ['user=a\x01auth=Bearer t\r\n\x01\x01', 'malformed'],
    ['user=a\x01auth=Bearer t\x01auth=Bearer u\x01\x01', 'malformed'],
    ['n,,\x01auth=Bearer t\x01\x01', 'malformed'],
    ['user=\xff\x01auth=Bearer t\x01\x01', 'not-utf8'],
    [`user=${'a'.repeat(513)}\x01auth=Bearer t\x01\x01`, 'too-long'],
    [`user=a\x01auth=Bearer ${'t'.repeat(12_288)}\x01\x01`, 'too-long'],
  ])('rejects %j as %s', (message, reason) => {
    expect(createXoauth2Server(NO_HINT).start(Buffer.from(message, 'latin1'))).toEqual({
      kind: 'failed',
      reason,
    });
  });

  test('tells of a refusal as Google does, in a challenge of its own', () => {
    const server = createXoauth2Server({ ...NO_HINT, scope: 'mail' });
    const refusal = Buffer.from(server.refused() ?? []).toString();
    expect(JSON.parse(refusal)).toEqual({ status: '401', schemes: 'bearer', scope: 'mail' });
  });
});
