import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  LOGIN_NAME_LIMIT_BYTES,
  normaliseLoginName,
  parseLoginName,
  type LoginNameRefusal,
} from './login-name.ts';

describe('parseLoginName() takes one account’s own names', () => {
  test.each([
    ['anna', 'anna', 'alias'],
    ['Anna', 'anna', 'alias'],
    ['  anna ', 'anna', 'alias'],
    ['anna@example.org', 'anna@example.org', 'address'],
    ['ANNA@Example.ORG', 'anna@example.org', 'address'],
    ['anna+tag@example.org', 'anna+tag@example.org', 'address'],
    ['EXAMPLE\\Anna', 'example\\anna', 'domain-user'],
    ['EXAMPLE/Anna', 'example\\anna', 'domain-user'],
    ['example.org/anna', 'example.org\\anna', 'domain-user'],
    ['EXAMPLE\\Anna Smith', 'example\\anna smith', 'domain-user'],
    ['A\u0308nne', 'änne', 'alias'],
    ['ÄNNE@EXAMPLE.ORG', 'änne@example.org', 'address'],
    ['İstanbul', 'i̇stanbul', 'alias'],
    ['анна@пример.рф', 'анна@пример.рф', 'address'],
    ['山田', '山田', 'alias'],
  ])('%j', (typed, name, form) => {
    expect(parseLoginName(typed)).toEqual({ kind: 'name', name, form });
    expect(normaliseLoginName(typed)).toBe(name);
  });
});

describe('parseLoginName() tells delegate forms from names', () => {
  test.each([
    ['EXAMPLE/anna/shop', 'example\\anna', 'shop'],
    ['EXAMPLE\\anna\\shop', 'example\\anna', 'shop'],
    ['EXAMPLE\\anna/shop@example.org', 'example\\anna', 'shop@example.org'],
    ['Anna@example.org/Shop', 'anna@example.org', 'shop'],
    ['anna@example.org\\shop@example.org', 'anna@example.org', 'shop@example.org'],
  ])('%j', (typed, delegate, principal) => {
    expect(parseLoginName(typed)).toEqual({ kind: 'delegate', delegate, principal });
    expect(normaliseLoginName(typed)).toBeUndefined();
  });
});

describe('parseLoginName() refuses', () => {
  test.each<[string, LoginNameRefusal]>([
    ['', 'empty'],
    ['   ', 'empty'],
    ['a'.repeat(LOGIN_NAME_LIMIT_BYTES + 1), 'too-long'],
    ['ä'.repeat(LOGIN_NAME_LIMIT_BYTES / 2 + 1), 'too-long'],
    ['a'.repeat(10_000_000), 'too-long'],
    ['anna\0', 'forbidden-character'],
    ['anna\r\n', 'forbidden-character'],
    ['an\tna', 'forbidden-character'],
    ['anna\u200B', 'forbidden-character'],
    ['\u202Eanna', 'forbidden-character'],
    ['anna\u00AD', 'forbidden-character'],
    ['anna\uFEFF', 'forbidden-character'],
    ['anna\uFE0F', 'forbidden-character'],
    ['an\u00A0na', 'forbidden-character'],
    ['anna\uFFFD', 'forbidden-character'],
    ['anna\uD800', 'forbidden-character'],
    ['anna\uE000', 'forbidden-character'],
    ['"anna"@example.org', 'forbidden-character'],
    ['anna@', 'malformed'],
    ['@example.org', 'malformed'],
    ['a@b@c', 'malformed'],
    ['EXAMPLE\\', 'malformed'],
    ['\\anna', 'malformed'],
    ['EXAMPLE\\\\anna', 'malformed'],
    ['EXAMPLE\\ anna', 'malformed'],
    ['EXAMPLE\\anna@example.org', 'malformed'],
    ['anna@/shop', 'malformed'],
    ['anna@example.org/a@b@c', 'malformed'],
    ['a/b/c/d', 'malformed'],
    ['a@b.c/x/y', 'malformed'],
    ['a/b@c.d/y', 'malformed'],
  ])('%j as %s', (typed, reason) => {
    expect(parseLoginName(typed)).toEqual({ kind: 'invalid', reason });
    expect(normaliseLoginName(typed)).toBeUndefined();
  });
});

/** Letters whose lower case or composition is not simple, and what separates. */
const LETTERS = ['a', 'Ä', 'σ', 'Σ', 'İ', 'ẞ', 'Å', '\u0301', '\u0308', '@', '\\', '/', ' '];

test('normaliseLoginName() changes nothing that it has normalised', () => {
  const typed = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...LETTERS), maxLength: 12 }),
  );
  fc.assert(
    fc.property(typed, (text) => {
      const name = normaliseLoginName(text);
      if (name === undefined) return;
      expect(normaliseLoginName(name)).toBe(name);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(LOGIN_NAME_LIMIT_BYTES);
    }),
    { numRuns: 2_000 },
  );
});

test('normaliseLoginName() gives every spelling of a name the same form', () => {
  const forms = ['Ånna@Example.org', 'ÅNNA@EXAMPLE.ORG', 'A\u030Anna@example.org'];
  expect(new Set(forms.map(normaliseLoginName)).size).toBe(1);
});
