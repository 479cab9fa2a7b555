import { SESSION_END_REASONS } from '@homeward/sasl';
import { createMemoryStreamPair } from '@homeward/testkit';
import type { Chunking, MemoryStream } from '@homeward/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SMTP_COMMANDS } from '../grammar/command-table.ts';
import type { Envelope, MailPort, Refusal } from './ports.ts';
import type { SessionEnd, SessionEvent, SmtpSessionOptions } from './session-context.ts';
import { createSmtpSession, type SmtpSession } from './smtp-session.ts';

/** Takes mail into memory; what it refuses is named in the address. */
class MemoryPort implements MailPort {
  readonly messages: { readonly envelope: Envelope; readonly text: string }[] = [];
  abortCount = 0;
  commitFailure: Error | undefined;

  judgeSender(sender: Envelope['sender']): Promise<Refusal | undefined> {
    return Promise.resolve(
      sender?.localPart === 'mallory'
        ? { code: 553, enhanced: '5.7.1', text: 'Not your address' }
        : undefined,
    );
  }

  judgeRecipient(recipient: Envelope['recipients'][number]['path']): Promise<Refusal | undefined> {
    return Promise.resolve(
      recipient.localPart === 'nobody'
        ? { code: 550, enhanced: '5.1.1', text: 'Unknown' }
        : undefined,
    );
  }

  openMessage(envelope: Envelope): ReturnType<MailPort['openMessage']> {
    if (envelope.sender?.localPart === 'busy') {
      return Promise.resolve({ code: 452, enhanced: '4.3.1', text: 'The disk is full' });
    }
    const pieces: Buffer[] = [];
    return Promise.resolve({
      write: (octets) => {
        pieces.push(Buffer.from(octets));
        return Promise.resolve();
      },
      commit: () => {
        if (this.commitFailure !== undefined) return Promise.reject(this.commitFailure);
        this.messages.push({ envelope, text: Buffer.concat(pieces).toString('latin1') });
        const refusals = envelope.recipients.map(({ path }): Refusal | undefined =>
          path.localPart === 'full'
            ? { code: 552, enhanced: '5.2.2', text: 'Over quota' }
            : undefined,
        );
        return Promise.resolve({ reference: `M${this.messages.length}`, refusals });
      },
      abort: () => {
        this.abortCount += 1;
        return Promise.resolve();
      },
    });
  }
}

interface Running {
  readonly port: MemoryPort;
  readonly client: MemoryStream;
  readonly session: SmtpSession;
  readonly ended: Promise<SessionEnd>;
  readonly events: readonly SessionEvent[];
}

function start(
  change: Partial<SmtpSessionOptions> & {
    readonly early?: string;
    readonly chunking?: Chunking;
  } = {},
): Running {
  const { early = '', chunking, ...options } = change;
  const { client, server } = createMemoryStreamPair(chunking === undefined ? {} : { chunking });
  const port = new MemoryPort();
  const events: SessionEvent[] = [];
  const session = createSmtpSession({
    stream: server,
    port,
    early: Buffer.from(early, 'latin1'),
    options: {
      protocol: 'submission',
      serverName: 'mail.example.org',
      clientName: 'phone',
      messageBytes: 1000,
      recipientLimit: 3,
      commandBytes: 2048,
      badCommandLimit: 4,
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
      elapsedMs: () => 0,
      observe: (event) => events.push(event),
      ...options,
    },
  });
  const ended = session.run();
  void ended.then(() => server.end());
  return { port, client, session, ended, events };
}

async function readAll(client: MemoryStream): Promise<string> {
  let all = '';
  for (;;) {
    const octets = await client.read();
    if (typeof octets === 'string') return all;
    all += Buffer.from(octets).toString('latin1');
  }
}

/** Says everything at once, and closes. */
async function run(
  script: string,
  change: Parameters<typeof start>[0] = {},
): Promise<Running & { readonly said: string; readonly end: SessionEnd }> {
  const running = start(change);
  void running.client.write(script);
  running.client.end();
  const said = await readAll(running.client);
  return { ...running, said, end: await running.ended };
}

const ENVELOPE = 'MAIL FROM:<anna@example.org>\r\nRCPT TO:<ben@example.org>\r\n';
const ENVELOPE_OK = '250 2.1.0 Sender OK\r\n250 2.1.5 Recipient OK\r\n';
const GO_ON = '354 Go on, and end with a lone dot\r\n';
const MESSAGE = 'From: anna@example.org\r\n\r\nHello\r\n';

describe('createSmtpSession()', () => {
  test('takes a message, its dots unstuffed', async () => {
    const { said, end, port, events } = await run(
      `${ENVELOPE}DATA\r\n${MESSAGE}..dotted\r\n.\r\nQUIT\r\n`,
    );
    expect(said).toBe(`${ENVELOPE_OK}${GO_ON}250 2.0.0 Taken as M1\r\n221 2.0.0 Goodbye\r\n`);
    expect(end).toBe('logged-out');
    expect(port.messages).toMatchObject([
      {
        text: `${MESSAGE}.dotted\r\n`,
        envelope: {
          sender: { localPart: 'anna' },
          recipients: [{ path: { localPart: 'ben' } }],
          clientName: 'phone',
        },
      },
    ]);
    expect(events.filter(({ kind }) => kind === 'message')).toEqual([
      {
        kind: 'message',
        sizeBytes: MESSAGE.length + 9,
        recipientCount: 1,
        refusedCount: 0,
        reference: 'M1',
      },
    ]);
  });

  test('tells how many octets each command and its answer had, a message with its dots', async () => {
    const data = `DATA\r\n${MESSAGE}..dotted\r\n.\r\n`;
    const chunk = 'BDAT 8 LAST\r\nA: b\r\n\r\n';
    const { events } = await run(`${ENVELOPE}${data}${ENVELOPE}${chunk}bla\nQUIT\r\n`);
    const taken = '250 2.0.0 Taken as M1\r\n'.length;
    const sizes = events.flatMap((event) =>
      event.kind === 'command' ? [[event.name, event.requestBytes, event.responseBytes]] : [],
    );
    expect(sizes).toEqual([
      ['MAIL', 30, 21],
      ['RCPT', 27, 24],
      ['DATA', data.length, GO_ON.length + taken],
      ['MAIL', 30, 21],
      ['RCPT', 27, 24],
      ['BDAT', chunk.length, taken],
      ['unreadable', 4, '500 5.5.2 A line must be UTF-8 without NUL, and end with CRLF\r\n'.length],
      ['QUIT', 6, '221 2.0.0 Goodbye\r\n'.length],
    ]);
  });

  test('begins with what came early', async () => {
    const { said } = await run('QUIT\r\n', { early: 'NOOP\r\n' });
    expect(said).toBe('250 2.0.0 OK\r\n221 2.0.0 Goodbye\r\n');
  });

  test('takes one message after the other', async () => {
    const one = `${ENVELOPE}DATA\r\n${MESSAGE}.\r\n`;
    const { port } = await run(one + one);
    expect(port.messages).toHaveLength(2);
  });

  test('takes a message in chunks, dots as they are (RFC 3030 §2)', async () => {
    const { said, port } = await run(
      `${ENVELOPE}BDAT 6\r\nA: b\r\nBDAT 9 LAST\r\n\r\n.\r\nQUITQUIT\r\n`,
    );
    expect(said).toBe(
      `${ENVELOPE_OK}250 2.0.0 6 octets taken\r\n250 2.0.0 Taken as M1\r\n221 2.0.0 Goodbye\r\n`,
    );
    expect(port.messages[0]?.text).toBe('A: b\r\n\r\n.\r\nQUIT\r\n');
  });

  test('answers EHLO again, without logins and TLS, and forgets the transaction', async () => {
    const { said } = await run(`${ENVELOPE}EHLO desk\r\nRCPT TO:<ben@example.org>\r\n`);
    expect(said).toMatch(/250-CHUNKING\r\n250 SIZE 1000\r\n503 5\.5\.1 Say MAIL first\r\n$/u);
    expect(said).not.toMatch(/AUTH|STARTTLS/u);
  });
});

describe('a transaction', () => {
  test.each([
    ['RCPT TO:<ben@example.org>\r\n', '503 5.5.1 Say MAIL first\r\n'],
    ['DATA\r\n', '503 5.5.1 Say MAIL first\r\n'],
    [
      'MAIL FROM:<>\r\nMAIL FROM:<>\r\n',
      '250 2.1.0 Sender OK\r\n503 5.5.1 A message is under way already: send it, or say RSET\r\n',
    ],
    ['MAIL FROM:<>\r\nDATA\r\n', '250 2.1.0 Sender OK\r\n554 5.5.1 There are no recipients\r\n'],
    ['MAIL FROM:<> SIZE=1001\r\n', '552 5.3.4 Messages may have 1000 octets here\r\n'],
    ['MAIL FROM:<> BODY=BINARYMIME\r\n', '555 5.5.4 BINARYMIME is not offered\r\n'],
    ['MAIL FROM:<mallory@example.org>\r\n', '553 5.7.1 Not your address\r\n'],
    [
      'MAIL FROM:<>\r\nRCPT TO:<nobody@example.org>\r\n',
      '250 2.1.0 Sender OK\r\n550 5.1.1 Unknown\r\n',
    ],
    [
      'MAIL FROM:<>\r\nRCPT TO:<\xc3\xa4@example.org>\r\n',
      '250 2.1.0 Sender OK\r\n553 5.6.7 An address that is not ASCII needs SMTPUTF8 at MAIL\r\n',
    ],
    [`${ENVELOPE}RSET\r\nDATA\r\n`, `${ENVELOPE_OK}250 2.0.0 OK\r\n503 5.5.1 Say MAIL first\r\n`],
    [
      'MAIL FROM:<busy@example.org>\r\nRCPT TO:<ben@example.org>\r\nDATA\r\nNOOP\r\n',
      `${ENVELOPE_OK}452 4.3.1 The disk is full\r\n250 2.0.0 OK\r\n`,
    ],
    ['VRFY anna\r\n', '252 2.0.0 Send a message, and see\r\n'],
    ['EXPN staff\r\n', '502 5.5.1 Lists are not shown\r\n'],
    ['STARTTLS\r\n', '503 5.5.1 TLS comes before the login\r\n'],
    ['AUTH PLAIN AGEAYg==\r\n', '503 5.5.1 You are logged in already\r\n'],
    ['LHLO x\r\n', '500 5.5.1 This is SMTP: say EHLO\r\n'],
    ['X\r\n', '500 5.5.1 Unknown command\r\n'],
  ])('%j is answered', async (script, answer) => {
    expect((await run(script)).said).toBe(answer);
  });

  test('has no more recipients than allowed', async () => {
    const { said } = await run(`MAIL FROM:<>\r\n${'RCPT TO:<ben@example.org>\r\n'.repeat(4)}`);
    expect(said).toMatch(
      /(?:250 2\.1\.5 Recipient OK\r\n){3}452 4\.5\.3 3 recipients at a time\r\n$/u,
    );
  });

  test('needs EHLO where nobody has greeted yet', async () => {
    const { said } = await run('MAIL FROM:<>\r\n', { clientName: undefined });
    expect(said).toBe('503 5.5.1 Say EHLO first\r\n');
  });
});

describe('a message', () => {
  const BARE = '550 5.6.11 A line of the message ends with a bare LF or CR\r\n';

  /** Each would end a message at some server or other. */
  test.each(['\n.\n', '\n.\r\n', '\r.\r', '\r\n.\n', '\r\n.\r', '\r.\r\n', '\n\n.\r\n'])(
    'is not ended by %j, and is refused for it',
    async (end) => {
      const { said, port } = await run(
        `${ENVELOPE}DATA\r\nA: b${end}MAIL FROM:<mallory@example.org>\r\n.\r\nNOOP\r\n`,
      );
      expect(said).toBe(`${ENVELOPE_OK}${GO_ON}${BARE}250 2.0.0 OK\r\n`);
      expect(port.messages).toEqual([]);
      expect(port.abortCount).toBe(1);
    },
  );

  test.each([['A\nb\r\n'], ['A\rb\r\n'], ['\n'], ['A\r\n\r']])(
    'in a chunk is refused for %j',
    async (text) => {
      const { said, port } = await run(`${ENVELOPE}BDAT ${text.length} LAST\r\n${text}NOOP\r\n`);
      expect(said).toBe(`${ENVELOPE_OK}${BARE}250 2.0.0 OK\r\n`);
      expect(port.messages).toEqual([]);
    },
  );

  test('is refused for a CR that ends one chunk and no LF that begins the next', async () => {
    const { said, port } = await run(`${ENVELOPE}BDAT 2\r\nA\rBDAT 3 LAST\r\nb\r\n`);
    expect(said).toBe(`${ENVELOPE_OK}250 2.0.0 2 octets taken\r\n${BARE}`);
    expect(port.messages).toEqual([]);
  });

  test('may have a line end that is cut in two', async () => {
    const { port } = await run(`${ENVELOPE}BDAT 2\r\nA\rBDAT 4 LAST\r\n\nb\r\n`);
    expect(port.messages.map(({ text }) => text)).toEqual(['A\r\nb\r\n']);
  });

  test('may not have NUL', async () => {
    const { said } = await run(`${ENVELOPE}DATA\r\nA\0b\r\n.\r\n`);
    expect(said).toBe(`${ENVELOPE_OK}${GO_ON}550 5.6.11 There is a NUL in the message\r\n`);
  });

  test('that is too big is read to its end, then refused', async () => {
    const { said, port } = await run(`${ENVELOPE}DATA\r\n${'x\r\n'.repeat(334)}.\r\nNOOP\r\n`);
    expect(said).toBe(`${ENVELOPE_OK}${GO_ON}552 5.3.4 The message is too big\r\n250 2.0.0 OK\r\n`);
    expect(port.abortCount).toBe(1);
  });

  test('that never ends ends the connection', async () => {
    const running = start();
    void running.client.write(`${ENVELOPE}DATA\r\n`);
    const piece = 'x'.repeat(1024 * 1024);
    const feed = async (): Promise<void> => {
      for (let count = 0; count < 70; count += 1) await running.client.write(piece);
    };
    void feed();
    expect(await running.ended).toBe('protocol-error');
    expect(await readAll(running.client)).toContain(
      '552 5.3.4 The message is too big by far\r\n421',
    );
    expect(running.port.abortCount).toBe(1);
  });

  test('that its client does not finish leaves nothing', async () => {
    const { said, end, port } = await run(`${ENVELOPE}DATA\r\nA: b\r\n`);
    expect(said).toBe(ENVELOPE_OK + GO_ON);
    expect(end).toBe('client-gone');
    expect(port.abortCount).toBe(1);
  });

  test('between two chunks leaves nothing, either', async () => {
    const { end, port } = await run(`${ENVELOPE}BDAT 6\r\nA: b\r\n`);
    expect(end).toBe('client-gone');
    expect(port.abortCount).toBe(1);
  });

  test('is answered once, however many recipients it was refused for', async () => {
    const script =
      'MAIL FROM:<>\r\nRCPT TO:<full@example.org>\r\nRCPT TO:<ben@example.org>\r\n' +
      'DATA\r\nA: b\r\n.\r\n';
    expect((await run(script)).said).toMatch(/354 [^\r]*\r\n250 2\.0\.0 Taken as M1\r\n$/u);
    const alone = 'MAIL FROM:<>\r\nRCPT TO:<full@example.org>\r\nDATA\r\nA: b\r\n.\r\n';
    expect((await run(alone)).said).toMatch(/354 [^\r]*\r\n552 5\.2\.2 Over quota\r\n$/u);
  });

  test('that cannot be stored is answered with 451, and where it ended is not guessed', async () => {
    const running = start();
    running.port.commitFailure = new Error('a bug');
    void running.client.write(`${ENVELOPE}DATA\r\nA: b\r\n.\r\nNOOP\r\n`);
    expect(await running.ended).toBe('protocol-error');
    expect(await readAll(running.client)).toMatch(/451 4\.3\.0 [^\r]*\r\n421 4\.5\.0 [^\r]*\r\n$/u);
    expect(running.events).toContainEqual({
      kind: 'failed',
      command: 'DATA',
      error: running.port.commitFailure,
    });
  });
});

describe('a message that dribbles in', () => {
  test.each([
    ['DATA', 'DATA\r\n'],
    ['BDAT', 'BDAT 900 LAST\r\n'],
  ])('by %s ends the connection after ten minutes, and leaves nothing', async (_, command) => {
    let nowMs = 0;
    const { client, port, ended } = start({ elapsedMs: () => nowMs });
    void client.write(ENVELOPE + command);
    await new Promise((resolve) => setImmediate(resolve));
    for (; nowMs <= 600_000; nowMs += 100_000) {
      void client.write('x');
      for (let turn = 0; turn < 10; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    expect(port.abortCount).toBe(0);
    void client.write('x');
    expect(await ended).toBe('idle-too-long');
    expect(port).toMatchObject({ messages: [], abortCount: 1 });
  });
});

describe('BDAT', () => {
  test.each([
    ['BDAT 5\r\nQUIT\nNOOP\r\n', '503 5.5.1 Say MAIL first\r\n250 2.0.0 OK\r\n'],
    [
      'MAIL FROM:<>\r\nBDAT 5\r\nQUIT\nBDAT 5 LAST\r\nQUIT\nNOOP\r\n',
      '250 2.1.0 Sender OK\r\n554 5.5.1 There are no recipients\r\n' +
        '554 5.5.1 There are no recipients\r\n250 2.0.0 OK\r\n',
    ],
    [
      `${ENVELOPE}BDAT 2\r\n\r\nDATA\r\nRCPT TO:<ben@example.org>\r\n`,
      `${ENVELOPE_OK}250 2.0.0 2 octets taken\r\n503 5.5.1 The message comes by BDAT\r\n` +
        '503 5.5.1 The message is under way already\r\n',
    ],
    [
      'MAIL FROM:<busy@example.org>\r\nRCPT TO:<ben@example.org>\r\nBDAT 4 LAST\r\nQUITNOOP\r\n',
      `${ENVELOPE_OK}452 4.3.1 The disk is full\r\n250 2.0.0 OK\r\n`,
    ],
  ])('%j takes its octets whatever it answers', async (script, answer) => {
    expect((await run(script)).said).toBe(answer);
  });

  test('that cannot be read ends the connection', async () => {
    const { said, end } = await run('BDAT many\r\nQUIT\r\n');
    expect(end).toBe('protocol-error');
    expect(said).toMatch(/^501 5\.5\.4 [^\r]*\r\n421 /u);
  });
});

describe('LMTP (RFC 2033 §4)', () => {
  const lmtp = { protocol: 'lmtp', clientName: undefined } as const;

  test('greets by LHLO and answers for each recipient', async () => {
    const { said } = await run(
      'LHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<full@example.org>\r\nRCPT TO:<nobody@example.org>\r\n' +
        'RCPT TO:<ben@example.org>\r\nDATA\r\nA: b\r\n.\r\nQUIT\r\n',
      lmtp,
    );
    expect(said).toMatch(
      /354 [^\r]*\r\n552 5\.2\.2 Over quota\r\n250 2\.0\.0 Taken as M1\r\n221 2\.0\.0 Goodbye\r\n$/u,
    );
  });

  test('refuses EHLO', async () => {
    expect((await run('EHLO mx\r\nMAIL FROM:<>\r\n', lmtp)).said).toBe(
      '500 5.5.1 This is LMTP: say LHLO\r\n503 5.5.1 Say LHLO first\r\n',
    );
  });

  test('tells each recipient’s sender of a message that cannot be taken', async () => {
    const { said } = await run(
      'LHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nA\nb\r\n.\r\n',
      lmtp,
    );
    expect(said.match(/550 5\.6\.11/gu)).toHaveLength(2);
  });
});

describe('the end', () => {
  test.each(SESSION_END_REASONS)('comes between two commands: %s', async (reason) => {
    const running = start();
    void running.client.write(ENVELOPE);
    await running.client.read();
    running.session.requestEnd(reason);
    expect(await running.ended).toBe(reason);
    expect(await readAll(running.client)).toMatch(/421 4\.\d\.\d [^\r]*\r\n$/u);
    expect(running.port.messages).toEqual([]);
  });

  test('waits for a message that is under way', async () => {
    const running = start();
    void running.client.write(`${ENVELOPE}DATA\r\nA: b\r\n`);
    let said = '';
    while (!said.includes(GO_ON)) said += String(await running.client.read());
    running.session.requestEnd('draining');
    void running.client.write('\r\nHello\r\n.\r\nNOOP\r\n');
    expect(await running.ended).toBe('draining');
    expect(await readAll(running.client)).toMatch(/^250 2\.0\.0 Taken as M1\r\n421 4\.3\.2 /u);
    expect(running.port.messages).toHaveLength(1);
  });

  test('comes after too many errors, and a line without an end', async () => {
    const errors = await run('X\r\nX\r\nX\r\nX\r\nNOOP\r\n');
    expect(errors.end).toBe('too-many-errors');
    expect(errors.said).toMatch(/Unknown command\r\n421 4\.7\.0 Too many errors\r\n$/u);
    const line = await run('x'.repeat(2048));
    expect(line.end).toBe('protocol-error');
    expect(line.said).toMatch(/^500 5\.5\.6 [^\r]*\r\n421 /u);
  });
});

test('says and takes the same an octet at a time as at once', async () => {
  const line = fc.constantFrom(
    ...SMTP_COMMANDS.map(({ name }) => `${name}\r\n`),
    ENVELOPE,
    'BDAT 5\r\n',
    'BDAT 3 LAST\r\n',
    'DATA\r\n',
    `${MESSAGE}.\r\n`,
    '..x\r\n.\r\n',
    'RSET\r\n',
    '\r',
    '\n',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 14 }), async (lines) => {
      const script = lines.join('');
      const whole = await run(script);
      const pieces = await run(script, { chunking: 'octets' });
      expect(pieces.said).toBe(whole.said);
      expect(pieces.port.messages).toEqual(whole.port.messages);
    }),
    { numRuns: 60 },
  );
});
