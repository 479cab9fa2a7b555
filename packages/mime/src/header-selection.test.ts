import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHeaderSelector, selectHeaderFields } from './header-selection.ts';

const header = 'From: a\r\nTO: b,\r\n c\r\nno colon\r\nX-To: d\r\nto : e\r\nDate: f\r\n\r\n';

function select(text: string, names: readonly string[], isExcluding = false): string {
  return Buffer.from(selectHeaderFields(Buffer.from(text), names, isExcluding)).toString();
}

describe('selectHeaderFields()', () => {
  it.each([
    [['To'], 'TO: b,\r\n c\r\nto : e\r\n\r\n'],
    [['DATE', 'from'], 'From: a\r\nDate: f\r\n\r\n'],
    [['X-To', 'X-To'], 'X-To: d\r\n\r\n'],
    [['Subject'], '\r\n'],
    [[], '\r\n'],
    [['no colon'], '\r\n'],
    [['T'], '\r\n'],
    [['To:'], '\r\n'],
  ])('HEADER.FIELDS %j gives those fields and the empty line', (names, expected) => {
    expect(select(header, names)).toBe(expected);
  });

  it.each([
    [['To', 'from'], 'no colon\r\nX-To: d\r\nDate: f\r\n\r\n'],
    [['Subject'], header],
    [[], header],
  ])('HEADER.FIELDS.NOT %j gives the others', (names, expected) => {
    expect(select(header, names, true)).toBe(expected);
  });

  it('adds no empty line that is not there, and keeps bare LF', () => {
    expect(select('From: a\r\nTo: b\r\n', ['to'])).toBe('To: b\r\n');
    expect(select('From: a\nTo: b\n\n', ['to'])).toBe('To: b\n\n');
    expect(select('', ['to'])).toBe('');
  });

  it('serves any number of messages with one selector', () => {
    const selector = createHeaderSelector(['a'], false);
    expect(Buffer.from(selector(Buffer.from('A: 1\n\n'))).toString()).toBe('A: 1\n\n');
    expect(Buffer.from(selector(Buffer.from('B: 1\nA: 2\n\n'))).toString()).toBe('A: 2\n\n');
  });

  it('splits every header into what is named and what is not, octet for octet', () => {
    const field = fc.constantFrom('A: 1\r\n', 'b: 2\n 3\n', 'junk\r\n', 'C : x\r\n', ' y\r\n');
    fc.assert(
      fc.property(fc.array(field), fc.subarray(['a', 'b', 'c']), (fields, names) => {
        const text = fields.join('');
        expect(select(text, names).length + select(text, names, true).length).toBe(text.length);
      }),
    );
  });
});
