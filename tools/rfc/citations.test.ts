/** What the coverage page reads out of sources. */
import { describe, expect, it } from 'vitest';
import { compareSections, findCitations, findNotes } from './citations.ts';

function show(source: string): string[] {
  return findCitations(source).map(({ rfc, section }) => `${rfc} ${section ?? '-'}`);
}

describe('findCitations()', () => {
  it.each([
    ['a section', '// RFC 9051 §6.4.7.', ['9051 6.4.7']],
    ['several of one', '/** RFC 1939 §5, §6, and §7. */', ['1939 5', '1939 6', '1939 7']],
    ['several RFCs', 'RFC 1939 §3 (RFC 2449 §6.5, §6.7)', ['1939 3', '2449 6.5', '2449 6.7']],
    ['a whole RFC', 'as RFC 5322 says', ['5322 -']],
    ['one RFC before another', 'RFC 5034, RFC 7628 §3.1', ['5034 -', '7628 3.1']],
    ['a section that follows soon', 'RFC 2449: see there (§6.9)', ['2449 6.9']],
    ['an appendix', 'RFC 3501 §A.1', ['3501 A.1']],
    ['a citation over two lines', '/**\n * as RFC\n * 5034 §4 has it\n */', ['5034 4']],
    ['sections over two lines', '  // RFC 1939 §5,\n  // §6', ['1939 5', '1939 6']],
    ['test names', "it('works (RFC 6856 §2.1)', () => {})", ['6856 2.1']],
  ])('finds %s', (_name, source, expected) => {
    expect(show(source)).toEqual(expected);
  });

  it.each([
    ['a section of nothing', 'see §3'],
    ['an RFC without a number', 'RFC §3'],
    ['another word', 'XRFC 1939x'],
    ['a number that is none', 'RFC 12'],
  ])('does not find %s', (_name, source) => {
    expect(show(source)).toEqual([]);
  });

  it('does not reach from one RFC to a section far away', () => {
    expect(show(`RFC 1939 §3 ${'x'.repeat(50)} §9`)).toEqual(['1939 3']);
  });
});

describe('findNotes()', () => {
  it('joins lines, and ends at an empty one', () => {
    const source = '/**\n * RFC 1939 §3.\n *\n * Gap: this is\n * missing.\n *\n * More.\n */\n';
    expect(findNotes(source)).toEqual([{ kind: 'Gap', text: 'this is missing.', rfcs: [1939] }]);
  });

  it('names the RFCs of the note before those around it', () => {
    const source = '/**\n * RFC 1939 §3. Deviation: RFC 5321 §2 has it\n * otherwise.\n */';
    expect(findNotes(source)).toMatchObject([{ kind: 'Deviation', rfcs: [5321] }]);
  });

  it('finds several in one comment, and those behind two slashes', () => {
    const source = '/** Gap: one. Deviation: two. */\n\n  // Gap: three\n  // and more\nx();\n';
    expect(findNotes(source).map(({ text }) => text)).toEqual(['one.', 'two.', 'three and more']);
  });

  it.each(["'Gap: in a string'", '/* Gap without a colon */', '/** A stopgap: no. */'])(
    'finds none in %s',
    (source) => {
      expect(findNotes(source)).toEqual([]);
    },
  );
});

describe('compareSections()', () => {
  it('orders by number, appendices last', () => {
    const sections = ['A.1', '6.4.10', '6.4.2', '6', '10.1', '6.10'];
    expect(sections.toSorted(compareSections)).toEqual([
      '6',
      '6.4.2',
      '6.4.10',
      '6.10',
      '10.1',
      'A.1',
    ]);
  });
});
