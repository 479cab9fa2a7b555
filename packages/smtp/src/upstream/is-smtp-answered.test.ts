import { findAnsweredPoints, type DialogueStep } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { isSmtpAnswered } from './is-smtp-answered.ts';

/** Longer than all that is kept of it; its lines look like whatever could be taken for an end. */
const TEXT = '250 not an end\r\nRSET\r\n..\r\n. \r\n\r\n'.repeat(40);

const ENVELOPE = 'MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n';

/** Each dialogue with the steps behind which it may end; 0 is before the first. */
const DIALOGUES: readonly (readonly [string, readonly DialogueStep[], readonly string[]])[] = [
  ['a command', ['C: NOOP\r\n', 'S: 250 2.0.0 done\r\n'], ['0', '2']],
  ['a bare reply', ['C: rset\r\n', 'S: 250\r\n'], ['0', '2']],
  ['several lines', ['C: EHLO x\r\n', 'S: 250-x\r\n250-SIZE\r\n', 'S: 250 HELP\r\n'], ['0', '3']],
  [
    'many lines',
    ['C: HELP\r\n', `S: ${'214-read the manual\r\n'.repeat(40)}`, 'S: 214 end\r\n'],
    ['0', '3'],
  ],
  [
    'two at once, the first one’s reply long',
    ['C: HELP\r\nNOOP\r\n', `S: ${'214-read the manual\r\n'.repeat(40)}214 end\r\n`],
    ['0'],
  ],
  ['refused for now', ['C: MAIL FROM:<>\r\n', 'S: 450 later\r\n'], ['0', '2']],
  ['refused', ['C: RCPT TO:<x>\r\n', 'S: 550 5.1.1 no\r\n'], ['0', '2']],
  ['what is no reply', ['C: NOOP\r\n', 'S: hello\r\n', 'S: 250 x\r\n'], ['0']],
  ['half a command', ['C: NOO', 'S: 250 x\r\n'], ['0']],
  ['an unknown command', ['C: XYZ\r\n', 'S: 500 what\r\n'], ['0']],
  ['two at once', ['C: NOOP\r\nRSET\r\n', 'S: 250 a\r\n', 'S: 250 b\r\n'], ['0', '3']],
  ['an invitation', [`C: ${ENVELOPE}`, 'S: 250 a\r\n250 b\r\n', 'S: 354 go\r\n'], ['0']],
  ['no invitation', [`C: ${ENVELOPE}`, 'S: 250 a\r\n550 b\r\n', 'S: 554 no\r\n'], ['0', '3']],
  [
    'a message',
    ['C: DATA\r\n', 'S: 354 go\r\n', `C: ${TEXT}`, 'C: .\r\n', 'S: 250-2.0.0\r\n', 'S: 250 x\r\n'],
    ['0', '6'],
  ],
  ['a small one', ['C: DATA\r\n', 'S: 354 go\r\n', 'C: NOOP\r\n.\r\n', 'S: 452 x\r\n'], ['0', '4']],
  ['a reply inside it', ['C: DATA\r\n', 'S: 354 go\r\n', 'C: NOOP\r\n', 'S: 250 x\r\n'], ['0']],
  [
    'a message and more at once',
    ['C: DATA\r\n', 'S: 354 go\r\n', 'C: x\r\n.\r\nRSET\r\n', 'S: 250 x\r\n', 'S: 250 y\r\n'],
    ['0'],
  ],
  ['a chunk', ['C: BDAT 6\r\nRSET\r\n', 'S: 250 x\r\n'], ['0']],
  [
    'the rest of a chunk',
    ['C: BDAT 9\r\nab', 'S: 250 x\r\n', 'C: c\r\n.\r\n', 'S: 250\r\n'],
    ['0'],
  ],
  ['a question of SASL', ['C: AUTH LOGIN\r\n', 'S: 334 x\r\n'], ['0']],
  ['a long command', [`C: RCPT TO:<a@b> ORCPT=${'x'.repeat(600)}\r\n`, 'S: 250 a\r\n'], ['0', '2']],
  ['a long reply', ['C: NOOP\r\n', `S: 250 ${'x'.repeat(600)}\r\n`], ['0', '2']],
  [
    'a long reply that goes on',
    ['C: HELP\r\n', `S: 214-${'x'.repeat(600)}\r\n`, 'S: 214 x\r\n'],
    ['0', '3'],
  ],
  ['what is no command, and long', [`C: ${'x'.repeat(600)}\r\n`, 'S: 500 what\r\n'], ['0']],
  ['QUIT', ['C: QUIT\r\n', 'S: 221 bye\r\n'], ['0']],
];

describe('isSmtpAnswered()', () => {
  it.each(DIALOGUES)('of %s, octet by octet', (_name, steps, points) => {
    expect(findAnsweredPoints(isSmtpAnswered, steps)).toEqual(points);
  });

  it.each(DIALOGUES)('of %s, in larger chunks', (_name, steps, points) => {
    for (const size of [2, 3, 5, 16, 300, 65_536]) {
      expect(findAnsweredPoints(isSmtpAnswered, steps, size)).toEqual(points);
    }
  });
});
