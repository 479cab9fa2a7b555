/** Protocol logs: switched on while everything runs, and joined by the conversation's id. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTempFolder, type TempFolder } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';
import { waitUntil } from './poll.ts';

let folder: TempFolder;
let demo: Demo;
beforeAll(async () => {
  folder = await createTempFolder('protocol-logs');
  demo = await startDemo({ accountCount: 6, dataFolder: folder.join('demo') });
});
afterAll(async () => {
  await demo?.stop();
  await folder?.remove();
});

type Line = Readonly<Record<string, string>>;

/** All lines of one log, by column. */
async function readLog(prefix: string): Promise<readonly Line[]> {
  const logs = folder.join('demo/protocol-log');
  const names = (await readdir(logs)).filter((name) =>
    new RegExp(`^${prefix}\\d{8}-\\d+\\.LOG$`).test(name),
  );
  const texts = await Promise.all(names.map((name) => readFile(join(logs, name), 'utf8')));
  return texts.flatMap(parseLog);
}

function parseLog(text: string): readonly Line[] {
  const rows = text.split('\r\n').filter((row) => row !== '' && !row.startsWith('#'));
  const columns = rows[0]?.split(',') ?? [];
  return rows.slice(1).map((row) => {
    const cells = [...row.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell = '']) =>
      cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
    );
    return Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? '']));
  });
}

async function linesOfSession(prefix: string, sessionId: string | undefined): Promise<Line[]> {
  const found = (await readLog(prefix)).filter((line) => line['sessionId'] === sessionId);
  if (found.at(-1)?.['command'] !== 'CloseSession') throw new Error('the session is not over');
  return found;
}

describe('protocol logs', () => {
  it(
    'join the halves of a session, and hold no secret and no text',
    { timeout: 60_000 },
    async () => {
      const user = demo.takeUser();
      await demo.expectCommand(['settings', 'set', 'protocolLog.imap', 'both']);
      const id = await waitUntil('a line in both logs', async () => {
        await using client = await demo.openImap(user);
        await client.expectOk('LOGOUT');
        const seen = new Set((await readLog('IMAP4BE')).map((line) => line['sessionId']));
        return (await readLog('IMAP4')).find((line) => seen.has(line['sessionId']))?.['sessionId'];
      });
      expect(id).toMatch(/^[0-9A-Z]{12}$/);

      const client = await demo.openImap(user, 'imap');
      const message = 'Subject: kept to ourselves\r\n\r\nconfidential\r\n';
      await client.expectOk(`APPEND INBOX {${message.length}+}\r\n${message}`);
      await client.expectOk('SELECT INBOX');
      await client.expectOk('UID SEARCH TEXT confidential');
      await client.sendLine('x XYZZY');
      await client.expectLine(/^x BAD/);
      await client.expectOk('FETCH 1 (UID BODY.PEEK[])');
      await client.expectOk('LOGOUT');
      await client.close();
      const front = await waitUntil('the end', async () => {
        const last = (await readLog('IMAP4')).findLast((line) => line['command'] === 'starttls');
        return linesOfSession('IMAP4', last?.['sessionId']);
      });
      const back = await waitUntil('the end', () =>
        linesOfSession('IMAP4BE', front[0]?.['sessionId']),
      );
      expect(front.map((line) => line['command'])).toEqual([
        ...['OpenSession', 'starttls', 'login', 'CloseSession'],
      ]);
      const login = front[2]!;
      expect(login['parameters']).toBe(`${user.name} *****`);
      expect(login['user']).toBe(user.name);
      expect(login['context']).toMatch(/^R=OK;Msg="Proxy:[\w.]+:\d+:SSL;ProxySuccess"$/);
      expect(back.map(({ command, parameters }) => `${command} ${parameters}`.trim())).toEqual([
        'authenticate OAUTHBEARER *****',
        'append INBOX *****',
        'select INBOX',
        'search (UID) TEXT *****',
        'xyzzy',
        'fetch 1 (UID BODY.PEEK[])',
        'logout',
        'CloseSession',
      ]);
      expect(back.map((line) => line['seqNumber'])).toEqual(back.map((_, at) => String(at)));
      expect(new Set([...front, ...back].map((line) => line['cIp'])).size).toBe(1);
      const fetched = back.find((line) => line['command'] === 'fetch');
      expect(Number(fetched?.['rpsize'])).toBeGreaterThan(message.length);
      expect(back.find((line) => line['command'] === 'xyzzy')?.['context']).toMatch(/^R=BAD;Msg=/);
      const everything = JSON.stringify([await readLog('IMAP4'), await readLog('IMAP4BE')]);
      expect(everything).not.toContain(user.password);
      expect(everything).not.toMatch(/confidential|kept to ourselves/);
    },
  );

  it('join the halves of a submission', { timeout: 60_000 }, async () => {
    const user = demo.takeUser();
    await demo.expectCommand(['settings', 'set', 'protocolLog.submission', 'both']);
    const id = await waitUntil('a line in both logs', async () => {
      await using client = await demo.openSubmission(user);
      await client.send(`MAIL FROM:<${user.name}>\r\nRCPT TO:<${user.name}>\r\nDATA\r\n`);
      for (const answer of [/^250 /, /^250 /, /^354 /]) await client.expectLine(answer);
      await client.send(`From: <${user.name}>\r\nSubject: hush\r\n\r\nconfidential\r\n.\r\n`);
      await client.expectLine(/^250 /);
      await client.sendLine('QUIT');
      await client.expectLine(/^221 /);
      // The two halves hear of the setting one after the other, and in the midst of a session.
      const logins = (await readLog('SMTPBE')).filter((line) => line['command'] === 'auth');
      const seen = new Set(logins.map((line) => line['sessionId']));
      const whole = (await readLog('SMTP')).filter((line) => line['command'] === 'OpenSession');
      return whole.find((line) => seen.has(line['sessionId']))?.['sessionId'];
    });
    const front = await waitUntil('the end', () => linesOfSession('SMTP', id));
    const back = await waitUntil('the end', () => linesOfSession('SMTPBE', id));
    expect(front.map((line) => line['command'])).toEqual(['OpenSession', 'auth', 'CloseSession']);
    expect(front[1]).toMatchObject({ parameters: 'PLAIN *****', user: user.name });
    expect(back.map((line) => line['command'])).toEqual([
      ...['auth', 'mail', 'rcpt', 'message', 'data', 'quit', 'CloseSession'],
    ]);
    const everything = JSON.stringify([await readLog('SMTP'), await readLog('SMTPBE')]);
    expect(everything).not.toMatch(/confidential|hush/);
    expect(everything).not.toContain(user.password);
  });

  it('say why a login was refused, by its stable reason', { timeout: 60_000 }, async () => {
    const user = demo.takeUser();
    await demo.expectCommand(['settings', 'set', 'protocolLog.pop3', 'frontend']);
    const line = await waitUntil('the refusal', async () => {
      await using client = await demo.connect('pop3s');
      await client.sendLine(`USER ${user.name}`);
      await client.expectLine(/^\+OK/);
      await client.sendLine('PASS not-this-one');
      await client.expectLine(/^-ERR/);
      return (await readLog('POP3')).find(({ command }) => command === 'pass');
    });
    expect(line).toMatchObject({ parameters: '*****', user: user.name });
    expect(line['context']).toBe('R=ERR;ErrMsg=wrong-password');
    expect((await readdir(folder.join('demo/protocol-log'))).join()).not.toContain('POP3BE');
  });
});
