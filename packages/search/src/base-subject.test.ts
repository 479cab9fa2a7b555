/** Base subjects: RFC 5256 §2.1 and §5, row by row. */
import { decodeEncodedWords } from '@homeward/mime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractBaseSubject } from './base-subject.ts';

const REPLY = true;

describe('extractBaseSubject()', () => {
  it.each<[string, string, boolean?]>([
    ['', ''],
    ['Hello', 'Hello'],
    ['  Hello \t  World ', 'Hello World'],
    ['a\r\n b\r\n\tc', 'a b c'],
    // subj-refwd
    ['Re: Hello', 'Hello', REPLY],
    ['RE:Hello', 'Hello', REPLY],
    ['re : Hello', 'Hello', REPLY],
    ['Fw: Hello', 'Hello', REPLY],
    ['FWD: Hello', 'Hello', REPLY],
    ['Re: Re: fwd: Hello', 'Hello', REPLY],
    ['Re[2]: Hello', 'Hello', REPLY],
    ['Re [2] : Hello', 'Hello', REPLY],
    ['Re:', '', REPLY],
    ['Re: Fwd: ', '', REPLY],
    // subj-blob
    ['[list] Hello', 'Hello'],
    ['[list][x] Hello', 'Hello'],
    ['[list] Re: Hello', 'Hello', REPLY],
    ['Re: [list] Hello', 'Hello', REPLY],
    ['[a] [b] Fw: [c] Re[d]: [e] Hello', 'Hello', REPLY],
    ['[]Hello', 'Hello'],
    ['Hello [list]', 'Hello [list]'],
    // The last blob is subj-base if it would otherwise be empty.
    ['[list]', '[list]'],
    ['Re: [list]', '[list]', REPLY],
    ['[a] [b]', '[b]'],
    ['Re: [a][b] (fwd)', '[b]', REPLY],
    // subj-trailer
    ['Hello (fwd)', 'Hello', REPLY],
    ['Hello (FWD) (fwd)  ', 'Hello', REPLY],
    ['Hello(Fwd)', 'Hello', REPLY],
    ['(fwd)', '', REPLY],
    ['Re: (fwd)', '', REPLY],
    // subj-fwd
    ['[fwd: Hello]', 'Hello', REPLY],
    ['[Fwd: Re: Hello (fwd)]', 'Hello', REPLY],
    ['Re: [list] [FWD: [list] Hello]', 'Hello', REPLY],
    ['[fwd: [fwd: Hello]]', 'Hello', REPLY],
    ['[fwd: Hello] (fwd)', 'Hello', REPLY],
    ['[fwd:]', '', REPLY],
    ['[x] [fwd: Hello]', 'Hello', REPLY],
    ['[fwd: [a] b]', 'b', REPLY],
  ])('finds in %j the base %j', (subject, text, isReplyOrForward = false) => {
    expect(extractBaseSubject(subject)).toEqual({ text, isReplyOrForward });
  });

  it.each([
    'Reply: Hello',
    'Re Hello',
    'Regarding: x',
    'Fwdx: Hello',
    'AW: Hello',
    'Re[2: Hello',
    'Re]2[: Hello',
    'Re[[2]]: Hello',
    '[list Hello',
    'list] Hello',
    '(fwd) Hello',
    'Hello (fwd',
    'Hello fwd)',
    '[fwd Hello',
    '[[a] b] Hello',
    'Hello Re: World',
  ])('leaves %j as it is', (subject) => {
    expect(extractBaseSubject(subject)).toEqual({ text: subject, isReplyOrForward: false });
  });

  it('takes "[fwd: x]" in front of something for a blob, as the grammar has it', () => {
    expect(extractBaseSubject('[fwd: x] Hello')).toEqual({
      text: 'Hello',
      isReplyOrForward: false,
    });
  });

  it.each([
    ['=?utf-8?q?Re:_Gr=C3=BC=C3=9Fe?=', 'Grüße'],
    ['=?iso-2022-jp?B?UmU6IBskQiQzJHMkSyRBJE8bKEI=?=', 'こんにちは'],
    ['Re: =?utf-8?q?[list]?= =?utf-8?q?_Fwd:_?= Hello', 'Hello'],
  ])('sees through the encoded words of %j', (subject, text) => {
    expect(extractBaseSubject(decodeEncodedWords(subject))).toEqual({
      text,
      isReplyOrForward: true,
    });
  });

  it('finds nothing more in what it found', () => {
    const piece = fc.constantFrom('Re:', 'fw', ':', '[', ']', 'x', ' ', '(fwd)', '[fwd:', '[a]');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const { text } = extractBaseSubject(pieces.join(''));
        expect(extractBaseSubject(text).text).toBe(text);
      }),
    );
  });

  it.each(['[]', '[', 'Re:', '[fwd:', '(fwd)', 're[', ' [x]', '[fwd: x]'])(
    'is done in time with a subject of nothing but %j',
    (piece) => {
      const startMs = performance.now();
      extractBaseSubject(piece.repeat(100_000));
      expect(performance.now() - startMs).toBeLessThan(1_000);
    },
  );
});
