/** Parameters as RFC 2045 §5.1 and RFC 2231 have them, and as people send them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findParameter, parseParameterizedValue, readParameterText } from './parameter-list.ts';

function parse(text: string): readonly unknown[] {
  const { value, parameters } = parseParameterizedValue(text);
  return [value, ...parameters.map(([name, each]) => `${name}=${each}`)];
}

describe('parseParameterizedValue()', () => {
  it.each([
    ['text/plain', ['text/plain']],
    ['text/plain; charset=utf-8', ['text/plain', 'charset=utf-8']],
    ['text / plain ; CharSet = "utf-8"', ['text/plain', 'CharSet=utf-8']],
    ['a/b; x="q \\"r\\" ; s"; y=z', ['a/b', 'x=q "r" ; s', 'y=z']],
    ['a/b (c (d) \\) e); x=y (z)', ['a/b', 'x=y']],
    ['a/b; boundary==_x=', ['a/b', 'boundary==_x=']],
    ['a/b; x=1; X=2', ['a/b', 'x=1']],
    ['a/b; x=""', ['a/b', 'x=']],
  ])('reads %j', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each([
    ['', ['']],
    [';', ['']],
    ['; x=y', ['', 'x=y']],
    ['a/b x=y', ['a/b', 'x=y']],
    ['a/b; x=y z=w', ['a/b', 'x=y', 'z=w']],
    ['a/b; x=y z', ['a/b', 'x=y z']],
    ['a/b; x', ['a/b']],
    ['a/b; =y; z=w', ['a/b', 'z=w']],
    ['a/b; x=', ['a/b', 'x=']],
    ['a/b; x="y; z=w', ['a/b', 'x=y; z=w']],
    ['a/b; x=y"z"', ['a/b', 'x=y']],
    ['a/b; x=(y', ['a/b', 'x=']],
    ['"a/b"; x=y', ['', 'x=y']],
  ])('makes the best of %j', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each([
    ['a/b; n*0=x; n*1=y', ['a/b', 'n=xy']],
    ['a/b; n*1=y; n*0="x "', ['a/b', 'n=x y']],
    ["a/b; n*=utf-8''%C3%A4", ['a/b', "n*=utf-8''%C3%A4"]],
    ["a/b; n*0*=utf-8''%C3; n*1*=%A4; n*2=% b", ['a/b', "n*=utf-8''%C3%A4%25%20b"]],
    ['a/b; n*0=x; n*1*=%41', ['a/b', "n*=''x%41"]],
    ['a/b; n*0=x; n*2=z', ['a/b', 'n=x']],
    ['a/b; n*1=y', ['a/b', 'n=']],
    ['a/b; n*0=x; n*0=y', ['a/b', 'n=x']],
  ])('joins the pieces of %j (RFC 2231 §3, §4.1)', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it('bounds what it keeps', () => {
    expect(parseParameterizedValue(`a/b${';a=b;c=d'.repeat(9999)}`).parameters).toHaveLength(2);
    const many = Array.from({ length: 999 }, (_, index) => `;p${index}=x`).join('');
    expect(parseParameterizedValue(`a/b${many}`).parameters).toHaveLength(128);
  });

  it('never fails, and gives names that are not empty', () => {
    const piece = fc.constantFrom(
      'a',
      '/',
      ';',
      '=',
      '"',
      '(',
      ')',
      '\\',
      ' ',
      '*',
      '0',
      "'",
      '%4',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const { parameters } = parseParameterizedValue(pieces.join(''));
        expect(parameters.every(([name]) => name !== '')).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('readParameterText()', () => {
  it.each([
    ["n*=utf-8''%e2%82%ac%20x", '€ x'],
    ["n*=iso-8859-1'en'%A3", '£'],
    ["n*0*=gb2312''%C4%E3; n*1*=%BA%C3", '你好'],
    ["n*=utf-8''better; n=worse", 'better'],
    ['n*=no-quotes%21', 'no-quotes!'],
    ["n*=nonsense''%41%zz", 'A%zz'],
    ['n="=?utf-8?q?caf=C3=A9?="', 'café'],
    ['n=caf\xc3\xa9', 'café'],
    ['N=plain', 'plain'],
  ])('reads %j', (text, expected) => {
    const { parameters } = parseParameterizedValue(`a/b; ${text}`);
    expect(readParameterText(parameters, 'n')).toBe(expected);
  });

  it('gives undefined where there is none', () => {
    const { parameters } = parseParameterizedValue('a/b; nn=x');
    expect(readParameterText(parameters, 'n')).toBeUndefined();
    expect(findParameter(parameters, 'n')).toBeUndefined();
    expect(findParameter(parameters, 'NN')).toBe('x');
  });
});
