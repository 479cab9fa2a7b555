/** Mailbox names as they are written are mailbox names as they are read, in both spellings. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentDecoder } from '../argument-decoder.ts';
import { formatMailbox } from './mailbox.ts';

const name = fc
  .string({ unit: 'binary', maxLength: 40 })
  .filter((text) => text.isWellFormed() && !/[\0-\x1f\x7f-\x9f\u2028\u2029]/.test(text))
  .filter((text) => !/^inbox/i.test(text));

describe('formatMailbox()', () => {
  it.each([false, true])('is undone by reading, with UTF-8 enabled: %s', (isUtf8) => {
    fc.assert(
      fc.property(name, (text) => {
        const written = formatMailbox(text, isUtf8);
        expect(written).not.toMatch(/[\r\n]/);
        expect(new ArgumentDecoder(written, false, isUtf8).mailbox()).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['', '""'],
    ['Sent', 'Sent'],
    ['NIL', '"NIL"'],
    ['a b', '"a b"'],
    ['a"\\', '"a\\"\\\\"'],
    ['é', '"\xc3\xa9"'],
  ])('writes %j in UTF-8 as %j', (text, written) => {
    expect(formatMailbox(text, true)).toBe(written);
  });
});
