/** What a client can do to a session by sending too much, too fast, or by not reading. */
import { createMemoryStreamPair } from '@homeward/testkit';
import type { MemoryStream } from '@homeward/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { POP3_COMMANDS } from '../grammar/command-table.ts';
import { MemoryMaildrop } from './memory-maildrop.ts';
import { createPop3Session } from './pop3-session.ts';
import type { SessionEnd, SessionEvent } from './session-context.ts';

const MEGABYTE = 1_048_576;
const HIGH_WATER_BYTES = 65_536;

interface Running {
  readonly client: MemoryStream;
  readonly server: MemoryStream;
  readonly drop: MemoryMaildrop;
  readonly ended: Promise<SessionEnd>;
  readonly events: readonly SessionEvent[];
}

function start(messages: readonly string[] = ['A: b\r\n\r\nc\r\n']): Running {
  const { client, server } = createMemoryStreamPair({ highWaterBytes: HIGH_WATER_BYTES });
  const events: SessionEvent[] = [];
  const drop = new MemoryMaildrop(
    messages.map((text, at) => ({ uidl: `uid-${at + 1}`, octets: Buffer.from(text) })),
  );
  const session = createPop3Session({
    stream: server,
    maildrop: drop,
    early: new Uint8Array(0),
    options: {
      commandBytes: 512,
      maxBadCommands: 50,
      retrievalOrder: 'ascending',
      language: undefined,
      isUtf8: false,
      policy: { loginDelaySeconds: 0, expireDays: 'never' },
      preferredLanguage: 'en',
      login: { user: true, mechanisms: ['PLAIN'] },
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
      elapsedMs: () => 0,
      observe: (event) => events.push(event),
    },
  });
  const ended = session.run();
  void ended.then(() => server.end());
  return { client, server, drop, ended, events };
}

async function readAll(stream: MemoryStream): Promise<string> {
  const pieces: Buffer[] = [];
  for (;;) {
    const octets = await stream.read();
    if (typeof octets === 'string') return Buffer.concat(pieces).toString('latin1');
    pieces.push(Buffer.from(octets));
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Sends as long as the session takes it. @returns Octets sent. */
async function sendWhileTaken({ client, server }: Running, piece: string): Promise<number> {
  let sentBytes = 0;
  for (let quiet = 0; quiet < 20;) {
    if (server.unreadBytes < HIGH_WATER_BYTES) {
      void client.write(piece);
      sentBytes += piece.length;
      quiet = 0;
    } else {
      quiet += 1;
    }
    await turns(1);
  }
  return sentBytes;
}

describe('a flood of 100,000 commands', () => {
  test.each([
    ['NOOP\r\n', '+OK Nothing done\r\n'],
    ['STAT\r\n', '+OK 1 11\r\n'],
    ['LIST 1\r\n', '+OK 1 11\r\n'],
    ['UIDL 1\r\n', '+OK 1 uid-1\r\n'],
    ['RSET\r\n', '+OK 1 messages (11 octets)\r\n'],
    ['UIDL\r\n', '+OK Unique-ids follow\r\n1 uid-1\r\n.\r\n'],
    ['RETR 1\r\n', '+OK 11 octets\r\nA: b\r\n\r\nc\r\n.\r\n'],
    ['TOP 1 0\r\n', '+OK Top of message follows\r\nA: b\r\n\r\n.\r\n'],
    ['LANG en\r\n', '+OK en Texts are in English from now on\r\n'],
  ])('%j is answered one by one, in order', async (command, answer) => {
    const running = start();
    void running.client.write(`${command.repeat(100_000)}QUIT\r\n`);
    const text = await readAll(running.client);
    expect(text === `${answer.repeat(100_000)}+OK Goodbye\r\n`).toBe(true);
    expect(await running.ended).toBe('logged-out');
  });

  test('of nonsense ends after a few', async () => {
    const running = start();
    void running.client.write('XYZZY\r\n'.repeat(100_000));
    const text = await readAll(running.client);
    expect(text.split('\r\n')).toHaveLength(50 + 2);
    expect(await running.ended).toBe('too-many-errors');
  });

  test.each([
    ['NOOP\r\n', 20],
    ['CAPA\r\n', 200],
    ['UIDL\r\n', 30_000],
    ['RETR 1\r\n', 100_000],
    ['RETR 2\r\n', 300_000],
  ])('%j waits for a client that does not read', async (command, answerBytes) => {
    const running = start([
      'a'.repeat(100_000),
      'b'.repeat(300_000),
      ...Array.from({ length: 1_500 }, () => 'c'),
    ]);
    running.drop.isInPieces = answerBytes === 300_000;
    const sentBytes = await sendWhileTaken(running, command.repeat(1_000));
    // Answers that wait here and on the way: the writer's, the stream's, one reply at most.
    expect(running.client.unreadBytes).toBeLessThan(4 * HIGH_WATER_BYTES + answerBytes);
    const answered = running.client.unreadBytes / answerBytes + 2 * HIGH_WATER_BYTES;
    expect(sentBytes).toBeLessThan(4 * HIGH_WATER_BYTES + answered * command.length);
    running.client.destroy();
    expect(await running.ended).toBe('client-gone');
    expect(running.drop.openCount).toBe(0);
  });
});

describe('a line of a megabyte', () => {
  test.each(['', 'RETR ', 'LANG ', '\0', '\r'])(
    'behind %j ends the session at once',
    async (before) => {
      const running = start();
      void running.client.write(before);
      let sentBytes = 0;
      const over = running.ended.then(() => true);
      while (sentBytes < MEGABYTE && !(await Promise.race([over, turns(1).then(() => false)]))) {
        void running.client.write('A'.repeat(256));
        sentBytes += 256;
      }
      expect(await running.ended).toBe('protocol-error');
      expect(sentBytes).toBeLessThan(2_048);
      expect(await readAll(running.client)).toBe('-ERR The line is too long\r\n');
    },
  );

  test('that ends is refused as well', async () => {
    const running = start();
    void running.client.write(`NOOP ${'A'.repeat(MEGABYTE)}\r\nNOOP\r\n`);
    expect(await readAll(running.client)).toBe('-ERR The line is too long\r\n');
  });
});

describe('garbage', () => {
  const keyword = fc.constantFrom(...POP3_COMMANDS.map(({ name }) => name), 'XTND', '');
  const junk = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((octets) => Buffer.from(octets).toString('latin1')),
    fc
      .tuple(keyword, fc.string({ unit: 'binary-ascii', maxLength: 20 }))
      .map(([name, args]) => `${name} ${args}`),
    fc.constantFrom('1', ' 1', '-1', '1 1', '99999999999999999999', '\xff\xfe', '\0', '*', '='),
  );
  const line = fc
    .tuple(junk, fc.constantFrom('\r\n', '\n', '\r', '\0\r\n', ''))
    .map((pair) => pair.join(''));

  test('of any kind is answered in status lines, and nothing of it is a bug', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 40 }), async (lines) => {
        const running = start(['one\r\n', 'two\r\n']);
        void running.client.write(lines.join(''));
        running.client.end();
        const text = await readAll(running.client);
        expect(running.events.filter(({ kind }) => kind === 'failed')).toEqual([]);
        const end = await running.ended;
        expect(['client-gone', 'logged-out', 'protocol-error', 'too-many-errors']).toContain(end);
        if (text !== '') expect(text).toMatch(/^(?:\+OK|-ERR) [^\r\n]*\r\n(?:[^]*\r\n)?$/);
        if (end !== 'logged-out') expect(running.drop.remaining).toHaveLength(2);
      }),
      { numRuns: 300 },
    );
  });
});
