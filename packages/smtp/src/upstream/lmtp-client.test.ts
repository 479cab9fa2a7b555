import { createMemoryStreamPair, DialoguePeer } from '@homeward/testkit';
import type { MemoryStream } from '@homeward/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMailbox } from '../grammar/mail-path.ts';
import type { MailPath } from '../grammar/mail-path.ts';
import { NO_MAIL_PARAMETERS, NO_RECIPIENT_PARAMETERS } from '../grammar/parameters.ts';
import { createSmtpSession } from '../session/smtp-session.ts';
import { LmtpClient } from './lmtp-client.ts';

const ALL = ['8BITMIME', 'SMTPUTF8', 'DSN', 'SIZE 1000'];

function at(address: string): MailPath {
  const path = parseMailbox(address);
  if (path === undefined) throw new Error(`${address} is no mailbox`);
  return path;
}

interface Meeting {
  readonly client: LmtpClient;
  readonly server: DialoguePeer;
  readonly stream: MemoryStream;
  readonly clientStream: MemoryStream;
}

function meet(): Meeting {
  const { client, server } = createMemoryStreamPair();
  return {
    client: new LmtpClient(client),
    server: new DialoguePeer(server, { otherName: 'client' }),
    stream: server,
    clientStream: client,
  };
}

async function opened(extensions: readonly string[] = ALL): Promise<Meeting> {
  const met = meet();
  const { client, server } = met;
  const opening = client.open('fe.example.org');
  await server.send('220-home\r\n220 LMTP\r\n');
  await server.expectLine('LHLO fe.example.org');
  const lines = ['home', ...extensions];
  await server.send(
    lines.map((line, i) => `250${i < lines.length - 1 ? '-' : ' '}${line}\r\n`).join(''),
  );
  expect(await opening).toMatchObject({ code: 250, isLost: false });
  return met;
}

/** A transaction up to 354, for so many recipients. */
async function started(recipientCount: number): Promise<Meeting> {
  const met = await opened();
  const { client, server } = met;
  const answers = [client.mail(at('anna@example.org'), NO_MAIL_PARAMETERS)];
  for (let n = 0; n < recipientCount; n += 1) {
    answers.push(client.recipient(at(`r${n}@example.org`), NO_RECIPIENT_PARAMETERS));
  }
  for (const _ of answers) await server.readLine();
  await server.send('250 2.1.0 fine\r\n'.repeat(answers.length));
  await Promise.all(answers);
  const start = client.startMessage();
  await server.expectLine('DATA');
  await server.sendLine('354 go on');
  expect(await start).toMatchObject({ code: 354 });
  return met;
}

describe('LmtpClient', () => {
  test('sends commands without waiting, and gives each its own answer', async () => {
    const { client, server } = await opened();
    const answers = Promise.all([
      client.mail(at('anna@example.org'), {
        ...NO_MAIL_PARAMETERS,
        sizeBytes: 9,
        body: '8BITMIME',
      }),
      client.recipient(at('ben@example.org'), { ...NO_RECIPIENT_PARAMETERS, notify: [] }),
      client.recipient(at('nobody@example.org'), NO_RECIPIENT_PARAMETERS),
    ]);
    await server.expectLine('MAIL FROM:<anna@example.org> SIZE=9 BODY=8BITMIME');
    await server.expectLine('RCPT TO:<ben@example.org> NOTIFY=NEVER');
    await server.expectLine('RCPT TO:<nobody@example.org>');
    await server.send('250 2.1.0 a\r\n250 2.1.5 b\r\n550-5.1.1 no\r\n550 5.1.1 body\r\n');
    expect(await answers).toEqual([
      { code: 250, enhanced: '2.1.0', lines: ['a'], isLost: false },
      { code: 250, enhanced: '2.1.5', lines: ['b'], isLost: false },
      { code: 550, enhanced: '5.1.1', lines: ['no', 'body'], isLost: false },
    ]);
  });

  test('doubles dots, and hears an answer for each recipient that was taken', async () => {
    const { client, server } = await started(2);
    await client.write(Buffer.from('.a\r\n..b\r\n'));
    const end = client.endMessage();
    await server.expectLine('..a');
    await server.expectLine('...b');
    await server.expectLine('.');
    await server.send('250 in\r\n552 5.2.2 full\r\n');
    expect(await end).toMatchObject([
      { code: 250, enhanced: '2.0.0' },
      { code: 552, enhanced: '5.2.2', lines: ['full'] },
    ]);
    const reset = client.reset();
    await server.expectLine('RSET');
    await server.sendLine('250 2.0.0 fine');
    expect(await reset).toMatchObject({ code: 250, isLost: false });
  });

  test('leaves out what the server has not offered', async () => {
    const { client, server } = await opened([]);
    void client.mail(undefined, {
      sizeBytes: 9,
      body: '8BITMIME',
      isUtf8: false,
      returned: 'HDRS',
      envelopeId: 'x',
    });
    void client.recipient(at('ben@example.org'), { ...NO_RECIPIENT_PARAMETERS, notify: ['DELAY'] });
    await server.expectLine('MAIL FROM:<>');
    await server.expectLine('RCPT TO:<ben@example.org>');
    expect(client.offer).toEqual({
      is8Bit: false,
      isUtf8: false,
      hasNotifications: false,
      sizeLimitBytes: undefined,
    });
  });

  test('brings nothing that needs SMTPUTF8 to a server without it', async () => {
    const { client } = await opened(['8BITMIME']);
    expect(await client.mail(at('ännchen@example.org'), NO_MAIL_PARAMETERS)).toMatchObject({
      code: 553,
      enhanced: '5.6.7',
    });
    void client.mail(at('anna@example.org'), NO_MAIL_PARAMETERS);
    expect(await client.recipient(at('jürgen@example.org'), NO_RECIPIENT_PARAMETERS)).toMatchObject(
      { code: 553 },
    );
  });

  test('notices a server that gives up while it still writes', async () => {
    const { client, server } = await started(2);
    await client.write(Buffer.from('a\r\n'));
    await server.expectLine('a');
    await server.sendLine('421 4.3.2 going down');
    await expect.poll(() => client.lost).toMatchObject({ code: 421, isLost: true });
    expect(client.write(Buffer.from('b\r\n'))).toBeUndefined();
    expect(await client.endMessage()).toMatchObject([
      { code: 421, enhanced: '4.3.2', isLost: true },
      { code: 421, enhanced: '4.3.2', isLost: true },
    ]);
  });

  test.each<[string, (met: Meeting) => unknown, string]>([
    ['closes', ({ stream }) => stream.end(), 'The connection was lost'],
    ['breaks', ({ stream }) => stream.destroy(), 'The connection was lost'],
    ['is silent', ({ clientStream }) => clientStream.timeOut(), 'No answer came in time'],
    ['is no mail server', ({ server }) => server.send('HTTP/1.1 400\r\n'), 'no reply of SMTP'],
    ['says one line for ever', ({ server }) => server.send('2'.repeat(3_000)), 'no reply of SMTP'],
    ['says lines for ever', ({ server }) => server.send('250-x\r\n'.repeat(300)), 'no reply'],
    ['mixes codes', ({ server }) => server.send('250-x\r\n550 y\r\n'), 'no reply of SMTP'],
  ])(
    'takes it for the end when the server %s, also for what is asked later',
    async (_, act, why) => {
      const met = await opened();
      const { client } = met;
      const first = client.mail(undefined, NO_MAIL_PARAMETERS);
      const second = client.recipient(at('ben@example.org'), NO_RECIPIENT_PARAMETERS);
      await act(met);
      const lost = {
        code: 451,
        enhanced: '4.4.2',
        lines: [expect.stringContaining(why) as unknown],
        isLost: true,
      };
      expect(await first).toEqual(lost);
      expect(await second).toEqual(lost);
      expect(await client.reset()).toEqual(lost);
    },
  );

  test.each(['554 5.7.1 Go away', '421 4.3.2 Busy'])('is turned away by %j', async (line) => {
    const { client, server } = meet();
    const opening = client.open('fe.example.org');
    await server.sendLine(line);
    expect(await opening).toMatchObject({ code: Number(line.slice(0, 3)) });
  });

  test('takes an answer to nothing that was asked for the end', async () => {
    const { client, server } = await opened();
    const answer = client.mail(undefined, NO_MAIL_PARAMETERS);
    await server.send('250 2.1.0 fine\r\n250 2.1.5 and more\r\n');
    expect(await answer).toMatchObject({ code: 250, isLost: false });
    expect(await client.recipient(at('ben@example.org'), NO_RECIPIENT_PARAMETERS)).toMatchObject({
      code: 451,
      lines: ['An answer came to nothing that was asked'],
      isLost: true,
    });
  });

  test('doubles dots behind a bare LF as well', async () => {
    const { client, server } = await started(1);
    await client.write(Buffer.from('a\n.\r\n'));
    void client.endMessage();
    await server.expectLine('a');
    await server.expectLine('..');
    await server.expectLine('.');
  });

  test('makes nothing of a server’s control characters', async () => {
    const { client, server } = await opened();
    const answer = client.mail(undefined, NO_MAIL_PARAMETERS);
    await server.send(`250 2.1.0 \x07\xff${'y'.repeat(900)}\r\n`);
    const { lines } = await answer;
    expect(lines[0]).toMatch(/^\?\?y+$/u);
    expect(lines[0]).toHaveLength(500);
  });

  test('brings any message to a session of ours, octet for octet', async () => {
    const line = fc.stringMatching(/^[ -~.]{0,40}$/u);
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1 }), fc.integer(), async (lines, seed) => {
        const text = `${lines.join('\r\n')}\r\n`;
        const pieces: Buffer[] = [];
        const { client, server } = createMemoryStreamPair({ chunking: { seed } });
        const session = createSmtpSession({
          stream: server,
          early: Buffer.alloc(0),
          port: {
            judgeSender: () => Promise.resolve(undefined),
            judgeRecipient: () => Promise.resolve(undefined),
            openMessage: ({ recipients }) =>
              Promise.resolve({
                write: (octets) => void pieces.push(Buffer.from(octets)),
                commit: () =>
                  Promise.resolve({ reference: 'M', refusals: recipients.map(() => undefined) }),
                abort: () => Promise.resolve(),
              }),
          },
          options: {
            protocol: 'lmtp',
            serverName: 'home',
            clientName: undefined,
            messageBytes: 0,
            recipientLimit: 10,
            commandBytes: 2048,
            badCommandLimit: 4,
            breathe: () => new Promise((resolve) => setImmediate(resolve)),
            elapsedMs: () => 0,
            observe: () => undefined,
          },
        });
        await server.write('220 home\r\n');
        const running = session.run();
        const lmtp = new LmtpClient(client);
        await lmtp.open('fe.example.org');
        await Promise.all([
          lmtp.mail(undefined, NO_MAIL_PARAMETERS),
          lmtp.recipient(at('ben@example.org'), NO_RECIPIENT_PARAMETERS),
        ]);
        await lmtp.startMessage();
        for (const octets of Buffer.from(text)
          .toString('latin1')
          .match(/[\s\S]{1,7}/gu) ?? []) {
          await lmtp.write(Buffer.from(octets, 'latin1'));
        }
        expect(await lmtp.endMessage()).toMatchObject([{ code: 250 }]);
        await lmtp.quit();
        expect(await running).toBe('logged-out');
        expect(Buffer.concat(pieces).toString('latin1')).toBe(text);
      }),
      { numRuns: 50 },
    );
  });
});
