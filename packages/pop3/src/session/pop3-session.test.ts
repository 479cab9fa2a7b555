import { SESSION_END_REASONS } from '@homeward/sasl';
import { createMemoryStreamPair } from '@homeward/testkit';
import type { Chunking, MemoryStream } from '@homeward/testkit';
import { DotUnstuffer } from '@homeward/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCommand, POP3_COMMANDS } from '../grammar/command-table.ts';
import { SESSION_COMMANDS } from './command-table.ts';
import type { RetrievalOrder } from './maildrop-view.ts';
import { MemoryMaildrop } from './memory-maildrop.ts';
import { createPop3Session } from './pop3-session.ts';
import type { Pop3Session } from './pop3-session.ts';
import type { MaildropPort } from './ports.ts';
import type { SessionEnd, SessionEvent } from './session-context.ts';

const FIRST = 'Subject: one\r\n\r\nHello\r\n.dotted\r\n..\r\n.\r\nend\r\n';
const SECOND = 'Subject: two\r\n\r\nno line end';

function maildrop(...texts: readonly string[]): MemoryMaildrop {
  const messages = texts.map((text, at) => ({
    uidl: `uid-${at + 1}`,
    octets: Buffer.from(text, 'latin1'),
  }));
  return new MemoryMaildrop(messages);
}

/** A maildrop with one message that is made up as it is read. */
function dropOfOne(
  sizeBytes: number,
  read: (offset: number, count: number) => Promise<Uint8Array>,
): MaildropPort {
  return {
    messageCount: 1,
    sizeBytesAt: () => sizeBytes,
    uidlAt: () => 'made-up',
    findHeaders: () => Promise.resolve([]),
    findExpired: () => Promise.resolve(new Uint32Array(0)),
    mayRemove: true,
    open: () => Promise.resolve({ sizeBytes, read, close: () => Promise.resolve() }),
    remove: () => Promise.resolve(true),
    markSeen: () => undefined,
    unlock: () => undefined,
  };
}

interface Running {
  readonly client: MemoryStream;
  readonly server: MemoryStream;
  readonly session: Pop3Session;
  readonly ended: Promise<SessionEnd>;
  readonly events: readonly SessionEvent[];
}

function start(
  drop: MaildropPort,
  early: string = '',
  options: {
    readonly chunking?: Chunking;
    readonly highWaterBytes?: number;
    readonly retrievalOrder?: RetrievalOrder;
    readonly language?: string;
    readonly isUtf8?: boolean;
    readonly expireDays?: number | 'never';
  } = {},
): Running {
  const { retrievalOrder = 'ascending', language, isUtf8 = false, ...more } = options;
  const { expireDays = 'never', ...streams } = more;
  const { client, server } = createMemoryStreamPair(streams);
  const events: SessionEvent[] = [];
  const session = createPop3Session({
    stream: server,
    maildrop: drop,
    early: Buffer.from(early, 'latin1'),
    options: {
      commandBytes: 512,
      maxBadCommands: 5,
      retrievalOrder,
      language,
      isUtf8,
      policy: { loginDelaySeconds: 0, expireDays },
      preferredLanguage: 'fr',
      login: { user: true, mechanisms: ['PLAIN'] },
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
      elapsedMs: () => 0,
      observe: (event) => events.push(event),
    },
  });
  const ended = session.run();
  // The owner closes the stream; what was written stays readable.
  void ended.then(() => server.end());
  return { client, server, session, ended, events };
}

async function readAll(stream: MemoryStream): Promise<string> {
  let text = '';
  for (;;) {
    const octets = await stream.read();
    if (typeof octets === 'string') return text;
    text += Buffer.from(octets).toString('latin1');
  }
}

/** Sends everything at once, closes, and gives all that was answered. */
async function converse(
  drop: MaildropPort,
  sent: string,
  options: {
    readonly chunking?: Chunking;
    readonly retrievalOrder?: RetrievalOrder;
    readonly language?: string;
    readonly isUtf8?: boolean;
    readonly expireDays?: number | 'never';
  } = {},
): Promise<{
  readonly text: string;
  readonly end: SessionEnd;
  readonly events: readonly SessionEvent[];
}> {
  const { client, ended, events } = start(drop, '', options);
  void client.write(sent);
  client.end();
  const text = await readAll(client);
  return { text, end: await ended, events };
}

async function readUntil(stream: MemoryStream, end: string): Promise<string> {
  let text = '';
  while (!text.endsWith(end)) {
    const octets = await stream.read();
    if (typeof octets === 'string') throw new Error(`${octets} after ${text}`);
    text += Buffer.from(octets).toString('latin1');
  }
  return text;
}

describe('a POP3 session answers', () => {
  test.each([
    ['STAT\r\n', `+OK 2 ${FIRST.length + SECOND.length}\r\n`],
    [
      'LIST\r\n',
      `+OK 2 messages (${FIRST.length + SECOND.length} octets)\r\n1 ${FIRST.length}\r\n2 ${SECOND.length}\r\n.\r\n`,
    ],
    ['LIST 2\r\n', `+OK 2 ${SECOND.length}\r\n`],
    ['LIST 3\r\n', '-ERR No such message\r\n'],
    ['LIST 4294967296\r\n', '-ERR No such message\r\n'],
    ['UIDL\r\n', '+OK Unique-ids follow\r\n1 uid-1\r\n2 uid-2\r\n.\r\n'],
    ['UIDL 1\r\n', '+OK 1 uid-1\r\n'],
    ['UIDL 9\r\n', '-ERR No such message\r\n'],
    [
      'RETR 1\r\n',
      `+OK ${FIRST.length} octets\r\nSubject: one\r\n\r\nHello\r\n..dotted\r\n...\r\n..\r\nend\r\n.\r\n`,
    ],
    ['RETR 2\r\n', `+OK ${SECOND.length} octets\r\n${SECOND}\r\n.\r\n`],
    ['RETR 3\r\n', '-ERR No such message\r\n'],
    ['TOP 1 0\r\n', '+OK Top of message follows\r\nSubject: one\r\n\r\n.\r\n'],
    ['TOP 1 2\r\n', '+OK Top of message follows\r\nSubject: one\r\n\r\nHello\r\n..dotted\r\n.\r\n'],
    ['TOP 2 999999999999999\r\n', `+OK Top of message follows\r\n${SECOND}\r\n.\r\n`],
    ['TOP 3 1\r\n', '-ERR No such message\r\n'],
    ['DELE 1\r\nSTAT\r\n', `+OK Message 1 deleted\r\n+OK 1 ${SECOND.length}\r\n`],
    ['DELE 1\r\nDELE 1\r\n', '+OK Message 1 deleted\r\n-ERR No such message\r\n'],
    ['DELE 1\r\nRETR 1\r\n', '+OK Message 1 deleted\r\n-ERR No such message\r\n'],
    ['DELE 1\r\nUIDL\r\n', '+OK Message 1 deleted\r\n+OK Unique-ids follow\r\n2 uid-2\r\n.\r\n'],
    [
      'DELE 1\r\nRSET\r\nLIST 1\r\n',
      `+OK Message 1 deleted\r\n+OK 2 messages (${FIRST.length + SECOND.length} octets)\r\n+OK 1 ${FIRST.length}\r\n`,
    ],
    ['NOOP\r\n', '+OK Nothing done\r\n'],
    ['noop \r\n', '+OK Nothing done\r\n'],
    ['LAST\r\n', '-ERR Unknown command\r\n'],
    ['USER x\r\n', '-ERR You are logged in already\r\n'],
    ['RETR x\r\n', '-ERR Usage: RETR message\r\n'],
    ['NOOP\n', '-ERR Lines must end with CRLF\r\n'],
    ['NO\0OP\r\n', '-ERR NUL is not allowed\r\n'],
  ])('%j', async (sent, answer) => {
    const { text, end } = await converse(maildrop(FIRST, SECOND), sent);
    expect(text).toBe(answer);
    expect(end).toBe('client-gone');
  });

  test('CAPA by what it can do after login', async () => {
    const { text } = await converse(maildrop(), 'CAPA\r\n');
    expect(text).toBe(
      '+OK Capability list follows\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\n' +
        'UTF8 USER\r\nLANG\r\nUSER\r\nSASL PLAIN\r\nEXPIRE NEVER\r\nIMPLEMENTATION Homeward\r\n.\r\n',
    );
  });

  test('an empty maildrop', async () => {
    const { text } = await converse(maildrop(), 'STAT\r\nLIST\r\nUIDL\r\nRETR 1\r\n');
    expect(text).toBe(
      '+OK 0 0\r\n+OK 0 messages (0 octets)\r\n.\r\n+OK Unique-ids follow\r\n.\r\n-ERR No such message\r\n',
    );
  });

  test('an empty message', async () => {
    const { text } = await converse(maildrop(''), 'RETR 1\r\nTOP 1 1\r\n');
    expect(text).toBe('+OK 0 octets\r\n.\r\n+OK Top of message follows\r\n.\r\n');
  });

  test('early octets first, then the stream', async () => {
    const { client } = start(maildrop(), 'NOOP\r\nST');
    void client.write('AT\r\n');
    client.end();
    expect(await readAll(client)).toBe('+OK Nothing done\r\n+OK 0 0\r\n');
  });

  test('pipelined commands in one write', async () => {
    const { client } = start(maildrop(), 'NOOP\r\nSTAT\r\nNOOP\r\n');
    const first = await client.read();
    expect(Buffer.from(first).toString()).toBe(
      '+OK Nothing done\r\n+OK 0 0\r\n+OK Nothing done\r\n',
    );
    client.end();
  });
});

describe('every command after login', () => {
  test('has a runner if the grammar lets it stand there', () => {
    const named = POP3_COMMANDS.filter(({ states }) => states.includes('transaction'));
    expect(SESSION_COMMANDS.map(({ name }) => name)).toEqual(named.map(({ name }) => name));
  });

  test.each(
    POP3_COMMANDS.flatMap((row) =>
      ['', ' 1', ' 1 1', ' x'].flatMap((args) =>
        ['', 'DELE 1\r\n'].map((before) => [row, args, before] as const),
      ),
    ),
  )('$0.name$1 is answered once, by the table (after "$2")', async (row, args, before) => {
    const { text } = await converse(maildrop('a\r\n\r\nb\r\n'), `${before}${row.name}${args}\r\n`);
    const answer = before === '' ? text : text.slice('+OK Message 1 deleted\r\n'.length);
    expect(answer).toMatch(/^(\+OK |-ERR )/);
    expect(answer === '-ERR You are logged in already\r\n').toBe(
      !row.states.includes('transaction'),
    );
    const isMultiLine = answer.split('\r\n').length > 2;
    expect(isMultiLine).toBe(answer.endsWith('\r\n.\r\n'));
  });

  test.each(POP3_COMMANDS)('$name is not answered after QUIT', async (row) => {
    const { text, end } = await converse(maildrop('x'), `QUIT\r\n${row.name} 1\r\n`);
    expect(text).toBe('+OK Goodbye\r\n');
    expect(end).toBe('logged-out');
  });
});

describe('deletion', () => {
  test('happens at QUIT', async () => {
    const drop = maildrop('a', 'b', 'c');
    const { text, end, events } = await converse(drop, 'DELE 1\r\nDELE 3\r\nQUIT\r\n');
    expect(text).toMatch(/\+OK Goodbye, 2 messages deleted\r\n$/);
    expect(end).toBe('logged-out');
    expect(drop.remaining).toEqual(['uid-2']);
    expect(events).toContainEqual({ kind: 'removed', messageCount: 2, isComplete: true });
  });

  test.each(['', 'DELE 2', 'QUI', 'x'.repeat(600), 'y\r\n'.repeat(5)])(
    'does not happen when the session ends by %j',
    async (last) => {
      const drop = maildrop('a', 'b');
      await converse(drop, `DELE 1\r\n${last}`);
      expect(drop.remaining).toEqual(['uid-1', 'uid-2']);
    },
  );

  test('does not happen after RSET', async () => {
    const drop = maildrop('a');
    const { text } = await converse(drop, 'DELE 1\r\nRSET\r\nQUIT\r\n');
    expect(text).toMatch(/\+OK Goodbye\r\n$/);
    expect(drop.remaining).toEqual(['uid-1']);
  });

  test('is not claimed when the store could not remove all', async () => {
    const drop = maildrop('a');
    drop.canRemove = false;
    const { text, end } = await converse(drop, 'DELE 1\r\nQUIT\r\n');
    expect(text).toMatch(/-ERR \[SYS\/TEMP\] Some deleted messages were not removed\r\n$/);
    expect(end).toBe('logged-out');
  });

  test('is not claimed when the store fails', async () => {
    const drop = maildrop('a');
    drop.remove = () => Promise.reject(new Error('disk'));
    const { text, events } = await converse(drop, 'DELE 1\r\nQUIT\r\n');
    expect(text).toMatch(/-ERR \[SYS\/TEMP\] [^\r]*\r\n$/);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'failed', command: 'QUIT' }));
  });
});

describe('EXPIRE (RFC 2449 §6.7)', () => {
  const sent = 'RETR 2\r\nDELE 1\r\nRSET\r\nTOP 3 1\r\nDELE 4\r\n';

  test('0 removes at QUIT what RETR gave out, and nothing else', async () => {
    const drop = maildrop('a', 'b', 'c', 'd', 'e');
    const { text, events } = await converse(drop, `${sent}QUIT\r\n`, { expireDays: 0 });
    expect(drop.remaining).toEqual(['uid-1', 'uid-3', 'uid-5']);
    expect(text).toMatch(/\+OK Goodbye, 2 messages deleted\r\n$/);
    expect(events).toContainEqual({ kind: 'removed', messageCount: 2, isComplete: true });
  });

  test('with a number removes at QUIT what is old enough, beside what was marked', async () => {
    const drop = maildrop('a', 'b', 'c', 'd', 'e');
    drop.expired.set(30, [0, 3]).set(29, [1, 2]);
    await converse(drop, `${sent}QUIT\r\n`, { expireDays: 30 });
    expect(drop.remaining).toEqual(['uid-2', 'uid-3', 'uid-5']);
  });

  test.each(['', 'QUI', 'x\r\n'.repeat(5)])('removes nothing at another end (%j)', async (last) => {
    for (const expireDays of [0, 30]) {
      const drop = maildrop('a', 'b', 'c', 'd');
      drop.expired.set(30, [0, 1, 2]);
      await converse(drop, sent + last, { expireDays });
      expect(drop.remaining).toHaveLength(4);
    }
  });

  test('NEVER keeps everything', async () => {
    const drop = maildrop('a', 'b');
    await converse(drop, 'RETR 1\r\nRETR 2\r\nQUIT\r\n', { expireDays: 'never' });
    expect(drop.remaining).toHaveLength(2);
  });

  test('is told in CAPA', async () => {
    const { text } = await converse(maildrop(), 'CAPA\r\n', { expireDays: 12 });
    expect(text).toContain('\r\nEXPIRE 12\r\n');
  });

  test('that cannot be found out is no reason to remove anything', async () => {
    const drop = maildrop('a', 'b');
    drop.findExpired = () => Promise.reject(new Error('disk'));
    const { text, end } = await converse(drop, 'DELE 1\r\nQUIT\r\n', { expireDays: 30 });
    expect(text).toMatch(/-ERR \[SYS\/TEMP\] [^\r]+\r\n$/);
    expect(end).toBe('logged-out');
    expect(drop.remaining).toHaveLength(2);
    expect(drop.isUnlocked).toBe(true);
  });
});

describe('a maildrop that may only be read', () => {
  test.each(['never', 0, 30] as const)(
    'refuses DELE and lets nothing expire (%s)',
    async (days) => {
      const drop = maildrop('a', 'b');
      drop.mayRemove = false;
      drop.expired.set(30, [0, 1]);
      const { text } = await converse(drop, 'RETR 1\r\nDELE 1\r\nQUIT\r\n', { expireDays: days });
      expect(text).toMatch(
        /\r\n-ERR \[SYS\/PERM\] This mailbox may only be read\r\n\+OK Goodbye\r\n$/,
      );
      expect(drop.remaining).toHaveLength(2);
    },
  );
});

describe('RETR', () => {
  test('marks the message seen, TOP does not', async () => {
    const drop = maildrop(FIRST, SECOND);
    await converse(drop, 'RETR 2\r\nTOP 1 5\r\n');
    expect([...drop.seen]).toEqual([1]);
    expect(drop.openCount).toBe(0);
  });

  test('says so when another session removed the message', async () => {
    const drop = maildrop(FIRST);
    drop.expunge(0);
    const { text } = await converse(drop, 'RETR 1\r\nTOP 1 1\r\nNOOP\r\n');
    const gone = '-ERR That message was removed by another session\r\n';
    expect(text).toBe(`${gone}${gone}+OK Nothing done\r\n`);
  });

  test('sends what an LF-splitting client reads as one message, whatever is in it', async () => {
    const { text } = await converse(
      maildrop('a: b\n\n.\n-ERR [AUTH] gotcha\n.\r\n'),
      'RETR 1\r\nNOOP\r\n',
    );
    expect(text.split('\n').filter((line) => line === '.' || line === '.\r')).toHaveLength(1);
  });

  test('gives any message back in any split', async () => {
    const unit = fc.constantFrom('.', '\r\n', '\r\n.', 'a', '\xff', '\0', '\r\n.\r\n');
    const cases = [fc.string({ unit, maxLength: 60 }), fc.nat(1000), fc.boolean()] as const;
    await fc.assert(
      fc.asyncProperty(...cases, async (message, seed, isInPieces) => {
        const drop = maildrop(message);
        drop.isInPieces = isInPieces;
        const { text } = await converse(drop, 'RETR 1\r\n', { chunking: { seed } });
        const status = `+OK ${message.length} octets\r\n`;
        expect(text.startsWith(status)).toBe(true);
        const read = new DotUnstuffer().push(Buffer.from(text.slice(status.length), 'latin1'));
        const whole = message === '' || message.endsWith('\r\n') ? message : `${message}\r\n`;
        expect(read.octets.toString('latin1')).toBe(whole);
        expect(read.isEnd).toBe(true);
        expect(read.rest.length).toBe(0);
      }),
    );
  });

  test('reads a long message in pieces, held back by the client', async () => {
    const sizeBytes = 20 * 65_536 + 5;
    let readBytes = 0;
    let largestRead = 0;
    const drop = dropOfOne(sizeBytes, (offset, count) => {
      largestRead = Math.max(largestRead, count);
      readBytes = offset + count;
      return Promise.resolve(Buffer.alloc(count, 'x'));
    });
    const { client, ended } = start(drop, 'RETR 1\r\nQUIT\r\n', { highWaterBytes: 65_536 });
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(readBytes).toBeLessThan(4 * 65_536);
    const text = await readAll(client);
    expect(text.length).toBe(
      `+OK ${sizeBytes} octets\r\n`.length + sizeBytes + 5 + '+OK Goodbye\r\n'.length,
    );
    expect(largestRead).toBe(65_536);
    expect(await ended).toBe('logged-out');
  });

  test('stops reading a long message when the connection breaks', async () => {
    let readCount = 0;
    const drop = dropOfOne(1e12, (_, count) => {
      readCount += 1;
      return Promise.resolve(Buffer.alloc(count));
    });
    const { client, ended } = start(drop, 'RETR 1\r\nRETR 1\r\n');
    await client.read();
    client.destroy();
    expect(await ended).toBe('client-gone');
    expect(readCount).toBeLessThan(10);
  });

  test('TOP reads no more than it needs', async () => {
    const drop = maildrop(`A: b\r\n\r\n${'line\r\n'.repeat(100_000)}`);
    drop.isInPieces = true;
    const open = drop.open.bind(drop);
    let readBytes = 0;
    drop.open = async (index) => {
      const content = await open(index);
      if (content === undefined || content instanceof Uint8Array) return undefined;
      return {
        ...content,
        read: (offset, count) => {
          readBytes += count;
          return content.read(offset, count);
        },
      };
    };
    const { text } = await converse(drop, 'TOP 1 3\r\n');
    expect(text).toMatch(/\r\nA: b\r\n\r\nline\r\nline\r\nline\r\n\.\r\n$/);
    expect(readBytes).toBeLessThan(10_000);
  });
});

describe('messages that are fetched in the order of their numbers', () => {
  /** Fetches one message, and lets the session do what it does while it waits. */
  async function fetch(client: MemoryStream, command: string): Promise<string> {
    void client.write(`${command}\r\n`);
    const text = await readUntil(client, '\r\n.\r\n');
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return text;
  }

  test.each([
    ['as a whole', false],
    ['in pieces', true],
  ])('%s are opened one ahead, once each', async (_, isInPieces) => {
    const drop = maildrop('a', 'b', 'c', 'd');
    drop.isInPieces = isInPieces;
    const { client, ended } = start(drop);
    await fetch(client, 'RETR 1');
    expect(drop.opened).toEqual([0, 1]);
    expect(await fetch(client, 'RETR 2')).toBe('+OK 1 octets\r\nb\r\n.\r\n');
    expect(drop.opened).toEqual([0, 1, 2]);
    await fetch(client, 'RETR 3');
    await fetch(client, 'RETR 4');
    expect(drop.opened).toEqual([0, 1, 2, 3]);
    client.end();
    await ended;
    expect(drop.openCount).toBe(0);
  });

  test('are not opened ahead where a client picks and chooses', async () => {
    const drop = maildrop('a', 'b', 'c', 'd');
    const { client } = start(drop);
    await fetch(client, 'RETR 4');
    await fetch(client, 'RETR 2');
    await fetch(client, 'TOP 3 0');
    expect(drop.opened).toEqual([3, 1, 2]);
    client.end();
  });

  test('are closed when another one is wanted, and at the end', async () => {
    const drop = maildrop('a', 'b', 'c', 'd');
    drop.isInPieces = true;
    const { client, ended } = start(drop);
    await fetch(client, 'RETR 1');
    expect(drop.openCount).toBe(1);
    await fetch(client, 'RETR 4');
    expect(drop.openCount).toBe(0);
    await fetch(client, 'RETR 1');
    expect(drop.openCount).toBe(0);
    await fetch(client, 'RETR 2');
    expect(drop.openCount).toBe(1);
    void client.write('QUIT\r\n');
    await ended;
    expect(drop.openCount).toBe(0);
  });

  test('skip what is marked deleted', async () => {
    const drop = maildrop('a', 'b', 'c');
    const { client } = start(drop, 'DELE 2\r\n');
    await readUntil(client, 'deleted\r\n');
    await fetch(client, 'RETR 1');
    expect(drop.opened).toEqual([0]);
    client.end();
  });

  test.each(['rejects', 'throws'])(
    'are asked for again when the store %s before they are wanted',
    async (how) => {
      const drop = maildrop('a', 'b');
      const { client } = start(drop);
      const open = drop.open.bind(drop);
      drop.open = (index) => {
        if (index === 0) return open(index);
        drop.open = open;
        if (how === 'throws') throw new Error('disk');
        return Promise.reject(new Error('disk'));
      };
      await fetch(client, 'RETR 1');
      void client.write('RETR 2\r\n');
      expect(await readUntil(client, '\r\n.\r\n')).toBe('+OK 1 octets\r\nb\r\n.\r\n');
      client.end();
    },
  );
});

describe('LANG', () => {
  /** What is sent is one character for each octet. */
  const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

  test('changes the texts of all that follows, and no number', async () => {
    const sent = 'LANG de-AT\r\nDELE 1\r\nSTAT\r\nLIST\r\nRETR 9\r\nQUIT\r\n';
    const { text } = await converse(maildrop('a', 'bb'), sent);
    expect(text).toBe(
      utf8(
        '+OK de Texte sind von jetzt an auf Deutsch\r\n+OK Nachricht 1 gelöscht\r\n+OK 1 2\r\n' +
          '+OK 1 Nachrichten (2 Oktette)\r\n2 2\r\n.\r\n-ERR Diese Nachricht gibt es nicht\r\n' +
          '+OK Auf Wiedersehen, 1 Nachrichten gelöscht\r\n',
      ),
    );
  });

  test('without a language lists them', async () => {
    const { text } = await converse(maildrop(), 'LANG\r\n');
    expect(text).toContain(utf8('\r\nfr Français\r\n'));
    expect(text).toMatch(/^\+OK Languages follow\r\n[^]*\r\n\.\r\n$/);
  });

  test('by * gives what the administrator prefers', async () => {
    const { text } = await converse(maildrop(), 'LANG *\r\nNOOP\r\n');
    expect(text).toMatch(/^\+OK fr [^]*\r\n\+OK Rien de fait\r\n$/);
  });

  test('changes nothing when the language is unknown, or none at all', async () => {
    const { text } = await converse(maildrop(), 'LANG es\r\nLANG uga\r\nLANG 1\r\nLANG a b\r\n');
    expect(text).toMatch(
      /^\+OK es [^\r]+\r\n-ERR No hay textos [^\r]+\r\n(-ERR Se escribe [^\r]+: LANG \[language\]\r\n){2}$/,
    );
  });

  test('before login holds behind it, to the last word', async () => {
    const { client, session } = start(maildrop(), 'NOOP\r\n', { language: 'de' });
    expect(await readUntil(client, '\r\n')).toBe('+OK Nichts getan\r\n');
    session.requestEnd('shutting-down');
    expect(await readAll(client)).toBe(
      utf8('-ERR [SYS/TEMP] Der Server startet neu; nichts wurde gelöscht\r\n'),
    );
  });

  test('of another release, unknown here, is English', async () => {
    const { text } = await converse(maildrop(), 'NOOP\r\n', { language: 'tlh' });
    expect(text).toBe('+OK Nothing done\r\n');
  });
});

describe('mail in UTF-8 (RFC 6856 §2.1)', () => {
  const header = 'Subject: Gr\u00fc\u00dfe\r\nX: y\r\n\r\n';
  const body = 'K\u00f6rper\r\n.\r\nzweite Zeile\r\n';
  const surrogate = 'Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\nX: y\r\n\r\n';
  const utf8 = (text: string): string => Buffer.from(text).toString('latin1');
  const sizeBytes = Buffer.byteLength(header + body);
  const stuffed = body.replace('\r\n.', '\r\n..');

  test.each([
    ['as a whole', 'RETR 1\r\n', false, surrogate + stuffed],
    ['in pieces', 'RETR 1\r\n', true, surrogate + stuffed],
    ['its top', 'TOP 1 1\r\n', false, `${surrogate}K\u00f6rper\r\n`],
    ['its top, in pieces', 'TOP 1 1\r\n', true, `${surrogate}K\u00f6rper\r\n`],
    ['its header', 'TOP 1 0\r\n', false, surrogate],
  ])('%s has a surrogate header, for who has not said UTF8', async (_, sent, isInPieces, text) => {
    const drop = maildrop(utf8(header + body));
    drop.isInPieces = isInPieces;
    const status = sent.startsWith('RETR') ? `${sizeBytes} octets` : 'Top of message follows';
    expect((await converse(drop, sent)).text).toBe(`+OK ${status}\r\n${utf8(text)}.\r\n`);
    expect(drop.openCount).toBe(0);
  });

  test.each([true, false])('is sent as it is behind UTF8 (in pieces: %s)', async (isInPieces) => {
    const drop = maildrop(utf8(header + body));
    drop.isInPieces = isInPieces;
    const { text } = await converse(drop, 'RETR 1\r\n', { isUtf8: true });
    expect(text).toBe(`+OK ${sizeBytes} octets\r\n${utf8(header + stuffed)}.\r\n`);
  });

  test('is told of with the octets of both directions', async () => {
    const sent = 'RETR 1\r\nXYZZY\r\nQUIT\r\n';
    const { events, text } = await converse(maildrop(utf8(header + body)), sent);
    const commands = events.filter((event) => event.kind === 'command');
    expect(commands.map(({ name }) => name)).toEqual(['RETR', 'unreadable', 'QUIT']);
    expect(commands.map(({ requestBytes }) => requestBytes)).toEqual([8, 7, 6]);
    const said = commands.reduce((sum, { responseBytes }) => sum + responseBytes, 0);
    expect(said).toBe(text.length);
  });

  test('counts as read, and as fetched in order', async () => {
    const drop = maildrop(utf8(header), utf8(header));
    const { events } = await converse(drop, 'RETR 1\r\nTOP 2 0\r\n');
    expect([...drop.seen]).toEqual([0]);
    expect(events).toContainEqual({ kind: 'retrieved', sizeBytes: utf8(header).length });
  });

  test('has the size in LIST that it is stored with', async () => {
    const { text } = await converse(maildrop(utf8(header + body)), 'LIST 1\r\n');
    expect(text).toBe(`+OK 1 ${sizeBytes}\r\n`);
  });

  test('is told by SYS/TEMP when the store cannot say where its headers are', async () => {
    const drop = maildrop(utf8(header));
    drop.findHeaders = () => Promise.reject(new Error('disk'));
    const { text } = await converse(drop, 'RETR 1\r\nNOOP\r\n');
    expect(text).toMatch(/^-ERR \[SYS\/TEMP\] [^\r]+\r\n\+OK Nothing done\r\n$/);
  });

  test('in ASCII alone costs no look at its structure', async () => {
    const drop = maildrop(FIRST);
    drop.findHeaders = () => Promise.reject(new Error('asked'));
    const { text } = await converse(drop, 'RETR 1\r\nTOP 1 0\r\n');
    expect(text).toMatch(/^\+OK [^]*\+OK Top/);
  });
});

describe('the newest message first', () => {
  const options = { retrievalOrder: 'descending' } as const;

  test.each([
    ['LIST\r\n', '+OK 3 messages (6 octets)\r\n1 3\r\n2 2\r\n3 1\r\n.\r\n'],
    ['UIDL\r\n', '+OK Unique-ids follow\r\n1 uid-3\r\n2 uid-2\r\n3 uid-1\r\n.\r\n'],
    ['LIST 1\r\n', '+OK 1 3\r\n'],
    ['UIDL 3\r\n', '+OK 3 uid-1\r\n'],
    ['RETR 1\r\n', '+OK 3 octets\r\nccc\r\n.\r\n'],
    ['TOP 3 0\r\n', '+OK Top of message follows\r\na\r\n.\r\n'],
    ['LIST 4\r\n', '-ERR No such message\r\n'],
    ['DELE 1\r\nSTAT\r\n', '+OK Message 1 deleted\r\n+OK 2 3\r\n'],
    [
      'DELE 1\r\nUIDL\r\n',
      '+OK Message 1 deleted\r\n+OK Unique-ids follow\r\n2 uid-2\r\n3 uid-1\r\n.\r\n',
    ],
  ])('%j', async (sent, answer) => {
    const { text } = await converse(maildrop('a', 'bb', 'ccc'), sent, options);
    expect(text).toBe(answer);
  });

  test('deletes and marks the messages that were meant', async () => {
    const drop = maildrop('a', 'bb', 'ccc');
    await converse(drop, 'RETR 1\r\nDELE 1\r\nDELE 2\r\nQUIT\r\n', options);
    expect(drop.remaining).toEqual(['uid-1']);
    expect([...drop.seen]).toEqual([2]);
  });
});

describe('QUIT', () => {
  test.each(['QUIT\r\n', 'DELE 1\r\nQUIT\r\n'])(
    'lets the next session in before it answers (%j)',
    async (sent) => {
      const drop = maildrop('a');
      const { client, ended } = start(drop, sent);
      await readUntil(client, sent === 'QUIT\r\n' ? 'Goodbye\r\n' : 'messages deleted\r\n');
      expect(drop.isUnlocked).toBe(true);
      await ended;
    },
  );

  test('is the only end that does', async () => {
    const drop = maildrop('a');
    await converse(drop, 'DELE 1\r\n');
    expect(drop.isUnlocked).toBe(false);
  });
});

describe('a failing store', () => {
  test('is told by SYS/TEMP before a message has begun, and the session goes on', async () => {
    const drop = maildrop('a', 'b');
    drop.open = () => Promise.reject(new Error('disk'));
    const { text, events } = await converse(drop, 'RETR 1\r\nNOOP\r\n');
    expect(text).toBe(
      '-ERR [SYS/TEMP] Something went wrong here; try again later\r\n+OK Nothing done\r\n',
    );
    expect(events[0]).toMatchObject({ kind: 'failed', command: 'RETR' });
  });

  test.each(['rejects', 'gives nothing'])(
    'ends the session when it %s inside a message',
    async (how) => {
      const drop = maildrop('a');
      drop.open = () =>
        Promise.resolve({
          sizeBytes: 100_000,
          read: (offset, count) => {
            if (offset === 0) return Promise.resolve(Buffer.alloc(count, 'x'));
            return how === 'rejects'
              ? Promise.reject(new Error('disk'))
              : Promise.resolve(Buffer.alloc(0));
          },
          close: () => Promise.resolve(),
        });
      const { text, end } = await converse(drop, 'RETR 1\r\nNOOP\r\n');
      expect(end).toBe('store-failed');
      expect(text).toBe(`+OK 100000 octets\r\n${'x'.repeat(65_536)}`);
    },
  );
});

describe('the end of a session', () => {
  test.each([
    ['x'.repeat(600), 'protocol-error', '-ERR The line is too long\r\n'],
    [
      'x\r\n'.repeat(7),
      'too-many-errors',
      `${'-ERR Unknown command\r\n'.repeat(5)}-ERR Too many commands made no sense\r\n`,
    ],
    ['NOOP', 'client-gone', ''],
    ['', 'client-gone', ''],
  ])('by %j is %s', async (sent, end, text) => {
    expect(await converse(maildrop(), sent)).toMatchObject({ end, text });
  });

  test('does not come by wrong commands between right ones', async () => {
    const { end } = await converse(maildrop(), 'x\r\nx\r\nx\r\nNOOP\r\n'.repeat(5));
    expect(end).toBe('client-gone');
  });

  test('comes when the client is idle for too long', async () => {
    const { client, server, ended } = start(maildrop('a'), 'DELE 1\r\n');
    await readUntil(client, 'deleted\r\n');
    server.timeOut();
    expect(await readAll(client)).toMatch(/^-ERR You were idle/);
    expect(await ended).toBe('idle-too-long');
  });

  test.each(SESSION_END_REASONS)(
    'comes by the owner’s wish (%s) while it waits, and removes nothing',
    async (reason) => {
      const drop = maildrop('a');
      const { client, session, ended } = start(drop, 'DELE 1\r\n');
      await readUntil(client, 'deleted\r\n');
      session.requestEnd(reason);
      expect(await readAll(client)).toMatch(
        /^-ERR \[(?:SYS\/TEMP|SYS\/PERM|AUTH)\] [ -~]+; nothing was deleted\r\n$/,
      );
      expect(await ended).toBe(reason);
      expect(drop.remaining).toEqual(['uid-1']);
    },
  );

  test.each([
    ['as a whole', false],
    ['in pieces', true],
  ])('comes behind a message that is sent %s, never inside it', async (_, isInPieces) => {
    const body = 'x'.repeat(200_000);
    const drop = maildrop(body);
    drop.isInPieces = isInPieces;
    const { client, session, ended } = start(drop, 'RETR 1\r\nQUIT\r\n', {
      highWaterBytes: 1000,
    });
    const first = await client.read();
    session.requestEnd('shutting-down');
    const text = Buffer.from(first).toString() + (await readAll(client));
    expect(text).toBe(
      `+OK 200000 octets\r\n${body}\r\n.\r\n-ERR [SYS/TEMP] The server is restarting; nothing was deleted\r\n`,
    );
    expect(await ended).toBe('shutting-down');
  });

  test('comes at once when it is asked for before the session runs', async () => {
    const { client, session, ended } = start(maildrop());
    session.requestEnd('shutting-down');
    session.requestEnd('account-changed');
    expect(await readAll(client)).toMatch(/^-ERR \[SYS\/TEMP\]/);
    expect(await ended).toBe('shutting-down');
  });

  test('is not idleness of a client that only receives', async () => {
    const drop = maildrop('x'.repeat(200_000));
    drop.isInPieces = true;
    const { client, server } = start(drop, 'RETR 1\r\n', { highWaterBytes: 1000 });
    await client.read();
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    server.timeOut();
    await readUntil(client, '\r\n.\r\n');
    void client.write('NOOP\r\n');
    expect(await readUntil(client, '\r\n')).toBe('+OK Nothing done\r\n');
    client.end();
  });
});

describe('a maildrop of 100,000 messages', () => {
  const messages = Array.from({ length: 100_000 }, (_, at) => ({
    uidl: `uid-${at + 1}`,
    octets: Buffer.from('x'),
  }));

  test('is listed in large pieces, held back by the client', async () => {
    const { client } = start(new MemoryMaildrop(messages), 'UIDL\r\nQUIT\r\n', {
      highWaterBytes: 65_536,
    });
    for (let turn = 0; turn < 500; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(client.unreadBytes).toBeGreaterThan(30_000);
    expect(client.unreadBytes).toBeLessThan(200_000);
    let pieceCount = 0;
    let text = '';
    for (;;) {
      const octets = await client.read();
      if (typeof octets === 'string') break;
      pieceCount += 1;
      text += Buffer.from(octets).toString('latin1');
    }
    expect(text.split('\r\n')).toHaveLength(100_000 + 4);
    expect(pieceCount).toBeGreaterThan(40);
    expect(pieceCount).toBeLessThan(80);
  });

  test('is deleted by pipelined commands', async () => {
    const drop = new MemoryMaildrop(messages.slice(0, 20_000));
    const sent = messages
      .slice(0, 20_000)
      .map((_, at) => `DELE ${at + 1}\r\n`)
      .join('');
    const { text } = await converse(drop, `${sent}STAT\r\nQUIT\r\n`);
    expect(text).toMatch(/\+OK 0 0\r\n\+OK Goodbye, 20000 messages deleted\r\n$/);
    expect(drop.remaining).toEqual([]);
  });
});

describe('createPop3Session()', () => {
  test('answers the same an octet at a time as at once, and never crashes', async () => {
    const number = fc.integer({ min: 1, max: 4 });
    const line = fc.oneof(
      fc
        .constantFrom('CAPA', 'STAT', 'LIST', 'UIDL', 'NOOP', 'RSET', 'QUIT')
        .map((name) => `${name}\r\n`),
      number.map((message) => formatCommand({ name: 'RETR', message })),
      number.map((message) => formatCommand({ name: 'DELE', message })),
      fc
        .tuple(number, fc.nat(3))
        .map(([message, lineCount]) => formatCommand({ name: 'TOP', message, lineCount })),
      fc.constantFrom('\r\n', '\n', '\0', 'x', ' ', '\xff\r\n', 'RETR 0\r\n', 'USER x\r\n'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 15 }), async (lines) => {
        const sent = lines.join('');
        const once = maildrop(FIRST, SECOND, '');
        const octets = maildrop(FIRST, SECOND, '');
        octets.isInPieces = true;
        const atOnce = await converse(once, sent);
        const byOctet = await converse(octets, sent, { chunking: 'octets' });
        expect(byOctet.text).toBe(atOnce.text);
        expect(byOctet.end).toBe(atOnce.end);
        expect(octets.remaining).toEqual(once.remaining);
        expect(octets.openCount).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
