/** The tokenizer must come to the end of any text: it reads what strangers wrote. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressTokenizer } from './address-tokens.ts';

function tokensOf(text: string): string[] {
  const tokenizer = new AddressTokenizer(text);
  const tokens: string[] = [];
  for (let token = tokenizer.next(); token !== undefined; token = tokenizer.next()) {
    // Each token takes at least one character, so there are never more of them.
    if (tokens.length > text.length) throw new Error('the tokenizer does not advance');
    tokens.push(token.text);
  }
  return tokens;
}

describe('AddressTokenizer', () => {
  it.each([
    ['\u00a0', ['\u00a0']],
    // The octets of "à" in UTF-8, as a Latin-1 view has them.
    ['Jo\u00c3\u00a0o', ['Jo\u00c3\u00a0o']],
    ['a\rb', ['a', 'b']],
    ['a\vb\fc', ['a', 'b', 'c']],
    ['\r', []],
    ['\0', ['\0']],
    ['\u0085', ['\u0085']],
  ])('reads %j as %j', (text, expected) => {
    expect(tokensOf(text)).toEqual(expected);
  });

  it('comes to the end of every single character', () => {
    for (let code = 0; code < 256; code += 1) tokensOf(`a${String.fromCharCode(code)}b`);
  });

  it('comes to the end of any Latin-1 text', () => {
    const latin1 = fc
      .uint8Array({ maxLength: 200 })
      .map((octets) => Buffer.from(octets).toString('latin1'));
    fc.assert(
      fc.property(latin1, (text) => {
        tokensOf(text);
      }),
      { numRuns: 2_000 },
    );
  });
});
