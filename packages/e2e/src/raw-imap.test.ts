/** IMAP through the front end, octet by octet: what no client library sends or shows. */
import type { RawClient } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoLogin } from './demo/env-file.ts';
import { waitForLog } from './demo/log-lines.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 24 });
});
afterAll(() => demo?.stop());

describe('an IMAP connection before TLS', () => {
  it('offers STARTTLS, and no login', async () => {
    await using client = await demo.connectUngreeted('imap');
    const [greeting] = await client.expectLine(/^\* OK \[CAPABILITY IMAP4rev1 .*\]/);
    expect(greeting).toMatch(/ STARTTLS[ \]]/);
    expect(greeting).toMatch(/ LOGINDISABLED[ \]]/);
    expect(greeting).not.toContain('AUTH=');
    const { name, password } = demo.facts.users[0]!;
    const login = await client.command(`LOGIN ${name} ${password}`);
    expect(login.text).toMatch(/^NO \[PRIVACYREQUIRED\]/);
    const plain = await client.command(`AUTHENTICATE PLAIN ${plainResponse(demo.facts.users[0]!)}`);
    expect(plain.status).not.toBe('OK');
  });

  it('never sees what was sent in plaintext behind STARTTLS', async () => {
    const user = demo.takeUser();
    await using client = await demo.connectUngreeted('imap');
    await client.readLine();
    await client.send(
      `s1 STARTTLS\r\ni1 LOGIN "${user.name}" "${user.password}"\r\ni2 SELECT INBOX\r\n`,
    );
    await client.expectLine(/^s1 OK/);
    await client.startTls(demo.tls);
    await client.send('c1 CAPABILITY\r\n');
    const [capability] = await client.expectLine(/^\* CAPABILITY .*/);
    expect(capability).not.toMatch(/STARTTLS|LOGINDISABLED/);
    expect(capability).toContain('AUTH=PLAIN');
    await client.expectLine(/^c1 OK/);
    // The injected login would have been answered before this one, or taken its place.
    expect((await client.command('SELECT INBOX')).status).toBe('BAD');
    await client.expectOk(`LOGIN "${user.name}" "${user.password}"`);
  });

  it('has no second STARTTLS', async () => {
    await using client = await demo.connect('imap');
    expect((await client.command('STARTTLS')).status).toBe('BAD');
  });
});

describe('an IMAP login', () => {
  const ways: readonly (readonly [
    string,
    (client: RawClient, user: DemoLogin) => Promise<void>,
  ])[] = [
    [
      'AUTHENTICATE PLAIN with an initial response',
      async (client, user) => client.sendLine(`a AUTHENTICATE PLAIN ${plainResponse(user)}`),
    ],
    [
      'AUTHENTICATE PLAIN with a challenge',
      async (client, user) => {
        await client.sendLine('a AUTHENTICATE PLAIN');
        await client.expectLine(/^\+/);
        await client.sendLine(plainResponse(user));
      },
    ],
    [
      'AUTHENTICATE LOGIN',
      async (client, user) => {
        await client.sendLine('a AUTHENTICATE LOGIN');
        await client.expectLine(/^\+/);
        await client.sendLine(base64(user.name));
        await client.expectLine(/^\+/);
        await client.sendLine(base64(user.password));
      },
    ],
    [
      'LOGIN with quoted strings',
      async (client, user) => client.sendLine(`a LOGIN "${user.name}" "${user.password}"`),
    ],
    [
      'LOGIN with literals that wait',
      async (client, user) => {
        await client.sendLine(`a LOGIN {${user.name.length}}`);
        await client.expectLine(/^\+/);
        await client.sendLine(`${user.name} {${user.password.length}}`);
        await client.expectLine(/^\+/);
        await client.sendLine(user.password);
      },
    ],
    [
      'LOGIN with literals that do not wait',
      async (client, { name, password }) =>
        client.send(
          `a LOGIN {${name.length}+}\r\n${name} {${password.length}+}\r\n${password}\r\n`,
        ),
    ],
  ];

  it.each(ways)('takes %s', async (_, logIn) => {
    const user = demo.takeUser();
    await using client = await demo.connect('imaps');
    await logIn(client, user);
    await client.expectLine(/^a OK \[CAPABILITY IMAP4rev1 /);
    expect((await client.expectOk('SELECT INBOX')).text).toContain('READ-WRITE');
  });

  it('goes on after a cancelled mechanism', async () => {
    const user = demo.takeUser();
    await using client = await demo.connect('imaps');
    await client.sendLine('a AUTHENTICATE PLAIN');
    await client.expectLine(/^\+/);
    await client.sendLine('*');
    await client.expectLine(/^a BAD/);
    await client.expectOk(`AUTHENTICATE PLAIN ${plainResponse(user)}`);
  });

  it('is answered with the capabilities of the home, which stay the same', async () => {
    const user = demo.takeUser();
    await using client = await demo.connect('imaps');
    const login = await client.expectOk(`LOGIN ${user.name} ${user.password}`);
    const told = /\[CAPABILITY ([^\]]+)\]/.exec(login.text)?.[1]?.split(' ') ?? [];
    const asked = (await client.expectOk('CAPABILITY')).untagged[0]?.split(' ').slice(2) ?? [];
    expect(told.toSorted()).toEqual(asked.toSorted());
    expect(told).toEqual(
      expect.arrayContaining([
        'IMAP4rev1',
        'IDLE',
        'NAMESPACE',
        'ID',
        'UIDPLUS',
        'MOVE',
        'UNSELECT',
      ]),
    );
    expect(told.filter((name) => name.startsWith('AUTH='))).toEqual([]);
  });

  it('passes on, in order, what was pipelined behind it', async () => {
    const user = demo.takeUser();
    await using client = await demo.connect('imaps');
    await client.send(
      `a LOGIN "${user.name}" "${user.password}"\r\nb SELECT INBOX\r\n` +
        'c APPEND INBOX {12+}\r\nSubject: hi\n\r\nd NOOP\r\ne FETCH 1 RFC822.SIZE\r\nf LOGOUT\r\n',
    );
    for (const tag of ['a', 'b', 'c', 'd']) {
      expect((await client.readUntilTagged(tag)).status).toBe('OK');
    }
    expect((await client.readUntilTagged('e')).untagged[0]).toMatch(
      /^\* 1 FETCH \(RFC822.SIZE \d+/,
    );
    expect((await client.readUntilTagged('f')).untagged[0]).toMatch(/^\* BYE/);
    expect(await client.expectEnd()).toBe('ended');
  });

  it('takes the whole session an octet at a time', async () => {
    const user = demo.takeUser();
    await using client = await demo.connect('imaps');
    await client.sendPieces(`a LOGIN "${user.name}" "${user.password}"\r\nb NOOP\r\n`);
    await client.expectLine(/^a OK/);
    await client.expectLine(/^b OK/);
  });

  it('has one conversation id in the logs of both halves', async () => {
    const user = demo.takeUser('oslo');
    const client = await demo.openImap(user);
    await client.expectOk('LOGOUT');
    await client.close();
    const ended = await waitForLog(demo, {
      service: 'frontend',
      event: 'conversation.ended',
      account: user.name,
    });
    const conversationId = ended['conversationId'];
    expect(conversationId).toMatch(/^[0-9A-Z]{8,}$/);
    await waitForLog(demo, { service: 'backend oslo', event: 'session.started', conversationId });
    await waitForLog(demo, { service: 'backend oslo', event: 'session.ended', conversationId });
    expect(demo.process.output.split('ready\n')[1]).not.toContain(user.password);
  });

  it('carries megabytes both ways unchanged', async () => {
    const user = demo.takeUser('oslo');
    await using client = await demo.openImap(user);
    const octets = `Subject: big\r\n\r\n${'All work and no play.\r\n'.repeat(200_000)}`;
    await client.expectOk(`APPEND INBOX {${octets.length}+}\r\n${octets}`);
    await client.expectOk('SELECT INBOX');
    const { untagged } = await client.expectOk('FETCH 1 BODY.PEEK[]');
    expect(untagged[0]?.includes(octets)).toBe(true);
  });
});

function plainResponse({ name, password }: DemoLogin): string {
  return base64(`\0${name}\0${password}`);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
