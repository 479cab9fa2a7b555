/** POP3 through the front end, octet by octet. */
import type { RawClient } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoLogin } from './demo/env-file.ts';
import { waitForLog } from './demo/log-lines.ts';
import { waitUntil } from './poll.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 16 });
});
afterAll(() => demo?.stop());

describe('a POP3 connection before TLS', () => {
  it('offers STLS, and no login', async () => {
    await using client = await demo.connectUngreeted('pop3');
    await client.expectLine(/^\+OK /);
    const capabilities = await readCapabilities(client);
    expect(capabilities).toContain('STLS');
    expect(capabilities.filter((line) => /^(USER|SASL)/.test(line))).toEqual([]);
    const { name, password } = demo.facts.users[0]!;
    await client.sendLine(`USER ${name}`);
    await client.expectLine(/^-ERR/);
    await client.sendLine(`PASS ${password}`);
    await client.expectLine(/^-ERR/);
    await client.sendLine(`AUTH PLAIN ${plainResponse(demo.facts.users[0]!)}`);
    await client.expectLine(/^-ERR/);
  });

  it('never sees what was sent in plaintext behind STLS', async () => {
    const user = demo.takeUser();
    await using client = await demo.connectUngreeted('pop3');
    await client.readLine();
    await client.send(`STLS\r\nUSER ${user.name}\r\nPASS ${user.password}\r\n`);
    await client.expectLine(/^\+OK/);
    await client.startTls(demo.tls);
    const capabilities = await readCapabilities(client);
    expect(capabilities).not.toContain('STLS');
    expect(capabilities).toContain('USER');
    await client.sendLine('STAT');
    await client.expectLine(/^-ERR/);
    await client.sendLine(`PASS ${user.password}`);
    await client.expectLine(/^-ERR/);
  });
});

describe('a POP3 login', () => {
  const ways: readonly (readonly [
    string,
    (client: RawClient, user: DemoLogin) => Promise<void>,
  ])[] = [
    [
      'AUTH PLAIN with an initial response',
      async (client, user) => client.sendLine(`AUTH PLAIN ${plainResponse(user)}`),
    ],
    [
      'AUTH PLAIN with a challenge',
      async (client, user) => {
        await client.sendLine('AUTH PLAIN');
        await client.expectLine(/^\+/);
        await client.sendLine(plainResponse(user));
      },
    ],
    [
      'AUTH LOGIN',
      async (client, user) => {
        await client.sendLine('AUTH LOGIN');
        await client.expectLine(/^\+/);
        await client.sendLine(base64(user.name));
        await client.expectLine(/^\+/);
        await client.sendLine(base64(user.password));
      },
    ],
    [
      'USER and PASS',
      async (client, user) => {
        await client.sendLine(`USER ${user.name}`);
        await client.expectLine(/^\+OK/);
        await client.sendLine(`PASS ${user.password}`);
      },
    ],
  ];

  it.each(ways)('takes %s', async (_, logIn) => {
    const user = demo.takeUser('oslo');
    await using client = await demo.connect('pop3s');
    await logIn(client, user);
    await client.expectLine(/^\+OK/);
    await client.sendLine('STAT');
    await client.expectLine('+OK 0 0');
  });

  it('goes on after a cancelled mechanism', async () => {
    const user = demo.takeUser();
    await using client = await demo.connect('pop3s');
    await client.sendLine('AUTH PLAIN');
    await client.expectLine(/^\+/);
    await client.sendLine('*');
    await client.expectLine(/^-ERR/);
    await client.sendLine(`AUTH PLAIN ${plainResponse(user)}`);
    await client.expectLine(/^\+OK/);
  });

  it('passes on, in order, what was pipelined behind it', async () => {
    const user = demo.takeUser();
    await using imap = await demo.openImap(user);
    await imap.expectOk('APPEND INBOX {14+}\r\nSubject: hi\r\n\r');
    await using client = await demo.connect('pop3s');
    await client.send(
      `USER ${user.name}\r\nPASS ${user.password}\r\nSTAT\r\nUIDL 1\r\nNOOP\r\nRETR 9\r\nQUIT\r\n`,
    );
    await client.expectLine(/^\+OK/);
    await client.expectLine(/^\+OK/);
    await client.expectLine(/^\+OK 1 \d+$/);
    await client.expectLine(/^\+OK 1 \S{1,70}$/);
    await client.expectLine(/^\+OK/);
    await client.expectLine(/^-ERR/);
    await client.expectLine(/^\+OK/);
    expect(await client.expectEnd()).toBe('ended');
  });

  it('has the capabilities of the home behind it', async () => {
    const user = demo.takeUser();
    await using client = await demo.openPop3(user);
    const capabilities = await readCapabilities(client);
    expect(capabilities).toEqual(
      expect.arrayContaining(['TOP', 'UIDL', 'PIPELINING', 'RESP-CODES', 'AUTH-RESP-CODE']),
    );
  });

  it('finds a maildrop locked while another session has it, and free after', async () => {
    const user = demo.takeUser();
    const first = await demo.openPop3(user);
    await using second = await demo.connect('pop3s');
    await second.send(`USER ${user.name}\r\nPASS ${user.password}\r\n`);
    await second.expectLine(/^\+OK/);
    await second.expectLine(/^-ERR \[IN-USE\]/);
    await first.sendLine('QUIT');
    await first.expectLine(/^\+OK/);
    await first.expectEnd();
    await first.close();
    await using third = await demo.openPop3(user);
    await third.sendLine('NOOP');
    await third.expectLine(/^\+OK/);
  });

  it('keeps UTF8 and LANG from before the login (RFC 6856)', async () => {
    const user = demo.takeUser();
    await using imap = await demo.openImap(user);
    const octets = Buffer.from('Subject: Gr\u00fc\u00dfe\r\n\r\n');
    await imap.send(`a APPEND INBOX {${octets.length}+}\r\n`);
    await imap.send(octets);
    await imap.sendLine('');
    while (!(await imap.readLine()).startsWith('a OK'));
    await using client = await demo.connect('pop3s');
    await client.send(
      `UTF8\r\nLANG de\r\nUSER ${user.name}\r\nPASS ${user.password}\r\nNOOP\r\nRETR 1\r\n`,
    );
    await client.expectLine('+OK UTF-8 is on');
    await client.expectLine(/^\+OK de /);
    await client.expectLine('+OK Senden Sie PASS');
    await client.expectLine('+OK Angemeldet');
    await client.expectLine('+OK Nichts getan');
    await client.expectLine(`+OK ${octets.length} Oktette`);
    expect(await client.readDotLines()).toEqual([
      Buffer.from('Subject: Gr\u00fc\u00dfe').toString('latin1'),
      '',
    ]);
    await client.sendLine('QUIT');
    await client.expectLine('+OK Auf Wiedersehen');
    await using plain = await demo.openPop3(user);
    await plain.sendLine('TOP 1 0');
    await plain.expectLine(/^\+OK/);
    expect((await plain.readDotLines())[0]).toBe('Subject: =?utf-8?B?R3LDvMOfZQ==?=');
  });

  it('holds to the delay between logins that is set, and tells it before', async () => {
    const user = demo.takeUser();
    await demo.expectCommand(['settings', 'set', 'pop3.loginDelaySeconds', '3600']);
    await waitUntil('the delay to be told', async () => {
      await using client = await demo.connect('pop3s');
      return (await readCapabilities(client)).includes('LOGIN-DELAY 3600') || undefined;
    });
    const second = await waitUntil('the delay to be held to', async () => {
      const first = await demo.openPop3(user).catch(() => undefined);
      await first?.sendLine('QUIT');
      await first?.expectEnd().catch(() => undefined);
      await using client = await demo.connect('pop3s');
      await client.send(`USER ${user.name}\r\nPASS ${user.password}\r\n`);
      await client.expectLine(/^\+OK/);
      const line = await client.readLine();
      return line.startsWith('-ERR') ? line : undefined;
    });
    expect(second).toMatch(/^-ERR \[LOGIN-DELAY\] /);
    await demo.expectCommand(['settings', 'unset', 'pop3.loginDelaySeconds']);
    await using again = await waitUntil('the delay to be gone', () => demo.openPop3(user));
    expect((await readCapabilities(again)).join()).not.toContain('LOGIN-DELAY');
  });

  it('has one conversation id in the logs of both halves', async () => {
    const user = demo.takeUser('oslo');
    const client = await demo.openPop3(user);
    await client.sendLine('QUIT');
    await client.expectLine(/^\+OK/);
    await client.close();
    const { conversationId } = await waitForLog(demo, {
      service: 'frontend',
      event: 'conversation.ended',
      account: user.name,
    });
    await waitForLog(demo, { service: 'backend oslo', event: 'session.ended', conversationId });
  });
});

async function readCapabilities(client: RawClient): Promise<readonly string[]> {
  await client.sendLine('CAPA');
  await client.expectLine(/^\+OK/);
  return client.readDotLines();
}

function plainResponse({ name, password }: DemoLogin): string {
  return base64(`\0${name}\0${password}`);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
