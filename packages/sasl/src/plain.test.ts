import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPlainClient, createPlainServer } from './plain.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('createPlainServer()', () => {
  test('asks with an empty challenge when there was no initial response', () => {
    const server = createPlainServer();
    expect(server.start(undefined)).toEqual({ kind: 'challenge', octets: new Uint8Array(0) });
    expect(server.step(latin1('\0anna\0secret'))).toMatchObject({ kind: 'credentials' });
  });

  test.each([
    ['\0tim\0tanstaaftanstaaf', 'tim', undefined, 'tanstaaftanstaaf'],
    ['Ursel\0Kurt\0xipj3plmq', 'Kurt', 'Ursel', 'xipj3plmq'],
    ['\0\xc3\xa4\0p\xc3\xa4ss', 'ä', undefined, 'päss'],
    [`\0${'a'.repeat(255)}\0${'b'.repeat(255)}`, 'a'.repeat(255), undefined, 'b'.repeat(255)],
  ])('takes %j', (message, loginName, actAs, password) => {
    expect(createPlainServer().start(latin1(message))).toEqual({
      kind: 'credentials',
      credentials: { kind: 'password', loginName, actAs, password: Buffer.from(password) },
    });
  });

  test.each([
    ['', 'malformed'],
    ['anna', 'malformed'],
    ['anna\0secret', 'malformed'],
    ['\0\0secret', 'malformed'],
    ['\0anna\0', 'malformed'],
    ['\0anna\0sec\0ret', 'malformed'],
    ['\0an\xffna\0secret', 'not-utf8'],
    ['\0anna\0\xc0\x80', 'not-utf8'],
    ['\xed\xa0\x80\0anna\0secret', 'not-utf8'],
    [`\0${'a'.repeat(513)}\0secret`, 'too-long'],
    [`\0anna\0${'a'.repeat(1025)}`, 'too-long'],
    ['a'.repeat(10_000), 'too-long'],
  ])('rejects %j as %s', (message, reason) => {
    expect(createPlainServer().start(latin1(message))).toEqual({ kind: 'failed', reason });
  });

  test('reads what createPlainClient() writes', () => {
    const word = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 40 })
      .filter((text) => !text.includes('\0') && text.isWellFormed());
    fc.assert(
      fc.property(fc.option(word, { nil: undefined }), word, word, (authzid, authcid, secret) => {
        const password = Buffer.from(secret, 'utf8');
        const message = createPlainClient({ authzid, authcid, password }).start();
        expect(createPlainServer().start(message)).toEqual({
          kind: 'credentials',
          credentials: { kind: 'password', loginName: authcid, actAs: authzid, password },
        });
      }),
    );
  });

  test('never crashes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (message) => {
        expect(['credentials', 'failed']).toContain(createPlainServer().start(message).kind);
      }),
    );
  });
});
