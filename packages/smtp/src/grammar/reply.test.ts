import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatReply, formatReplyLines, parseReplyLine } from './reply.ts';

describe('formatReply()', () => {
  test('writes code, enhanced code and text', () => {
    expect(formatReply(250, '2.1.0', 'Sender OK')).toBe('250 2.1.0 Sender OK\r\n');
  });

  test('stays one line of 512 octets, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2000 }), (text) => {
        const line = formatReply(550, '5.1.1', text);
        expect(line).toMatch(/^550 5\.1\.1 [ -~]*\r\n$/u);
        expect(line.length).toBeLessThanOrEqual(512);
      }),
    );
  });

  test('repeats both codes on each line (RFC 2034 §4)', () => {
    expect(formatReplyLines({ code: 250, enhanced: '2.0.0', lines: ['a', 'b'] })).toBe(
      '250-2.0.0 a\r\n250 2.0.0 b\r\n',
    );
  });
});

describe('parseReplyLine()', () => {
  test.each([
    ['250 OK', { code: 250, enhanced: undefined, isLast: true, text: 'OK' }],
    ['250-SIZE 10', { code: 250, enhanced: undefined, isLast: false, text: 'SIZE 10' }],
    ['250', { code: 250, enhanced: undefined, isLast: true, text: '' }],
    ['250 ', { code: 250, enhanced: undefined, isLast: true, text: '' }],
    ['550 5.1.1 Unknown', { code: 550, enhanced: '5.1.1', isLast: true, text: 'Unknown' }],
    ['550-5.1.1', { code: 550, enhanced: '5.1.1', isLast: false, text: '' }],
  ])('reads %j', (line, expected) => {
    expect(parseReplyLine(line)).toEqual(expected);
  });

  test.each(['', '25 OK', '250OK', '150 x', '650 x', '+OK', '* OK'])(
    'takes %j for none',
    (line) => {
      expect(parseReplyLine(line)).toBeUndefined();
    },
  );
});
