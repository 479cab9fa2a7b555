import { expect, test } from 'vitest';
import { parseSiteName } from './site-name.ts';

test.each(['dublin', 'a', '9', 'north-2', 'a'.repeat(63)])('parseSiteName() takes %s', (text) => {
  expect(parseSiteName(text)).toBe(text);
});

test.each(['', 'Dublin', '-a', 'a-', 'a'.repeat(64), 'a.b', 'a_b', 'ä', 'a\n', '../x', 'a b'])(
  'parseSiteName() refuses %j',
  (text) => {
    expect(parseSiteName(text)).toBeUndefined();
  },
);
