import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findCostProblem, formatArgon2Hash, parseArgon2Hash } from './phc-string.ts';

/** Of the argon2 reference implementation's test suite. */
const reference =
  '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';

describe('parseArgon2Hash()', () => {
  test('reads what the reference implementation writes', () => {
    const parsed = parseArgon2Hash(reference);
    expect(parsed?.costs).toEqual({ memoryKib: 65_536, passCount: 2, parallelism: 1 });
    expect(Buffer.from(parsed?.salt ?? []).toString()).toBe('somesalt');
    expect(parsed?.hash).toHaveLength(32);
  });

  test('reads back what formatArgon2Hash() writes', () => {
    const costs = fc.record({
      memoryKib: fc.integer({ min: 128, max: 1_048_576 }),
      passCount: fc.integer({ min: 1, max: 64 }),
      parallelism: fc.integer({ min: 1, max: 16 }),
    });
    const salt = fc.uint8Array({ minLength: 8, maxLength: 64 });
    const hash = fc.uint8Array({ minLength: 16, maxLength: 64 });
    fc.assert(
      fc.property(fc.record({ costs, salt, hash }), (one) => {
        const text = formatArgon2Hash(one);
        const parsed = parseArgon2Hash(text);
        expect(parsed && formatArgon2Hash(parsed)).toBe(text);
      }),
    );
  });

  test.each([
    '',
    'plain text',
    reference.replace('argon2id', 'argon2i'),
    reference.replace('argon2id', 'Argon2id'),
    reference.replace('v=19', 'v=16'),
    reference.replace('$v=19', ''),
    reference.replace('m=65536', 'm=065536'),
    reference.replace('m=65536', 'm=0'),
    reference.replace('m=65536', 'm=7'),
    reference.replace('m=65536', 'm=1048577'),
    reference.replace('m=65536', 'm=99999999999999999999'),
    reference.replace('t=2', 't=65'),
    reference.replace('t=2', 't=0'),
    reference.replace('p=1', 'p=17'),
    reference.replace('p=1', 'p=-1'),
    reference.replace('m=65536,t=2', 't=2,m=65536'),
    reference.replace('c29tZXNhbHQ', 'c29tZXNhb'),
    reference.replace('c29tZXNhbHQ', ''),
    reference.replace('c29tZXNhbHQ', 'c29tZXNhbHR'),
    reference.replace('c29tZXNhbHQ', 'c29tZXNhbHQ=='),
    reference.replace('GRPPc', 'GRP-c'),
    reference.slice(0, -30),
    `${reference}\n`,
    `${reference}$x`,
    ` ${reference}`,
    `${reference}${'A'.repeat(1_000_000)}`,
  ])('refuses %j', (text) => {
    expect(parseArgon2Hash(text)).toBeUndefined();
  });
});

test('findCostProblem() names the number that cannot be', () => {
  expect(findCostProblem({ memoryKib: 8, passCount: 1, parallelism: 1 })).toBeUndefined();
  expect(findCostProblem({ memoryKib: 15, passCount: 1, parallelism: 2 })).toMatch(/memory/);
  expect(findCostProblem({ memoryKib: 64, passCount: 0.5, parallelism: 1 })).toMatch(/pass/);
  expect(findCostProblem({ memoryKib: 64, passCount: 1, parallelism: 0 })).toMatch(/parallelism/);
});
