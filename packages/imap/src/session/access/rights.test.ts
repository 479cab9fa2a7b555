/** RFC 4314 §2.1, §2.1.1. */
import { describe, expect, it } from 'vitest';
import { changeableFlags, changeRights, expandRights, formatRights, hasRight } from './rights.ts';

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

describe('changeableFlags()', () => {
  const flags = ['\\Answered', '\\Deleted', '\\Seen', 'Later', '\\*'];

  it.each<[string | undefined, boolean, readonly string[]]>([
    [undefined, false, flags],
    [undefined, true, []],
    ['lrswite', false, flags],
    ['lrswite', true, []],
    ['lrs', false, ['\\Seen']],
    ['lrte', false, ['\\Deleted']],
    ['lrw', false, ['\\Answered', 'Later', '\\*']],
    ['lri', false, []],
  ])('with rights %s, read-only %s, gives %j', (rights, isReadOnly, expected) => {
    expect(changeableFlags({ rights, isReadOnly }, flags)).toEqual(expected);
  });
});

it('hasRight() finds every right where a folder names none', () => {
  expect(hasRight({}, 'e')).toBe(true);
  expect(hasRight({ rights: 'lrs' }, 'e')).toBe(false);
  expect(hasRight({ rights: 'lre' }, 'e')).toBe(true);
});
