/** What of a command may stand in a log. */
import { describe, expect, it } from 'vitest';
import { createCommandReader } from '../grammar/create-command-reader.ts';
import { describeArguments } from './describe-command.ts';

function describeLine(line: string): string {
  const reader = createCommandReader({ commandBytes: 8_192, messageBytes: 1_000 });
  reader.push(Buffer.from(`a ${line}\r\n`, 'latin1'));
  const event = reader.next();
  if (!('command' in event)) throw new Error(JSON.stringify(event));
  return describeArguments(event.command);
}

describe('describeArguments()', () => {
  it.each([
    ['NOOP', ''],
    ['SELECT INBOX', 'INBOX'],
    ['SELECT "Old mail"', '"Old mail"'],
    ['LIST "" "*"', '"" *'],
    ['STATUS Sent (MESSAGES UIDNEXT)', 'Sent (MESSAGES UID-NEXT)'],
    [
      'UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (DATE)])',
      '(UID) 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (DATE)])',
    ],
    ['FETCH 3 BODY[]<0.100>', '3 (BODY[]<0.100>)'],
    ['STORE 1,4 +FLAGS.SILENT (\\Deleted)', '1,4 +FLAGS.SILENT (\\Deleted)'],
    ['MOVE 2:3 Archive', '2:3 Archive'],
    ['UID EXPUNGE 7', '7'],
  ])('%s: %s', (line, described) => expect(describeLine(line)).toBe(described));

  it.each([
    ['SEARCH FROM secret', 'HEADER FROM *****'],
    [
      'SEARCH UNSEEN OR BODY secret NOT TEXT secret',
      '(NOT FLAG \\Seen OR BODY ***** NOT TEXT *****)',
    ],
    ['SORT (REVERSE DATE) UTF-8 SUBJECT secret', '(REVERSE DATE) HEADER SUBJECT *****'],
    ['THREAD REFERENCES UTF-8 HEADER X-A secret', 'REFERENCES HEADER X-A *****'],
    ['SETMETADATA INBOX (/private/comment "secret")', 'INBOX /private/comment *****'],
    ['ID ("name" "Mutt" "support-url" "secret")', 'name Mutt'],
    ['LOGIN anna secret', 'anna *****'],
    ['AUTHENTICATE PLAIN c2VjcmV0', 'PLAIN *****'],
    ['APPEND Drafts (\\Seen) {6}', 'Drafts *****'],
  ])('%s: %s, and not what it says', (line, described) => {
    expect(describeLine(line)).toBe(described);
    expect(described).not.toMatch(/secret|c2VjcmV0/);
  });
});
