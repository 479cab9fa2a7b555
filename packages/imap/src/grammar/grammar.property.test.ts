/** Properties of reading commands that hold for every input, however it arrives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCommandReader } from './create-command-reader.ts';
import { arbitraryAppend, arbitraryCommand, cuts } from './testing/arbitrary-command.ts';
import { appendEvents, formatAppend } from './testing/format-append.ts';
import { formatCommand } from './testing/format-command.ts';
import { octetByOctet, readEvents, TEST_LIMITS } from './testing/read-events.ts';
import type { SeenEvent } from './testing/read-events.ts';

const RUNS = { numRuns: 400 };

/** Commands and, in between, what is none. */
const traffic = fc
  .array(
    fc.oneof(
      arbitraryCommand.map((command) => `a ${formatCommand(command)}\r\n`),
      arbitraryAppend.map((append) => `b ${formatAppend(append, false)}\r\n`),
      fc.constantFrom(
        'c SELECT {5}\r\nINBOX\r\n',
        'c LOGIN {3}\r\nx\0y z\r\n',
        'c SELECT {9999999}\r\n',
        'c SELECT {20000+}\r\n',
        'c APPEND INBOX {70000+}\r\n',
        'c APPEND INBOX CATENATE (URL /x TEXT {2+}\r\nab URL {2}\r\n/y)\r\n',
        'c APPEND INBOX UTF8 (~{2+}\r\nab)\r\n',
        'c REPLACE * INBOX {2+}\r\nab {2+}\r\nab\r\n',
        'c NOOP\n',
        'c N\0OP\r\n',
        'c {2+}\r\nab {1+}\r\nc\r\n',
        `c SEARCH ${'1,'.repeat(5000)}1 {3+}\r\n`,
        '\r\n',
        ' \r\n',
        '* OK\r\n',
      ),
      fc.string({ unit: fc.constantFrom(...'a {}+1"\\()[]<>\r\n\0*%~é'.split('')), maxLength: 30 }),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => pieces.join(''));

describe('the grammar', () => {
  it('gives back every command that it is given in writing', () => {
    fc.assert(
      fc.property(arbitraryCommand, (command) => {
        const events = readEvents([`t1 ${formatCommand(command)}\r\n`]);
        const answers = events.filter((event) => event.kind !== 'continuation');
        expect(answers).toEqual([{ kind: 'command', tag: 't1', command }]);
      }),
      RUNS,
    );
  });

  it('gives back every APPEND with its messages', () => {
    fc.assert(
      fc.property(arbitraryAppend, fc.boolean(), (append, isSynchronizing) => {
        const events = readEvents([`t1 ${formatAppend(append, isSynchronizing)}\r\n`]);
        expect(events).toEqual(appendEvents(append, isSynchronizing));
      }),
      RUNS,
    );
  });

  it('sees the same in octets one by one, in random pieces and at once', () => {
    fc.assert(
      fc.property(
        traffic.chain((text) => fc.tuple(fc.constant(text), cuts(text))),
        ([text, pieces]) => {
          const atOnce = readEvents([text]);
          expect(readEvents(pieces)).toEqual(atOnce);
          expect(readEvents(octetByOctet(text))).toEqual(atOnce);
        },
      ),
      RUNS,
    );
  });

  it('never throws and never hangs, and its texts cannot break a line', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), traffic, (octets, text) => {
        for (const event of readEvents([octets, '\r\n', text])) {
          if (event.kind === 'error') expect(event.text).toMatch(/^[ -~]+$/);
          if ('tag' in event && event.tag !== undefined) expect(event.tag).toMatch(/^[!-~]+$/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('finds the next command behind everything that is wrong but not fatal', () => {
    const wrong = fc.constantFrom(
      'x BOGUS\r\n',
      'x SELECT (\r\n',
      'x BOGUS {3}\r\n',
      'x BOGUS {5+}\r\na b\r\n\r\n',
      'x SELECT INBOX {4+}\r\nb N\n {2+}\r\nb \r\n',
      'x LOGIN a {3+}\r\n\0\0\0\r\n',
      'x NOOP\n',
      `x NOOP ${'y'.repeat(9000)}\r\n`,
      `x NOOP ${'y'.repeat(9000)} {6+}\r\nb NO\r\n\r\n`,
      'x SELECT {9000+}\r\n'.concat('b NOOP\r\n'.repeat(1125), '\r\n'),
    );
    const good: SeenEvent = { kind: 'command', tag: 'ok', command: { name: 'noop' } };
    fc.assert(
      fc.property(wrong, (text) => {
        const events = readEvents([`${text}ok NOOP\r\n`]);
        expect(events[0]).toMatchObject({ kind: 'error', isFatal: false });
        expect(events.slice(1)).toEqual([good]);
      }),
    );
  });

  it('gives back what was pushed and not read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => {
        const reader = createCommandReader(TEST_LIMITS);
        reader.push(Buffer.from('a NOOP\r\n'));
        reader.push(octets);
        expect(reader.next().kind).toBe('command');
        expect(Buffer.from(reader.takeRest()).equals(octets)).toBe(true);
        expect(reader.next()).toEqual({ kind: 'need-more' });
      }),
    );
  });
});
