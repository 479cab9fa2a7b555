/** Fields by name, as a walk through the header would find them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFieldValue, walkHeaderFields } from './header-fields.ts';
import { readHeaderField, readHeaderFields } from './named-fields.ts';

const header = Buffer.from(
  [
    'From anna Tue Mar 4 2025',
    'Received: one;',
    '\tTue, 4 Mar',
    'received : two',
    'no colon here',
    ' Received: a continuation of that',
    'X Received: has a space in its name',
    'Subject:',
    ' folded \t',
    '',
    'Received: in the body',
  ].join('\r\n'),
  'latin1',
);

describe('readHeaderFields()', () => {
  it('gives all values of a name, in order, unfolded, whatever the case', () => {
    expect(readHeaderFields(header, 'RECEIVED')).toEqual(['one;\tTue, 4 Mar', 'two']);
    expect(readHeaderFields(header, 'subject')).toEqual(['folded']);
  });

  it.each(['From', 'X Received', 'no colon here', 'Receive', 'Received:', ''])(
    'finds no field "%s"',
    (name) => {
      expect(readHeaderFields(header, name)).toEqual([]);
    },
  );

  it('gives one line without NUL, octets above 127 as they are', () => {
    const odd = Buffer.from('X: a\n b\rc\0d\xfc\xa0 \nY: z', 'latin1');
    expect(readHeaderFields(odd, 'x')).toEqual(['a b c d\xfc\xa0']);
    expect(readHeaderFields(odd, 'y')).toEqual(['z']);
  });
});

/** By walking. */
function walkFor(octets: Buffer, name: string): readonly string[] {
  const values: string[] = [];
  walkHeaderFields(octets, (start, nameEnd, colon, end) => {
    const isWanted = octets.toString('latin1', start, nameEnd).toLowerCase() === name.toLowerCase();
    if (colon !== -1 && isWanted) values.push(readFieldValue(octets, colon + 1, end));
  });
  return values;
}

describe('readHeaderFields(), beside a walk through the header,', () => {
  it('finds the same fields in whatever comes', () => {
    const piece = fc.constantFrom(
      ...['a', 'A', 'ab', ':', ': ', 'a:', 'A: x', ' ', '\t', '\r', '\n', '\r\n', '\r\n\r\n', '\0'],
      ...['\r\na: y', '\na :z', 'x\xe4', '[.*]:', '\n '],
    );
    const names = fc.constantFrom('a', 'A', 'ab', '[.*]', 'b', 'a:', ' a', '');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), names, (pieces, name) => {
        const octets = Buffer.from(pieces.join(''), 'latin1');
        expect(readHeaderFields(octets, name)).toEqual(walkFor(octets, name));
        expect(readHeaderField(octets, name)).toBe(walkFor(octets, name)[0]);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each(['\n', 'a: ', 'a:\n', 'a:\n ', 'a: \r\n ', '\na', 'a '])(
    'is done in time with a header of nothing but %j',
    (piece) => {
      const octets = Buffer.from(`b: c\r\n${piece.repeat(200_000)}`);
      const startMs = performance.now();
      readHeaderFields(octets, 'a');
      expect(performance.now() - startMs).toBeLessThan(1_000);
    },
  );
});

describe('readHeaderField()', () => {
  it('gives the first value, the empty string for an empty field, undefined for none', () => {
    expect(readHeaderField(header, 'Received')).toBe('one;\tTue, 4 Mar');
    expect(readHeaderField(Buffer.from('A:\r\nA: x\r\n'), 'a')).toBe('');
    expect(readHeaderField(header, 'Date')).toBeUndefined();
    expect(readHeaderField(new Uint8Array(0), 'Date')).toBeUndefined();
  });
});
