import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MaildirKeywords, parseKeywords } from './maildir-flags.ts';

describe('MaildirKeywords', () => {
  it.each([
    [['\\Seen', '\\Flagged', '\\Answered', '\\Draft', '\\Deleted'], 'DFRST'],
    [['$Forwarded', '\\SEEN'], 'PS'],
    [['\\Recent', '\\Other'], ''],
    [['b', 'a', '\\Seen'], 'Sab'],
  ])('%j is %j', (flags, letters) => {
    expect(new MaildirKeywords('').lettersOf(flags)).toBe(letters);
  });

  it('keeps the letters of an earlier export', () => {
    const keywords = new MaildirKeywords('0 old\n2 other\n');
    expect(keywords.lettersOf(['OTHER', 'new'])).toBe('cd');
    expect(keywords.format()).toBe('0 old\n1 unused-1\n2 OTHER\n3 new\n');
  });

  it('counts keywords that find no letter', () => {
    const keywords = new MaildirKeywords('');
    const names = Array.from({ length: 28 }, (_, index) => `k${index}`);
    expect(keywords.lettersOf(names)).toBe('abcdefghijklmnopqrstuvwxyz');
    expect(keywords.lettersOf(['k27', 'k1'])).toBe('b');
    expect(keywords.lostCount).toBe(3);
  });
});

describe('parseKeywords()', () => {
  it('takes anything, and gives at most 26 names', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseKeywords(text).length).toBeLessThanOrEqual(26);
      }),
    );
  });

  it('reads what format() wrote', () => {
    const keywords = new MaildirKeywords('');
    keywords.lettersOf(['a', 'b', '$Label1']);
    expect(parseKeywords(keywords.format())).toEqual(['a', 'b', '$Label1']);
  });
});
