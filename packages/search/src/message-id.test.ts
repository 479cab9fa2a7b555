/** Message identifiers of RFC 5322 §3.6.4, normalised for RFC 5256 §3 REFERENCES. */
import { describe, expect, it } from 'vitest';
import { messageIdKeyOf, parseMessageIds } from './message-id.ts';

describe('parseMessageIds()', () => {
  it.each<[string, string[]]>([
    ['<a@b>', ['a@b']],
    ['<a@b> <c@d>', ['a@b', 'c@d']],
    ['<a@b><c@d>', ['a@b', 'c@d']],
    ['<01KF8JCEOCBS0045PS@xxx.yyy.com>', ['01KF8JCEOCBS0045PS@xxx.yyy.com']],
    ['<"01KF8JCEOCBS0045PS"@xxx.yyy.com>', ['01KF8JCEOCBS0045PS@xxx.yyy.com']],
    ['<"a \\"b\\\\"@c>', ['a "b\\@c']],
    ['<a@[10.0.0.1]>', ['a@[10.0.0.1]']],
    ['< a@\tb >', ['a@b']],
    ['<a@b@c>', ['a@b@c']],
    ['Message of Monday from <a@b> (Anna) "x"', ['a@b']],
    ['<unfinished <a@b>', ['a@b']],
    ['<no-at> <a@b>', ['a@b']],
    ['<A@b> <a@B>', ['A@b', 'a@B']],
  ])('reads %j', (value, ids) => {
    expect(parseMessageIds(value)).toEqual(ids);
  });

  it.each(['', 'a@b', '<>', '<@>', '<a@>', '<@b>', '<a', '<a@b', '>a@b<', '<no-at>', '<<<'])(
    'finds none in %j',
    (value) => {
      expect(parseMessageIds(value)).toEqual([]);
    },
  );

  it('stops when it has enough', () => {
    expect(parseMessageIds('<a@b> <c@d> <e@f>', 2)).toEqual(['a@b', 'c@d']);
  });

  it.each(['<', '<>', '<"', '<a@b>', '<"\\"@b>'])(
    'is done in time with a value of nothing but %j',
    (piece) => {
      const startMs = performance.now();
      parseMessageIds(piece.repeat(50_000));
      expect(performance.now() - startMs).toBeLessThan(1_000);
    },
  );
});

describe('messageIdKeyOf()', () => {
  it('tells identifiers apart, capitals too', () => {
    const ids = Array.from({ length: 1000 }, (_, number) => `id${number}@x`);
    const keys = [...ids, 'ID1@x'].map(messageIdKeyOf);
    expect(new Set(keys).size).toBe(1001);
    expect(keys.every((key) => Number.isSafeInteger(key) && key > 0)).toBe(true);
  });

  it('is the same for ever, since it is stored', () => {
    expect(messageIdKeyOf('a@b')).toBe(2_058_893_694_867_691);
  });
});
