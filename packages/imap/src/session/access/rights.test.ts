/** RFC 4314 §2.1, §2.1.1. */
import { describe, expect, it } from 'vitest';
import { changeRights, expandRights, formatRights } from './rights.ts';

describe('expandRights()', () => {
  it.each([
    ['', ''],
    ['rl', 'lr'],
    ['lrswida', 'lrswitea'],
    ['kc', 'kx'],
    ['cd', 'kxte'],
    ['llrr', 'lr'],
  ])('of %j gives %j', (letters, expected) => {
    expect(expandRights(letters)).toBe(expected);
  });
});

describe('formatRights()', () => {
  it.each([
    ['', ''],
    ['lrs', 'lrs'],
    ['lrk', 'lrkc'],
    ['lrt', 'lrtd'],
    ['lrswipkxtea', 'lrswipkxteacd'],
  ])('of %j gives %j', (rights, expected) => {
    expect(formatRights(rights)).toBe(expected);
  });
});

describe('changeRights()', () => {
  it.each([
    ['lrs', 'replace', 'i', 'i'],
    ['lrs', 'replace', '', ''],
    ['lrswi', 'add', 'cda', 'lrswikxtea'],
    ['lrswikxte', 'remove', 'd', 'lrswikx'],
    ['lr', 'remove', 'w', 'lr'],
  ] as const)('of %j, %s %j, gives %j', (before, change, letters, expected) => {
    expect(changeRights(before, change, letters)).toBe(expected);
  });
});
