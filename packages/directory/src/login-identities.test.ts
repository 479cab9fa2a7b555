import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLoginIdentities } from './login-identities.ts';

const NONE = undefined;

describe('readLoginIdentities() reads one account', () => {
  test.each<[string, string | undefined, string]>([
    ['anna', NONE, 'anna'],
    ['Anna@Example.org', NONE, 'anna@example.org'],
    ['EXAMPLE\\anna', NONE, 'example\\anna'],
    ['EXAMPLE/anna', NONE, 'example\\anna'],
    ['anna', '', 'anna'],
    ['anna', 'Anna', 'anna'],
    ['EXAMPLE/anna', 'example\\ANNA', 'example\\anna'],
  ])('%j acting as %j', (loginName, actAs, name) => {
    expect(readLoginIdentities(loginName, actAs)).toEqual({ kind: 'own', name });
  });
});

describe('readLoginIdentities() reads a delegate and a mailbox', () => {
  const alias = 'shop';
  const address = 'shop@example.org';
  test.each<[string, string | undefined, string, string]>([
    // The four forms, and with the backslashes that some programs write.
    ['EXAMPLE/anna/shop', NONE, 'example\\anna', alias],
    ['EXAMPLE/anna/shop@example.org', NONE, 'example\\anna', address],
    ['anna@example.org/shop', NONE, 'anna@example.org', alias],
    ['anna@example.org/shop@example.org', NONE, 'anna@example.org', address],
    ['EXAMPLE\\anna\\shop', NONE, 'example\\anna', alias],
    ['EXAMPLE\\anna/Shop@Example.org', NONE, 'example\\anna', address],
    ['Anna@Example.org\\SHOP', NONE, 'anna@example.org', alias],
    // An authorization identity: any name of one account.
    ['anna', 'shop', 'anna', alias],
    ['anna@example.org', 'SHOP@example.org', 'anna@example.org', address],
    ['EXAMPLE/anna', 'EXAMPLE/shop', 'example\\anna', 'example\\shop'],
    ['anna', 'EXAMPLE\\shop', 'anna', 'example\\shop'],
    // Both, of one mind.
    ['anna@example.org/shop', '', 'anna@example.org', alias],
    ['anna@example.org/shop', 'Shop', 'anna@example.org', alias],
  ])('%j acting as %j', (loginName, actAs, name, mailbox) => {
    const expected = { kind: 'delegate', name, mailbox };
    expect(readLoginIdentities(loginName, actAs)).toEqual(expected);
  });
});

describe('readLoginIdentities() refuses', () => {
  test.each<[string, string | undefined, string]>([
    ['', NONE, 'empty'],
    ['', 'shop', 'empty'],
    ['anna', ' ', 'empty'],
    ['anna\0', 'shop', 'forbidden-character'],
    ['anna', 'sh\u200Bop', 'forbidden-character'],
    ['anna', 'a'.repeat(2_000), 'too-long'],
    ['anna', '@example.org', 'malformed'],
    ['anna@example.org/', NONE, 'malformed'],
    ['/shop', NONE, 'malformed'],
    ['anna@example.org//shop', NONE, 'malformed'],
    ['anna@example.org/shop/desk', NONE, 'malformed'],
    ['anna@example.org/EXAMPLE/shop', NONE, 'malformed'],
    ['EXAMPLE/anna/EXAMPLE/shop', NONE, 'malformed'],
    ['EXAMPLE/anna@example.org/shop', NONE, 'malformed'],
    ['EXAMPLE/anna@example.org', NONE, 'malformed'],
    // Who acts for somebody names one mailbox, not another delegate.
    ['anna', 'berta@example.org/shop', 'malformed'],
    ['anna@example.org/shop', 'anna@example.org/shop', 'malformed'],
    ['anna@example.org/shop', 'desk', 'malformed'],
    ['anna@example.org/shop', 'anna@example.org', 'malformed'],
    ['anna@example.org/shop', 'shop@example.org', 'malformed'],
  ])('%j acting as %j', (loginName, actAs, reason) => {
    expect(readLoginIdentities(loginName, actAs)).toEqual({ kind: 'invalid', reason });
  });
});

test('readLoginIdentities() takes anything, and names only what is in normal form', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'B', '@', '/', '\\', ' ', '\0', 'Å', '.') });
  fc.assert(
    fc.property(part, fc.option(part, { nil: undefined }), (loginName, actAs) => {
      const read = readLoginIdentities(loginName, actAs);
      if (read.kind === 'invalid') return;
      const names = read.kind === 'own' ? [read.name] : [read.name, read.mailbox];
      for (const name of names) {
        expect(readLoginIdentities(name, undefined)).toEqual({ kind: 'own', name });
      }
    }),
    { numRuns: 2_000 },
  );
});
