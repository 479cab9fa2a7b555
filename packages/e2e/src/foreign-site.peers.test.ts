/** A mailbox at a real Dovecot behind Homeward's front end, as people use it; and how it moves. */
import { startDovecot, type TestDovecot } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openImapFlow } from './clients/imap-flow-client.ts';
import { createPop3Client } from './clients/pop3-client.ts';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoLogin } from './demo/env-file.ts';

const ADDRESS = 'anna@old.example';
const MESSAGE = 'From: bob@example.org\r\nSubject: from before\r\n\r\nHello\r\n';

let dovecot: TestDovecot;
let demo: Demo;
let anna: DemoLogin;
beforeAll(async () => {
  // One after the other: what is up is stopped, should the next one not come up.
  dovecot = await startDovecot({ trustsProxies: true });
  demo = await startDemo({ sites: ['dublin'] });
  anna = { name: ADDRESS, password: dovecot.password };
  const place = (port: number): string => `localhost:${port}`;
  await demo.expectCommand([
    ...['site', 'add', 'old', '--login', 'pass-through', '--login-name', '{local}'],
    ...['--imap', place(dovecot.imapsPort), '--pop3', place(dovecot.pop3sPort)],
    ...['--ca-file', dovecot.caFile],
  ]);
  await demo.expectCommand(['account', 'add', ADDRESS, '--site', 'old', '--without-password']);
});
afterAll(async () => {
  await demo?.stop();
  await dovecot?.stop();
});

async function subjects(user: DemoLogin): Promise<readonly (string | undefined)[]> {
  const client = await openImapFlow(demo, user);
  try {
    await client.mailboxOpen('INBOX');
    const found: (string | undefined)[] = [];
    for await (const message of client.fetch('1:*', { envelope: true })) {
      found.push(message.envelope?.subject);
    }
    return found;
  } finally {
    await client.logout();
  }
}

describe('an account at Dovecot', () => {
  it.each(['imap', 'imaps'] as const)('is used by imapflow over %s', async (door) => {
    const client = await openImapFlow(demo, anna, door);
    await client.append('INBOX', MESSAGE);
    expect(client.capabilities.has('THREAD=REFS')).toBe(true);
    const idle = await client.mailboxOpen('INBOX');
    expect(idle.exists).toBeGreaterThan(0);
    await client.logout();
  });

  it('is read by node-pop3', async () => {
    const client = createPop3Client(demo, anna);
    expect(await client.UIDL()).toHaveLength(2);
    expect(await client.RETR(1)).toContain('Subject: from before');
    await client.QUIT();
  });

  it('is told a wrong password by its home', async () => {
    const wrong = openImapFlow(demo, { ...anna, password: 'wrong' });
    await expect(wrong).rejects.toMatchObject({ authenticationFailed: true });
  });

  it('moves to a site of Homeward with its mail, and keeps its name', async () => {
    const password = 'a new home';
    await demo.expectCommand(['account', 'set', ADDRESS, '--site', 'dublin', '--disable']);
    const source = `imaps://localhost:${dovecot.imapsPort}`;
    const login = ['--user', 'anna', '--ca-file', dovecot.caFile, '--password-stdin'];
    await demo.expectCommand(
      ['mailbox', 'import', ADDRESS, source, ...login],
      `${dovecot.password}\n`,
    );
    const back = ['account', 'set', ADDRESS, '--enable', '--password-stdin'];
    await demo.expectCommand(back, password);
    await expect
      .poll(() => subjects({ name: ADDRESS, password }).catch(() => 'not yet'))
      .toEqual(['from before', 'from before']);
  });
});
