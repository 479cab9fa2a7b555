import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settableFlags } from './source-flags.ts';

describe('settableFlags()', () => {
  it.each<[string[], string[]]>([
    [
      ['\\Seen', '\\seen', '\\RECENT'],
      ['\\Seen', '\\Seen'],
    ],
    [
      ['$Forwarded', 'NonJunk', '$MDNSent'],
      ['$Forwarded', 'NonJunk', '$MDNSent'],
    ],
    [['\\Important', '\\*', '\\'], []],
    [['two words', 'a(b', 'ü', '', 'x]', '"q"', 'a\nb', 'c%', 'd*'], []],
  ])('keeps of %j %j', (flags, expected) => {
    expect(settableFlags(flags)).toEqual(expected);
  });

  it('gives nothing that an APPEND could not say', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (flags) => {
        for (const flag of settableFlags(flags)) expect(flag).toMatch(/^[\x21-\x7e]+$/);
      }),
    );
  });
});
