import { findAnsweredPoints, type DialogueStep } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { isPop3Answered } from './is-pop3-answered.ts';

/** Longer than all that is kept of it; its lines look like whatever could be taken for an end. */
const TEXT = '+OK not an end\r\n-ERR nor this\r\n..\r\n. \r\n'.repeat(40);

/** Each dialogue with the steps behind which it may end; 0 is before the first. */
const DIALOGUES: readonly (readonly [string, readonly DialogueStep[], readonly string[]])[] = [
  ['a command', ['C: STAT\r\n', 'S: +OK 1 2\r\n'], ['0', '2']],
  ['one that is refused', ['C: DELE 9\r\n', 'S: -ERR no such message\r\n'], ['0', '2']],
  ['a bare answer', ['C: noop\r\n', 'S: +OK\r\n'], ['0', '2']],
  ['what is no answer', ['C: NOOP\r\n', 'S: +OKAY\r\n'], ['0']],
  ['half a command', ['C: NOOP', 'S: +OK\r\n'], ['0']],
  ['a list', ['C: LIST\r\n', 'S: +OK\r\n', 'S: 1 5\r\n', 'S: .\r\n'], ['0', '4']],
  ['one line of it', ['C: LIST 1\r\n', 'S: +OK 1 5\r\n'], ['0', '2']],
  ['UIDL', ['C: UIDL \r\n', 'S: +OK\r\n', 'S: .\r\n'], ['0', '3']],
  ['CAPA', ['C: CAPA\r\n', 'S: +OK\r\nTOP\r\n', 'S: .\r\n'], ['0', '3']],
  ['a message', ['C: RETR 1\r\n', 'S: +OK 9 octets\r\n', `S: ${TEXT}`, 'S: .\r\n'], ['0', '4']],
  ['a small one', ['C: TOP 1 0\r\n', 'S: +OK\r\n-ERR\r\n\r\n', 'S: .\r\n'], ['0', '3']],
  ['no such message', ['C: RETR 2\r\n', 'S: -ERR no such message\r\n'], ['0', '2']],
  [
    'several at once',
    ['C: DELE 1\r\nRETR 2\r\nNOOP\r\n', 'S: +OK\r\n', 'S: +OK\r\nx\r\n.\r\n', 'S: +OK\r\n'],
    ['0', '4'],
  ],
  ['two messages at once', ['C: RETR 1\r\nRETR 2\r\n', `S: +OK\r\n${TEXT}.\r\n`], ['0']],
  [
    'the next while one is on its way',
    ['C: RETR 1\r\n', `S: +OK\r\n${TEXT}`, 'C: RETR 2\r\n', `S: ${TEXT}.\r\n`],
    ['0'],
  ],
  ['more answers than commands', ['C: NOOP\r\n', 'S: +OK\r\n', 'S: +OK\r\n'], ['0', '2']],
  ['what nobody knows', ['C: XTND XLST\r\n', 'S: +OK\r\n'], ['0']],
  ['what nobody knows, refused', ['C: XTND XLST\r\n', 'S: -ERR what\r\n'], ['0', '2']],
  ['a long refusal', ['C: DELE 9\r\n', `S: -ERR ${'no '.repeat(200)}\r\n`], ['0', '2']],
  ['a long answer', ['C: STAT\r\n', `S: +OK 1 2 ${'x'.repeat(600)}\r\n`], ['0', '2']],
  [
    'a long beginning of a list',
    ['C: LIST\r\n', `S: +OK ${'x'.repeat(600)}\r\n`, 'S: .\r\n'],
    ['0', '3'],
  ],
  ['a long command', [`C: NOOP ${'x'.repeat(600)}\r\n`, 'S: +OK\r\n'], ['0', '2']],
  ['QUIT', ['C: QUIT\r\n', 'S: +OK bye\r\n'], ['0']],
  ['DELE and QUIT', ['C: DELE 1\r\nQUIT\r\n', 'S: +OK\r\n+OK\r\n'], ['0']],
];

describe('isPop3Answered()', () => {
  it.each(DIALOGUES)('of %s, octet by octet', (_name, steps, points) => {
    expect(findAnsweredPoints(isPop3Answered, steps)).toEqual(points);
  });

  it.each(DIALOGUES)('of %s, in larger chunks', (_name, steps, points) => {
    for (const size of [2, 3, 5, 16, 300, 65_536]) {
      expect(findAnsweredPoints(isPop3Answered, steps, size)).toEqual(points);
    }
  });
});
