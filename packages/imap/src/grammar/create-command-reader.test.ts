/** Framing: lines, literals, messages, bounds, and what follows something wrong. */
import { describe, expect, it } from 'vitest';
import { createCommandReader } from './create-command-reader.ts';
import { octetByOctet, readEvents, TEST_LIMITS } from './testing/read-events.ts';

const noop = (tag: string) => ({ kind: 'command', tag, command: { name: 'noop' } });
const select = (tag: string, mailbox: string) => ({
  kind: 'command',
  tag,
  command: { name: 'select', mailbox, condstore: false },
});
const error = (tag: string | undefined, problem: string, isFatal = false) =>
  expect.objectContaining({ kind: 'error', tag, problem, isFatal }) as object;

type Row = readonly [claim: string, text: string, events: readonly object[]];

describe('createCommandReader()', () => {
  it.each<Row>([
    ['reads commands that came at once', 'a NOOP\r\nb NOOP\r\n', [noop('a'), noop('b')]],
    ['waits for the end of a line', 'a NOOP\r', []],
    [
      'invites a synchronizing literal (RFC 3501 §4.3)',
      'a SELECT {5}\r\nINBOX\r\n',
      [{ kind: 'continuation' }, select('a', 'INBOX')],
    ],
    [
      'invites to an empty literal',
      'a SELECT {0}\r\n\r\n',
      [{ kind: 'continuation' }, select('a', '')],
    ],
    [
      'takes a non-synchronizing literal as it comes (RFC 7888 §4)',
      'a SELECT {5+}\r\nINBOX\r\nb NOOP\r\n',
      [select('a', 'INBOX'), noop('b')],
    ],
    [
      'takes line ends in a literal for its content',
      'a SEARCH TEXT {10+}\r\n\r\nb NOOP\r\n\r\n',
      [expect.objectContaining({ kind: 'command', tag: 'a' })],
    ],
    [
      'does not take braces inside a quoted string for a literal',
      'a SELECT "{5}"\r\nb NOOP\r\n',
      [select('a', '{5}'), noop('b')],
    ],
    [
      'tells of an unknown command without inviting its literal',
      'a BOGUS {5}\r\nb NOOP\r\n',
      [error('a', 'unknown-command'), noop('b')],
    ],
    [
      'skips the uninvited literal of an unknown command, and the rest of it',
      'a BOGUS {8+}\r\nx NOOP\r\n {3+}\r\n\r\n\r tail\r\nb NOOP\r\n',
      [error('a', 'unknown-command'), noop('b')],
    ],
    [
      'stops skipping at a literal that waits for an invitation',
      'a BOGUS {1+}\r\nx {5}\r\nb NOOP\r\n',
      [error('a', 'unknown-command'), noop('b')],
    ],
    [
      'refuses a synchronizing literal that is too big',
      'a SELECT {9000}\r\nb NOOP\r\n',
      [error('a', 'literal-too-big'), noop('b')],
    ],
    [
      'refuses and skips an uninvited literal that is too big',
      `a SELECT {9000+}\r\n${'x NOOP\r\n'.repeat(1125)}\r\nb NOOP\r\n`,
      [error('a', 'literal-too-big'), noop('b')],
    ],
    [
      'counts all literals of a command together',
      `a LOGIN {5000+}\r\n${'x'.repeat(5000)} {5000+}\r\n${'y'.repeat(5000)}\r\nb NOOP\r\n`,
      [error('a', 'literal-too-big'), noop('b')],
    ],
    [
      'gives up on an uninvited literal that it would skip for hours',
      'a SELECT {4294967295+}\r\n',
      [error('a', 'literal-too-big', true)],
    ],
    [
      'gives up on an uninvited literal whose size is no number',
      'a SELECT {99999999999999999999+}\r\n',
      [error('a', 'bad-literal', true)],
    ],
    [
      'refuses an announcement whose size is no number',
      'a SELECT {99999999999999999999}\r\nb SELECT {}\r\nc NOOP\r\n',
      [error('a', 'bad-literal'), error('b', 'bad-literal'), noop('c')],
    ],
    [
      'refuses a line that is too long, and skips it',
      `a SELECT ${'x'.repeat(9000)}\r\nb NOOP\r\n`,
      [error('a', 'line-too-long'), noop('b')],
    ],
    [
      'skips the uninvited literal at the end of a line that is too long',
      `a SELECT ${'x'.repeat(9000)} {8+}\r\nx NOOP\r\n\r\nb NOOP\r\n`,
      [error('a', 'line-too-long'), noop('b')],
    ],
    [
      'does not name half a tag',
      `${'x'.repeat(9000)}\r\nb NOOP\r\n`,
      [error(undefined, 'line-too-long'), noop('b')],
    ],
    [
      'refuses a bare LF as the end of a line',
      'a NOOP\nb NOOP\r\n',
      [error('a', 'bad-line-end'), noop('b')],
    ],
    [
      'refuses a bare CR inside a line',
      'a NOOP\rx NOOP\r\nb NOOP\r\n',
      [error('a', 'bad-line-end'), noop('b')],
    ],
    [
      'gives up where an uninvited literal follows a bare LF',
      'a SELECT {3+}\nabc\r\n',
      [error('a', 'bad-line-end', true)],
    ],
    ['refuses NUL in a line', 'a SELECT x\0y\r\nb NOOP\r\n', [error('a', 'nul-octet'), noop('b')]],
    [
      'refuses NUL in a literal, and skips the rest of the command',
      'a LOGIN {3+}\r\nx\0y {6+}\r\nx NO\r\n\r\nb NOOP\r\n',
      [error('a', 'nul-octet'), noop('b')],
    ],
    ['has no tag for an empty line', '\r\nb NOOP\r\n', [error(undefined, 'bad-syntax'), noop('b')]],
  ])('%s', (_claim, text, events) => {
    expect(readEvents([text])).toEqual(events);
    expect(readEvents(octetByOctet(text))).toEqual(events);
  });

  const append = { tag: 'a', command: { name: 'append', mailbox: 'INBOX' } };
  const plain = { flags: [], internalDate: undefined, isUtf8: false, isCatenated: false };
  const messageStart = (options: object = {}) => ({
    step: 'message-start',
    options: { ...plain, ...options },
  });
  const messageEnd = { step: 'message-end' };
  const literal = (sizeBytes: number, isSynchronizing: boolean, steps: readonly object[]) => ({
    kind: 'append-literal',
    ...append,
    steps,
    sizeBytes,
    isSynchronizing,
  });
  const start = (sizeBytes: number, isSynchronizing: boolean) =>
    literal(sizeBytes, isSynchronizing, [messageStart()]);
  const end = { kind: 'append-end', ...append, steps: [messageEnd] };

  it.each<Row>([
    [
      'streams an uninvited message',
      'a APPEND INBOX {7+}\r\nx\r\ny\r\n!\r\nb NOOP\r\n',
      [start(7, false), { kind: 'message', octets: 'x\r\ny\r\n!' }, end, noop('b')],
    ],
    [
      'gathers the mailbox and streams the message',
      'a APPEND {5}\r\ninbox {3}\r\nabc\r\n',
      [{ kind: 'continuation' }, start(3, true), { kind: 'message', octets: 'abc' }, end],
    ],
    ['streams an empty message', 'a APPEND INBOX {0}\r\n\r\n', [start(0, true), end]],
    [
      'refuses an invitation to a message that is too big',
      'a APPEND INBOX {65537}\r\nb NOOP\r\n',
      [error('a', 'message-too-big'), noop('b')],
    ],
    [
      'skips an uninvited message that is too big',
      `a APPEND INBOX {70000+}\r\n${'x NOOP\r\n'.repeat(8750)}\r\nb NOOP\r\n`,
      [error('a', 'message-too-big'), noop('b')],
    ],
    [
      'gives up on an uninvited message that is too big to be skipped',
      'a APPEND INBOX {300000+}\r\n',
      [error('a', 'literal-too-big', true)],
    ],
    [
      'RFC 3502 streams one message behind the other',
      'a APPEND INBOX {1+}\r\nx (\\Seen) {3}\r\nabc\r\nb NOOP\r\n',
      [
        start(1, false),
        { kind: 'message', octets: 'x' },
        literal(3, true, [messageEnd, messageStart({ flags: ['\\Seen'] })]),
        { kind: 'message', octets: 'abc' },
        end,
        noop('b'),
      ],
    ],
    [
      'RFC 4469 streams texts, and tells of URLs between them',
      'a APPEND INBOX CATENATE (URL /x TEXT {1+}\r\nx URL {2+}\r\n/y TEXT {2+}\r\nyy) (\\Seen) ~{1+}\r\nz\r\n',
      [
        literal(1, false, [messageStart({ isCatenated: true }), { step: 'url', url: '/x' }]),
        { kind: 'message', octets: 'x' },
        literal(2, false, [{ step: 'url', url: '/y' }]),
        { kind: 'message', octets: 'yy' },
        literal(1, false, [messageEnd, messageStart({ flags: ['\\Seen'] })]),
        { kind: 'message', octets: 'z' },
        end,
      ],
    ],
    [
      'RFC 4469 takes a message of URLs alone',
      'a APPEND INBOX CATENATE (URL /x URL "/y")\r\n',
      [
        {
          ...end,
          steps: [
            messageStart({ isCatenated: true }),
            { step: 'url', url: '/x' },
            { step: 'url', url: '/y' },
            messageEnd,
          ],
        },
      ],
    ],
    [
      'RFC 6855 §4 takes UTF8 around a literal',
      'a APPEND INBOX UTF8 (~{1+}\r\nx)\r\n',
      [literal(1, false, [messageStart({ isUtf8: true })]), { kind: 'message', octets: 'x' }, end],
    ],
    [
      'refuses UTF8 that is not closed',
      'a APPEND INBOX UTF8 (~{1+}\r\nx\r\nb NOOP\r\n',
      [
        literal(1, false, [messageStart({ isUtf8: true })]),
        { kind: 'message', octets: 'x' },
        error('a', 'bad-syntax'),
        noop('b'),
      ],
    ],
    [
      'refuses a part that is neither TEXT nor URL, and skips what it announces',
      'a APPEND INBOX CATENATE (TEXT {1+}\r\nx FILE {6+}\r\nb NO\r\n)\r\nb NOOP\r\n',
      [
        literal(1, false, [messageStart({ isCatenated: true })]),
        { kind: 'message', octets: 'x' },
        error('a', 'bad-syntax'),
        noop('b'),
      ],
    ],
    [
      'RFC 8508 §4.7 refuses a second message of REPLACE',
      'a REPLACE 1 INBOX {1+}\r\nx {3+}\r\nabc\r\nb NOOP\r\n',
      [
        {
          ...start(1, false),
          command: { name: 'replace', numbering: 'sequence', number: 1, mailbox: 'INBOX' },
        },
        { kind: 'message', octets: 'x' },
        error('a', 'bad-syntax'),
        noop('b'),
      ],
    ],
    [
      'refuses garbage behind the message',
      'a APPEND INBOX {1+}\r\nxy\r\nb NOOP\r\n',
      [start(1, false), { kind: 'message', octets: 'x' }, error('a', 'bad-syntax'), noop('b')],
    ],
    [
      'refuses a bare LF behind the message',
      'a APPEND INBOX {1+}\r\nx\nb NOOP\r\n',
      [start(1, false), { kind: 'message', octets: 'x' }, error('a', 'bad-line-end'), noop('b')],
    ],
  ])('%s', (_claim, text, events) => {
    expect(readEvents([text])).toEqual(events);
    expect(readEvents(octetByOctet(text))).toEqual(events);
  });

  it('voids a message with NUL, wherever it comes', () => {
    const text = 'a APPEND INBOX {9+}\r\nx\0NOOP\r\n!\r\nb NOOP\r\n';
    for (const events of [readEvents([text]), readEvents(octetByOctet(text))]) {
      expect(events.at(0)).toEqual(start(9, false));
      expect(events.slice(-2)).toEqual([error('a', 'nul-octet'), noop('b')]);
      expect(events).not.toContainEqual(end);
    }
  });

  it('RFC 3516 §4.4 tells NUL in a literal8 from NUL where none may be', () => {
    const events = readEvents(['a APPEND INBOX ~{3+}\r\nx\0y\r\nb NOOP\r\n']);
    expect(events.slice(-2)).toEqual([error('a', 'binary-content'), noop('b')]);
  });

  it('gives the octets of a message as they come, without keeping them', () => {
    const reader = createCommandReader(TEST_LIMITS);
    reader.push(Buffer.from('a APPEND INBOX {6+}\r\nabc'));
    reader.next();
    reader.acceptMessage();
    expect(reader.next()).toEqual({ kind: 'message-octets', octets: Buffer.from('abc') });
    expect(reader.next()).toEqual({ kind: 'need-more' });
    reader.push(Buffer.from('def\r\n'));
    expect(reader.next()).toEqual({ kind: 'message-octets', octets: Buffer.from('def') });
    expect(reader.next()).toEqual(end);
  });

  it.each([
    ['skips a refused uninvited message', 'a APPEND INBOX {8+}\r\nx NOOP\r\n\r\nb NOOP\r\n'],
    ['goes on at once behind a refused invitation', 'a APPEND INBOX {8}\r\nb NOOP\r\n'],
  ])('%s', (_claim, text) => {
    const reader = createCommandReader(TEST_LIMITS);
    reader.push(Buffer.from(text));
    expect(reader.next().kind).toBe('append-literal');
    reader.refuseMessage();
    expect(reader.next()).toEqual(noop('b'));
  });

  it('wants a decision on a message before anything else', () => {
    const reader = createCommandReader(TEST_LIMITS);
    expect(() => reader.acceptMessage()).toThrow('no message');
    reader.push(Buffer.from('a APPEND INBOX {8}\r\n'));
    reader.next();
    expect(() => reader.next()).toThrow('decision');
  });

  it('RFC 7888 §5 refuses more than 4096 uninvited octets where LITERAL- is offered', () => {
    const limits = { ...TEST_LIMITS, nonSynchronizingBytes: 4096 };
    const message = 'x'.repeat(4097);
    const text = `a APPEND INBOX {4097+}\r\n${message}\r\nb SELECT {4097+}\r\n${message}\r\n`;
    expect(readEvents([text, 'a APPEND INBOX {4097}\r\n'], limits)).toEqual([
      error('a', 'message-too-big'),
      error('b', 'literal-too-big'),
      start(4097, true),
    ]);
  });

  it('gives single lines for IDLE and SASL, and keeps what follows them', () => {
    const reader = createCommandReader(TEST_LIMITS);
    reader.push(Buffer.from('DONE\r\n\r\nDONE\nb NOOP\r\nD'));
    expect(reader.readLine(10)).toEqual(Buffer.from('DONE'));
    expect(reader.readLine(10)).toEqual(Buffer.from(''));
    // A bare LF stays, so that it is not what a protocol waits for.
    expect(reader.readLine(10)).toEqual(Buffer.from('DONE\n'));
    expect(reader.next()).toEqual(noop('b'));
    expect(reader.readLine(10)).toBeUndefined();
    reader.push(Buffer.from('ONE much too long'));
    expect(reader.readLine(10)).toBe('too-long');
  });

  it('spends no more than linear time on many literals', () => {
    const text = `a SEARCH ${'TEXT {0+}\r\n '.repeat(20_000)}ALL\r\n`;
    const startedAtMs = performance.now();
    const events = readEvents([text], { commandBytes: 1_000_000, messageBytes: 0 });
    expect(events).toHaveLength(1);
    // Quadratic, this took minutes; the bound is far from both.
    expect(performance.now() - startedAtMs).toBeLessThan(5000);
  });
});
