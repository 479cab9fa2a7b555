import { findAnsweredPoints, type DialogueStep } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { isImapAnswered } from './is-imap-answered.ts';

/** Longer than all that is kept of it; its lines look like whatever could be taken for an end. */
const TEXT = 'f OK not an end\r\n* 5 EXISTS\r\n+ go\r\nDONE\r\n\r\n'.repeat(40);

/** Of UIDs; longer than all that is kept of a line. */
const SET = `${'1,'.repeat(400)}1`;

function announce(message: string): string {
  return `* 1 FETCH (BODY[] {${message.length}}\r\n`;
}

/** Each dialogue with the steps behind which it may end; 0 is before the first. */
const DIALOGUES: readonly (readonly [string, readonly DialogueStep[], readonly string[]])[] = [
  ['a command', ['C: a NOOP\r\n', 'S: a OK\r\n'], ['0', '2']],
  ['NO', ['C: a SELECT x\r\n', 'S: a NO [NONEXISTENT] x\r\n'], ['0', '2']],
  ['BAD', ['C: a XYZ\r\n', 'S: a BAD what\r\n'], ['0', '2']],
  ['untagged before', ['C: a NOOP\r\n', 'S: * 5 EXISTS\r\n', 'S: a OK\r\n'], ['0', '3']],
  ['untagged behind', ['C: a NOOP\r\n', 'S: a OK\r\n', 'S: * 5 EXISTS\r\n'], ['0', '2', '3']],
  ['a literal behind', ['C: a NOOP\r\n', 'S: a OK\r\n', 'S: * LIST () "/" {3}\r\n'], ['0', '2']],
  ['nobody’s tag', ['C: a NOOP\r\n', 'S: b OK\r\n'], ['0']],
  ['part of the tag', ['C: aa NOOP\r\n', 'S: a OK\r\n'], ['0']],
  ['a greeting behind the login', ['S: * 5 EXISTS\r\n'], ['0', '1']],
  ['two at once', ['C: a NOOP\r\nb NOOP\r\n', 'S: a OK\r\n', 'S: b OK\r\n'], ['0', '3']],
  [
    'two one after the other',
    ['C: a NOOP\r\n', 'C: b SEARCH x\r\n', 'S: a OK\r\n', 'S: b OK\r\n'],
    ['0', '4'],
  ],
  [
    'a message',
    ['C: f FETCH 1 BODY[]\r\n', `S: ${announce(TEXT)}${TEXT}`, 'S: )\r\nf OK\r\n'],
    ['0', '3'],
  ],
  [
    'a small message behind a large one',
    [
      'C: f FETCH 1:2 BODY[]\r\n',
      `S: ${announce(TEXT.replaceAll('f', 'g'))}${TEXT.replaceAll('f', 'g')})\r\n`,
      `S: ${announce('a: b\r\n\r\nf OK\r\n')}a: b\r\n\r\nf OK\r\n`,
      'S: )\r\n',
      'S: f OK\r\n',
    ],
    ['0', '5'],
  ],
  ['IDLE', ['C: i IDLE\r\n', 'S: + idling\r\n', 'S: * 5 EXISTS\r\n'], ['0', '2', '3']],
  ['IDLE refused', ['C: i IDLE\r\n', 'S: i BAD what\r\n'], ['0', '2']],
  ['IDLE not begun', ['C: i IDLE\r\n', 'S: * 5 EXISTS\r\n'], ['0']],
  ['IDLE behind news', ['C: i idle\r\n', 'S: * 5 EXISTS\r\n', 'S: + \r\n'], ['0', '3']],
  [
    'a literal in IDLE',
    ['C: i IDLE\r\n', 'S: + idling\r\n', 'S: * 1 FETCH (BODY[TEXT] {5}\r\n', 'S: ab\r\nc)\r\n'],
    ['0', '2'],
  ],
  [
    'DONE',
    ['C: i IDLE\r\n', 'S: + idling\r\n* 5 EXISTS\r\n', 'C: DONE\r\n', 'S: i OK\r\n'],
    ['0', '2-12', '2', '4'],
  ],
  [
    'DONE and the next',
    ['C: i IDLE\r\n', 'S: + \r\n', 'C: done\r\nb NOOP\r\n', 'S: i OK\r\n', 'S: b OK\r\n'],
    ['0', '2', '5'],
  ],
  [
    'many news in IDLE',
    [
      'C: i IDLE\r\n',
      'S: + idling\r\n',
      `S: ${'* OK Still here, and so are you all\r\n'.repeat(9)}`,
    ],
    ['0', '2', ...[8, 7, 6, 5, 4, 3, 2, 1].map((left) => `3-${left * 37}`), '3'],
  ],
  [
    'APPEND',
    ['C: p APPEND INBOX {6}\r\n', 'S: + go\r\n', 'C: a b\r\nc', 'C: \r\n', 'S: p OK\r\n'],
    ['0', '5'],
  ],
  [
    'APPEND, and news meanwhile',
    ['C: p APPEND INBOX {5}\r\n', 'S: * 5 EXISTS\r\n+ go\r\n', 'C: a b\r\n\r\n', 'S: p OK\r\n'],
    ['0', '4'],
  ],
  [
    'APPEND of a large message',
    [
      `C: p APPEND INBOX (\\Seen) {${TEXT.length}}\r\n`,
      'S: + go\r\n',
      `C: ${TEXT}`,
      'C: \r\n',
      'S: p OK [APPENDUID 1 2]\r\n',
    ],
    ['0', '5'],
  ],
  [
    'APPEND without waiting',
    [`C: p APPEND INBOX {${TEXT.length}+}\r\n${TEXT}\r\n`, 'S: p OK\r\n'],
    ['0', '2'],
  ],
  [
    'APPEND of several',
    [
      'C: p APPEND x {3}\r\n',
      'S: + go\r\n',
      'C: a\r\n {2+}\r\nbb {1}\r\n',
      'S: + go\r\n',
      'C: c\r\n',
    ],
    ['0'],
  ],
  [
    'an answer to another while the client owes',
    ['C: a NOOP\r\np APPEND x {9+}\r\nb c\r\n', 'S: a OK\r\n', 'C: d\r\n\r\n', 'S: p OK\r\n'],
    ['0', '4'],
  ],
  [
    'a literal refused',
    ['C: p APPEND x {9}\r\n', 'S: p NO [OVERQUOTA] x\r\n', 'C: b NOOP\r\n', 'S: b OK\r\n'],
    ['0', '2', '4'],
  ],
  [
    'a search by literal',
    ['C: s SEARCH TEXT {3}\r\n', 'S: + go\r\n', 'C: abc UNSEEN\r\n', 'S: * SEARCH\r\ns OK\r\n'],
    ['0', '4'],
  ],
  ['half a command', ['C: a NOO', 'S: * 5 EXISTS\r\n'], ['0']],
  ['a long command', [`C: a UID FETCH ${SET} UID\r\n`, 'S: a OK\r\n'], ['0', '2']],
  ['a long command by halves', [`C: a UID FETCH ${SET}`, 'S: * 5 EXISTS\r\n'], ['0']],
  [
    'a long command behind another',
    [`C: a NOOP\r\nb UID FETCH ${SET} UID\r\n`, 'S: a OK\r\n', 'S: b OK\r\n'],
    ['0', '3'],
  ],
  [
    'a long command with a literal',
    [`C: s UID SEARCH UID ${SET} TEXT {3}\r\n`, 'S: + go\r\n', 'C: abc UNSEEN\r\n', 'S: s OK\r\n'],
    ['0', '4'],
  ],
  [
    'a long answer',
    ['C: a UID COPY 1:* x\r\n', `S: a OK [COPYUID 7 ${SET} ${SET}] done\r\n`],
    ['0', '2'],
  ],
  [
    'a long answer behind another one’s',
    ['C: a NOOP\r\nb UID COPY 1:* x\r\n', `S: a OK\r\nb OK [COPYUID 7 ${SET} ${SET}] done\r\n`],
    ['0', '2'],
  ],
  ['a long answer to somebody else', ['C: a NOOP\r\n', `S: b OK [COPYUID 7 ${SET}]\r\n`], ['0']],
  [
    'long news in IDLE',
    ['C: i IDLE\r\n', 'S: + idling\r\n', `S: * OK ${SET}\r\n`, `S: * LIST () "/" x${SET} {3}\r\n`],
    ['0', '2', '3'],
  ],
  [
    'the next behind that',
    [`C: a FETCH ${SET} UID\r\n`, 'S: a OK\r\n', 'C: b NOOP\r\n', 'S: b OK\r\n'],
    ['0', '2', '4'],
  ],
  ['LOGOUT', ['C: a LOGOUT\r\n', 'S: * BYE\r\na OK\r\n'], ['0']],
  ['what is no IMAP', ['C: \x9d\x01\n', 'S: \x8a\x00\n', 'C: \n', 'S: \x8a \n'], ['0']],
];

describe('isImapAnswered()', () => {
  it.each(DIALOGUES)('of %s, octet by octet', (_name, steps, points) => {
    expect(findAnsweredPoints(isImapAnswered, steps)).toEqual(points);
  });

  it.each(DIALOGUES)('of %s, in larger chunks', (_name, steps, points) => {
    for (const size of [2, 3, 5, 16, 300, 65_536]) {
      const found = findAnsweredPoints(isImapAnswered, steps, size);
      expect(points).toEqual(expect.arrayContaining([...found]));
      // Several lines may come at once.
      const ends = points.filter((point) => !point.includes('-'));
      expect(found).toEqual(expect.arrayContaining(ends));
    }
  });

  // A home that stops wherever it likes: in a line, between two lines, behind half of CRLF.
  it('is nowhere in a message, and nowhere in one that is stored', () => {
    const asked: DialogueStep = 'C: f FETCH 1 BODY[]\r\ni IDLE\r\n';
    const fetched: DialogueStep = `S: ${announce(TEXT)}${TEXT})\r\n`;
    expect(findAnsweredPoints(isImapAnswered, [asked, fetched])).toEqual(['0']);
    const stored: DialogueStep = `C: p APPEND INBOX {${TEXT.length}+}\r\n${TEXT}`;
    expect(findAnsweredPoints(isImapAnswered, [stored, 'S: * OK wait\r\n'])).toEqual(['0']);
  });

  it('knows again where it is at the next command, whatever came before', () => {
    const midst: readonly DialogueStep[] = [`C: ${TEXT}`, 'S: p OK\r\n'];
    expect(findAnsweredPoints(isImapAnswered, midst)).toEqual(['0']);
    const next: readonly DialogueStep[] = [...midst, 'C: b NOOP\r\n', 'S: b OK\r\n'];
    expect(findAnsweredPoints(isImapAnswered, next)).toEqual(['0', '4']);
  });
});
