import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { preparePassword, prepareSaslString } from './sasl-prep.ts';

describe('prepareSaslString() prepares', () => {
  test.each([
    // RFC 4013 §3, the examples.
    ['I\u00ADX', 'IX'],
    ['user', 'user'],
    ['USER', 'USER'],
    ['\u00AA', 'a'],
    ['\u2168', 'IX'],
    // RFC 4013 §2.1 and §2.2.
    ['a\u00A0b\u3000c', 'a b c'],
    ['p\u200Dq\uFE0F', 'pq'],
    ['A\u030A', 'Å'],
    ['ｐａｓｓ', 'pass'],
    ['ﬁ', 'fi'],
    ['пароль', 'пароль'],
    ['🔑', '🔑'],
    [' inner  spaces ', ' inner  spaces '],
  ])('%j as %j', (text, prepared) => {
    expect(prepareSaslString(text)).toBe(prepared);
  });
});

describe('prepareSaslString() refuses', () => {
  test.each([
    '\u0007',
    'a\0b',
    'a\u007F',
    '\u0085',
    '\u06DD',
    '\uE000',
    '\uFFFE',
    '\u{1FFFF}',
    '\uD800',
    '\uFFFD',
    '\u2FF0',
    '\u200E',
    '\u202A',
    '\u2028',
    '\u{E0041}',
  ])('%j', (text) => {
    expect(prepareSaslString(text)).toBeUndefined();
  });
});

test('prepareSaslString() changes nothing that it has prepared', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const prepared = prepareSaslString(text);
      if (prepared !== undefined) expect(prepareSaslString(prepared)).toBe(prepared);
    }),
    { numRuns: 1_000 },
  );
});

test('preparePassword() leaves alone what is not UTF-8 or is prohibited', () => {
  const latin1 = Buffer.from('p\u00E4ss', 'latin1');
  expect(preparePassword(latin1)).toBe(latin1);
  const control = Buffer.from('a\0b');
  expect(preparePassword(control)).toBe(control);
  expect(Buffer.from(preparePassword(Buffer.from('pa\u0308ss'))).toString()).toBe('p\u00E4ss');
});
