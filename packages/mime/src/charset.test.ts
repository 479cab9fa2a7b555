import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitIntoOctets } from '@homeward/testkit';
import { createCharsetDecoder, decodeCharset } from './charset.ts';
import { isKnownCharset } from './charset-names.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

function decodeInPieces(octets: Uint8Array, charset: string): string {
  const decoder = createCharsetDecoder(charset);
  const texts = splitIntoOctets(octets).map((piece) => decoder.push(piece));
  return texts.join('') + decoder.finish();
}

const rows: readonly (readonly [charset: string, octets: string, text: string])[] = [
  ['utf-8', 'c3bc', 'ü'],
  ['UTF8', 'c3bc', 'ü'],
  [' "utf-8" ', 'c3bc', 'ü'],
  ['iso-8859-1', 'fc', 'ü'],
  ['iso-8859-15', 'a4', '€'],
  ['windows-1252', '80 93', '€“'],
  ['iso-8859-8-i', 'f9 ec e5 ed', 'שלום'],
  ['windows-1256', 'e3 d1 cd c8 c7', 'مرحبا'],
  ['koi8-r', 'f0d2c9', 'При'],
  ['iso-8859-7', 'ca e1', 'Κα'],
  ['iso-2022-jp', '1b2442 467c 1b2842', '日'],
  ['iso-2022-jp-ms', '1b2442 467c 1b2842', '日'],
  ['cp932', '93fa', '日'],
  ['euc-jp', 'c6fc', '日'],
  ['gb2312', 'c4e3', '你'],
  ['cp936', 'c4e3', '你'],
  ['gb18030', '8139ef30', '㐁'],
  ['big5', 'a741', '你'],
  ['cp950', 'a741', '你'],
  ['ks_c_5601-1987', 'bec8', '안'],
  ['cp949', 'bec8', '안'],
  ['utf-16le', '4f60', '恏'],
  ['macroman', '9f', 'ü'],
  ['hz-gb-2312', '61 7e7b 56504e44 7e7d 62 7e7e 63', 'a中文b~c'],
  ['HZ', '7e7b 307e 7e7d', '剥'],
  ['hz-gb-2312', '7e7b 5650 0a 5650', '中\nVP'],
  ['hz-gb-2312', '61 7e0a 62', 'ab'],
  ['iso-2022-kr', '1b242943 0e 3e4833 67 0f 61', '안녕a'],
  ['csISO2022KR', '1b242943 0a 0e 3e48 20 3e48 0a 3e48', '\n안 안\n>H'],
];

describe('decodeCharset()', () => {
  it.each(rows)('knows %s', (charset, octets, text) => {
    expect(decodeCharset(hex(octets), charset)).toBe(text);
  });

  it.each(['us-ascii', '', 'x-unknown', 'nonsense', 'constructor', 'iso-2022-cn', '__proto__'])(
    'reads octets in "%s" as UTF-8 if they are, else as windows-1252',
    (charset) => {
      expect(decodeCharset(hex('c3bc'), charset)).toBe('ü');
      expect(decodeCharset(hex('fc 80'), charset)).toBe('ü€');
    },
  );
});

describe('decodeCharset(), time and again,', () => {
  const labels = rows.map(([charset]) => charset).filter((name) => isLabel(name));

  it('keeps nothing of what it decoded before, however broken', () => {
    const escape = fc.constantFrom(
      0x1b,
      0x24,
      0x42,
      0xff,
      0x81,
      0xfe,
      0xef,
      0xbb,
      0xbf,
      0xd8,
      0x0e,
    );
    const octets = fc
      .array(fc.oneof(escape, fc.nat({ max: 255 })), { maxLength: 12 })
      .map((values) => Uint8Array.from(values));
    fc.assert(
      fc.property(fc.constantFrom(...labels), octets, octets, (name, before, after) => {
        decodeCharset(before, name);
        expect(decodeCharset(after, name)).toBe(new TextDecoder(name).decode(after));
      }),
      { numRuns: 3_000 },
    );
  });

  it('bounds how many names it remembers', () => {
    for (let number = 0; number < 10_000; number += 1) {
      expect(decodeCharset(hex('c3bc'), `x-${number}`)).toBe('ü');
    }
    expect(decodeCharset(hex('c3bc'), 'utf-8')).toBe('ü');
  });
});

function isLabel(name: string): boolean {
  try {
    return new TextDecoder(name).encoding !== '';
  } catch {
    return false;
  }
}

describe('isKnownCharset()', () => {
  it.each([...rows.map(([charset]) => charset), 'US-ASCII', 'ANSI_X3.4-1968', 'UTF-7', 'Latin1'])(
    'knows %s',
    (charset) => {
      expect(isKnownCharset(charset)).toBe(true);
    },
  );

  it.each(['', 'x-unknown', 'unknown-8bit', 'utf-9', 'iso-2022-cn', 'x-user-defined', '__proto__'])(
    'does not know "%s"',
    (charset) => {
      expect(isKnownCharset(charset)).toBe(false);
    },
  );
});

describe('createCharsetDecoder()', () => {
  it.each(rows)('decodes %s an octet at a time', (charset, octets, text) => {
    expect(decodeInPieces(hex(octets), charset)).toBe(text);
  });

  it('guesses UTF-8 until something is not', () => {
    expect(decodeInPieces(Buffer.from('añ€😀b'), '')).toBe('añ€😀b');
    expect(decodeInPieces(hex('61 c3bc fc 62'), '')).toBe('aüüb');
    expect(decodeInPieces(hex('61 c3 62'), '')).toBe('aÃb');
    expect(decodeInPieces(hex('61 e282'), '')).toBe('aâ‚');
  });

  // Without a label the guess is made piece by piece: see above.
  const names = rows.map(([charset]) => charset);

  it('never fails and agrees with itself, however split', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom(...names), (octets, name) => {
        expect(decodeInPieces(octets, name)).toBe(decodeCharset(octets, name));
      }),
    );
  });
});

describe('UTF-7', () => {
  it.each([
    ['Hi Mom -+Jjo--!', 'Hi Mom -☺-!'],
    ['A+ImIDkQ.', 'A≢Α.'],
    ['+ZeVnLIqe-', '日本語'],
    ['+2D3eAA-', '😀'],
    ['1 +- 1', '1 + 1'],
    ['+', ''],
    ['a+!b', 'a!b'],
  ])('reads %j (RFC 2152)', (text, expected) => {
    expect(decodeCharset(Buffer.from(text), 'utf-7')).toBe(expected);
    expect(decodeInPieces(Buffer.from(text), 'UNICODE-1-1-UTF-7')).toBe(expected);
  });
});
