import { expect, test } from 'vitest';
import { suggestKey } from './suggest-key.ts';

test.each([
  ['peruser', 'perUser'],
  ['perUesr', 'perUser'],
  ['perUsers', 'perUser'],
  ['totl', 'total'],
  ['zzz', undefined],
  ['', undefined],
  ['x'.repeat(1_000), undefined],
])('suggestKey(%j) is %s', (word, expected) => {
  expect(suggestKey(word, ['total', 'perAddress', 'perUser'])).toBe(expected);
});
