/** What is kept of a message for SORT and THREAD, and how it is stored. */
import { foldForSearch, scanMessage } from '@homeward/mime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MessageIdKey, messageIdKeyOf } from './message-id.ts';
import { makeSortFacts, maxReferences, type SortFacts } from './sort-facts.ts';
import { decodeSortFacts, encodeSortFacts } from './sort-facts-codec.ts';

function factsOf(...lines: readonly string[]): SortFacts {
  const header = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  return makeSortFacts(scanMessage(header), header);
}

const keys = (...ids: readonly string[]): readonly MessageIdKey[] => ids.map(messageIdKeyOf);

describe('makeSortFacts()', () => {
  it('reads all that SORT and THREAD ask for', () => {
    const facts = factsOf(
      'From: =?utf-8?q?J=C3=BCrgen?= <juergen@example.test>, b@example.test',
      'To: "Anna, the first" <anna@example.test>',
      'Cc: carl@example.test',
      'Subject: Re: [list] =?iso-8859-1?q?Gr=FC=DFe?=',
      'Date: 31 Dec 2000 16:01:33 -0800',
      'Message-ID: <m@x>',
      'References: <a@x>',
      ' <"b"@x>',
      'In-Reply-To: <ignored@x>',
    );
    expect(facts).toEqual({
      subject: foldForSearch('Grüße'),
      isReplyOrForward: true,
      sentDateMs: Date.UTC(2001, 0, 1, 0, 1, 33),
      sentDay: Date.UTC(2000, 11, 31) / 86_400_000,
      from: 'JUERGEN',
      to: 'ANNA',
      cc: 'CARL',
      displayFrom: foldForSearch('Jürgen'),
      displayTo: 'ANNA, THE FIRST',
      messageId: messageIdKeyOf('m@x'),
      references: keys('a@x', 'b@x'),
    });
  });

  it('takes missing headers for empty ones', () => {
    expect(factsOf('X-Nothing: here')).toEqual({
      subject: '',
      isReplyOrForward: false,
      sentDateMs: undefined,
      sentDay: undefined,
      from: '',
      to: '',
      cc: '',
      displayFrom: '',
      displayTo: '',
      messageId: undefined,
      references: [],
    });
  });

  it.each<[string, readonly string[], string[]]>([
    ['References before In-Reply-To', ['In-Reply-To: <b@x>', 'References: <a@x>'], ['a@x']],
    ['the first of In-Reply-To', ['In-Reply-To: <b@x> from <anna@x>'], ['b@x']],
    ['In-Reply-To where References has none', ['References: none', 'In-Reply-To: <b@x>'], ['b@x']],
    ['nothing where neither has any', ['References: <>', 'In-Reply-To: your mail'], []],
  ])('takes %s for references', (_, lines, ids) => {
    expect(factsOf(...lines).references).toEqual(keys(...ids));
  });

  it('keeps the first and the last of many references', () => {
    const ids = Array.from({ length: 1_000 }, (_, number) => `${number}@x`);
    const header = Buffer.from(`References: ${ids.map((id) => `<${id}>`).join('\r\n ')}\r\n\r\n`);
    const { references } = makeSortFacts(scanMessage(header), header);
    expect(references).toHaveLength(maxReferences);
    expect(references[0]).toBe(messageIdKeyOf('0@x'));
    expect(references.slice(1)).toEqual(keys(...ids.slice(1 - maxReferences)));
  });

  it('makes do with In-Reply-To where the header is not to be had', () => {
    const message = Buffer.from('In-Reply-To: <b@x>\r\nReferences: <a@x>\r\n\r\n');
    expect(makeSortFacts(scanMessage(message), undefined).references).toEqual(keys('b@x'));
  });

  it.each([
    ['From: Anna <anna@x>', 'ANNA'],
    ['From: anna@x', 'ANNA@X'],
    ['From: "" <anna@x>', 'ANNA@X'],
    ['From: =?utf-8?q??= <anna@x>', 'ANNA@X'],
    ['From: friends: anna@x;', 'FRIENDS'],
    ['From:', ''],
  ])('gives %j the display value %j (RFC 5957 §3)', (line, display) => {
    expect(factsOf(line).displayFrom).toBe(display);
  });
});

describe('decodeSortFacts()', () => {
  const key = fc.integer({ min: 1, max: 2 ** 52 }) as fc.Arbitrary<MessageIdKey>;
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.constantFrom('', 'é', '漢'.repeat(500)),
  );
  const facts: fc.Arbitrary<SortFacts> = fc
    .record({
      subject: text,
      isReplyOrForward: fc.boolean(),
      sentDateMs: fc.option(fc.integer({ min: -1e14, max: 1e14 }), { nil: undefined }),
      sentDay: fc.integer({ min: -1e6, max: 1e7 }),
      from: text,
      to: text,
      cc: text,
      displayFrom: text,
      displayTo: text,
      messageId: fc.option(key, { nil: undefined }),
      references: fc.array(key, { maxLength: maxReferences }),
    })
    .map((one) => (one.sentDateMs === undefined ? { ...one, sentDay: undefined } : one));

  const plain = (one: SortFacts | undefined): SortFacts | undefined =>
    one && {
      subject: one.subject,
      isReplyOrForward: one.isReplyOrForward,
      sentDateMs: one.sentDateMs,
      sentDay: one.sentDay,
      from: one.from,
      to: one.to,
      cc: one.cc,
      displayFrom: one.displayFrom,
      displayTo: one.displayTo,
      messageId: one.messageId,
      references: one.references,
    };

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(facts, (one) => {
        const octets = encodeSortFacts(one);
        expect(plain(decodeSortFacts(octets))).toEqual(one);
        const inside = Buffer.concat([Buffer.from('before'), octets]).subarray(6);
        expect(plain(decodeSortFacts(inside))).toEqual(one);
      }),
    );
  });

  it('takes nothing that is cut, longer or of another version', () => {
    fc.assert(
      fc.property(facts, fc.nat(), (one, cut) => {
        const octets = encodeSortFacts(one);
        expect(decodeSortFacts(octets.subarray(0, cut % octets.length))).toBeUndefined();
        expect(decodeSortFacts(Buffer.concat([octets, Buffer.of(0)]))).toBeUndefined();
        const later = Buffer.from(octets);
        later[0] = 2;
        expect(decodeSortFacts(later)).toBeUndefined();
      }),
    );
  });

  it('reads any octets without failing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        octets[0] = 1;
        plain(decodeSortFacts(octets));
      }),
    );
  });
});
