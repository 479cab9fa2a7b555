import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOauthBearerClient, createOauthBearerServer } from './oauthbearer.ts';

const NO_HINT = { scope: undefined, openidConfiguration: undefined };

const start = (message: string): unknown =>
  createOauthBearerServer(NO_HINT).start(Buffer.from(message, 'latin1'));

describe('createOauthBearerServer()', () => {
  test.each([
    // RFC 7628 §4.1.
    [
      'n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01',
      'user@example.com',
      'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==',
    ],
    ['n,,\x01auth=Bearer a.b-c_d~e+f/g\x01\x01', undefined, 'a.b-c_d~e+f/g'],
    ['y,,\x01auth=bearer  t\x01\x01', undefined, 't'],
    ['n,a=a=2Cb=3Dc,\x01auth=Bearer t\x01\x01', 'a,b=c', 't'],
    ['n,a=\xc3\xa4,\x01auth=Bearer t\x01\x01', 'ä', 't'],
    ['n,,\x01unknown=\x01auth=Bearer t\x01\x01', undefined, 't'],
  ])('takes %j', (message, loginName, token) => {
    expect(start(message)).toEqual({
      kind: 'credentials',
      credentials: { kind: 'bearer', loginName, token },
    });
  });

  test.each([
    ['', 'malformed'],
    ['\x01', 'malformed'],
    ['auth=Bearer t\x01\x01', 'malformed'],
    ['n,\x01auth=Bearer t\x01\x01', 'malformed'],
    ['n,,auth=Bearer t\x01\x01', 'malformed'],
    ['n,,\x01auth=Bearer t\x01', 'malformed'],
    ['n,,\x01auth=Bearer t', 'malformed'],
    ['n,,\x01\x01', 'malformed'],
    ['n,,\x01host=x\x01\x01', 'malformed'],
    ['n,,\x01auth=Bearer t\x01auth=Bearer u\x01\x01', 'malformed'],
    ['n,,\x01no pair\x01auth=Bearer t\x01\x01', 'malformed'],
    ['n,,\x01auth=Bearer t\x01\x01\x01', 'malformed'],
    ['F,n,,\x01auth=Bearer t\x01\x01', 'malformed'],
    ['n,a=,\x01auth=Bearer t\x01\x01', 'malformed'],
    ['n,a=a=b,\x01auth=Bearer t\x01\x01', 'malformed'],
    ['n,a=a=2c,\x01auth=Bearer t\x01\x01', 'malformed'],
    ['n,a=a\0b,\x01auth=Bearer t\x01\x01', 'malformed'],
    ['p=tls-exporter,,\x01auth=Bearer t\x01\x01', 'channel-binding-unsupported'],
    ['n,,\x01auth=MAC t\x01\x01', 'token-type-unsupported'],
    ['n,,\x01auth=Bearer\x01\x01', 'token-type-unsupported'],
    ['n,,\x01auth=Bearer a b\x01\x01', 'token-type-unsupported'],
    ['n,,\x01auth=Bearer a\r\nb\x01\x01', 'token-type-unsupported'],
    ['n,a=\xff,\x01auth=Bearer t\x01\x01', 'not-utf8'],
    [`n,a=${'a'.repeat(513)},\x01auth=Bearer t\x01\x01`, 'too-long'],
    [`n,,\x01auth=Bearer ${'t'.repeat(12_288)}\x01\x01`, 'too-long'],
  ])('rejects %j as %s', (message, reason) => {
    expect(start(message)).toEqual({ kind: 'failed', reason });
  });

  test('tells of a refusal in a challenge of its own (RFC 7628 §3.2.2)', () => {
    const server = createOauthBearerServer(NO_HINT);
    server.start(Buffer.from('n,,\x01auth=Bearer t\x01\x01'));
    const refusal = Buffer.from(server.refused() ?? []).toString();
    expect(JSON.parse(refusal)).toEqual({ status: 'invalid_token' });
  });

  test('says then which scope is wanted, and where there are tokens', () => {
    const openidConfiguration = 'https://id.example/.well-known/openid-configuration';
    const server = createOauthBearerServer({ scope: 'imap', openidConfiguration });
    expect(JSON.parse(Buffer.from(server.refused() ?? []).toString())).toEqual({
      status: 'invalid_token',
      scope: 'imap',
      'openid-configuration': openidConfiguration,
    });
  });

  test('reads what createOauthBearerClient() writes', () => {
    const name = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 40 })
      .filter((text) => !text.includes('\0') && text.isWellFormed());
    const token = fc.stringMatching(/^[A-Za-z0-9\-._~+/]{1,60}={0,2}$/);
    fc.assert(
      fc.property(fc.option(name, { nil: undefined }), token, (authzid, given) => {
        const message = createOauthBearerClient({ authzid, token: given }).start();
        expect(createOauthBearerServer(NO_HINT).start(message)).toEqual({
          kind: 'credentials',
          credentials: { kind: 'bearer', loginName: authzid, token: given },
        });
      }),
    );
  });

  test('never crashes', () => {
    const text = fc.string({
      unit: fc.constantFrom('n', ',', 'a=', '\x01', 'auth=Bearer ', '=2C', 'x'),
    });
    fc.assert(
      fc.property(text, (message) => {
        expect(['credentials', 'failed']).toContain(
          createOauthBearerServer(NO_HINT).start(Buffer.from(message)).kind,
        );
      }),
    );
  });
});

describe('createOauthBearerClient()', () => {
  test('answers the error challenge by a single %x01 (RFC 7628 §3.2.3)', () => {
    const client = createOauthBearerClient({ authzid: undefined, token: 't' });
    expect(client.step(Buffer.from('{}'))).toEqual(Buffer.from('\x01'));
  });
});
