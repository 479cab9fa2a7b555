import { describe, expect, test } from 'vitest';
import { comparableAddress, namesOf, parseMailAddress } from './mail-address.ts';

function namesAt(text: string): readonly string[] | undefined {
  const address = parseMailAddress(text);
  return address && namesOf(address, address.localPart);
}

describe('parseMailAddress()', () => {
  test.each<[string, string, string | undefined]>([
    ['Anna@Example.ORG', 'Anna', 'example.org'],
    ['"anna"@example.org', 'anna', 'example.org'],
    ['"a b"@example.org', 'a b', 'example.org'],
    ['a@b@example.org', 'a@b', 'example.org'],
    ['anna@MÜNCHEN.example', 'anna', 'xn--mnchen-3ya.example'],
    ['anna@[192.0.2.1]', 'anna', '[192.0.2.1]'],
    ['Postmaster', 'Postmaster', undefined],
  ])('reads %s', (text, localPart, domain) => {
    expect(parseMailAddress(text)).toMatchObject({ localPart, domain });
  });

  test.each(['', 'anna', '@example.org', 'anna@', `${'a'.repeat(1_000)}@example.org`])(
    'finds no mailbox in "%s"',
    (text) => {
      expect(parseMailAddress(text)).toBeUndefined();
    },
  );
});

describe('namesOf()', () => {
  test.each<[string, readonly string[]]>([
    ['Anna@Example.ORG', ['anna@example.org']],
    // RFC 6531: é as one character or as two.
    ['Rene\u0301@example.org', ['ren\u00e9@example.org']],
    ['anna@münchen.example', ['anna@münchen.example', 'anna@xn--mnchen-3ya.example']],
    ['anna@xn--mnchen-3ya.example', ['anna@xn--mnchen-3ya.example', 'anna@münchen.example']],
    // Nobody can have these, and nothing else may be found in their place.
    ['"a b"@example.org', []],
    ['a@b@example.org', []],
    ['an\u200bna@example.org', []],
    ['an\0na@example.org', []],
    ['"an\\"na"@example.org', []],
  ])('of %s', (text, names) => {
    expect(namesAt(text)).toEqual(names);
  });
});

describe('comparableAddress()', () => {
  test('is the same for all ways of writing an address, and for no other', () => {
    const forms = ['Anna@MÜNCHEN.example', '"anna"@xn--mnchen-3ya.example', 'ANNA@münchen.Example'];
    expect(new Set(forms.map(comparableAddress)).size).toBe(1);
    expect(comparableAddress('anna@example.org')).not.toBe(comparableAddress('ann@example.org'));
  });
});
