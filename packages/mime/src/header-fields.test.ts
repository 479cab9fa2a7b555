import { describe, expect, it } from 'vitest';
import { readHeaderField, readHeaderFields } from './header-fields.ts';

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

describe('readHeaderField()', () => {
  it('gives the first value, the empty string for an empty field, undefined for none', () => {
    expect(readHeaderField(header, 'Received')).toBe('one;\tTue, 4 Mar');
    expect(readHeaderField(Buffer.from('A:\r\nA: x\r\n'), 'a')).toBe('');
    expect(readHeaderField(header, 'Date')).toBeUndefined();
    expect(readHeaderField(new Uint8Array(0), 'Date')).toBeUndefined();
  });
});
