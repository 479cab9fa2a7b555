import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64, decodeBase64Url, encodeBase64, encodeBase64Octets } from './base64.ts';

describe('decodeBase64()', () => {
  // RFC 4648 §10.
  test.each([
    ['', ''],
    ['Zg==', 'f'],
    ['Zm8=', 'fo'],
    ['Zm9v', 'foo'],
    ['Zm9vYmFy', 'foobar'],
    ['+/+/', '\u00fb\u00ff\u00bf'],
  ])('takes %j', (text, expected) => {
    const result = decodeBase64(text, 100);
    expect(result.ok && result.octets.toString('latin1')).toBe(expected);
  });

  test.each([
    ['=', 'RFC 5034 §4: that is an empty initial response, not base64'],
    ['Zg', 'padding is missing'],
    ['Zg=', 'padding is short'],
    ['Zg===', 'padding is long'],
    ['=AAA', 'RFC 5034 §4'],
    ['AAA=BBBB', 'RFC 5034 §4'],
    ['Zm9v\n', 'RFC 4648 §3.3'],
    ['Zm 9v', 'a blank inside'],
    ['-_-_', 'another alphabet'],
    ['Zh==', 'RFC 4648 §3.5: bits behind the last octet'],
    ['Zm9\u0000', 'NUL'],
    ['Zm9\u00fc', 'not ASCII'],
  ])('rejects %j: %s', (text) => {
    expect(decodeBase64(text, 100)).toEqual({ ok: false, reason: 'not-base64' });
  });

  test('rejects more than the limit, and only that', () => {
    for (let size = 0; size < 12; size += 1) {
      const text = encodeBase64(Buffer.alloc(size, 'x'));
      expect(decodeBase64(text, size).ok).toBe(true);
      if (size > 0) expect(decodeBase64(text, size - 1)).toEqual({ ok: false, reason: 'too-long' });
    }
  });

  test('gives back what encodeBase64() wrote', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        const result = decodeBase64(Buffer.from(encodeBase64(octets)), 300);
        expect(result.ok && result.octets.equals(octets)).toBe(true);
      }),
    );
  });

  test('never crashes and takes only its own spelling', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const result = decodeBase64(text, 1000);
        if (result.ok) expect(encodeBase64(result.octets)).toBe(text);
      }),
    );
  });
});

describe('decodeBase64Url()', () => {
  test.each(['Zg', 'Zm8', 'Zm9v', '-_-_', ''])('takes %j', (text) => {
    expect(decodeBase64Url(text, 100).ok).toBe(true);
  });

  test.each(['Zg==', '+/+/', 'Zh', 'Z', 'Zm9v.', ' '])('rejects %j', (text) => {
    expect(decodeBase64Url(text, 100)).toEqual({ ok: false, reason: 'not-base64' });
  });

  test('rejects more than the limit', () => {
    expect(decodeBase64Url('Zm9v', 3).ok).toBe(true);
    expect(decodeBase64Url('Zm9v', 2)).toEqual({ ok: false, reason: 'too-long' });
    expect(decodeBase64Url('Zm8', 1)).toEqual({ ok: false, reason: 'too-long' });
  });
});

describe('encodeBase64Octets()', () => {
  test('says the same as encodeBase64()', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => {
        expect(encodeBase64Octets(octets).toString('latin1')).toBe(encodeBase64(octets));
      }),
    );
  });
});
