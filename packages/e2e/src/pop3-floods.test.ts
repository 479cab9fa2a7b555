/**
 * POP3 clients that send too much, too fast, or do not read, through the front end to their home:
 * memory of both halves stays bounded, the processes live on, the answers are right.
 */
import type { RawClient } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoLogin } from './demo/env-file.ts';
import { readResidentBytes } from './demo/process-tree.ts';
import { waitUntil } from './poll.ts';

let demo: Demo;
let pids: readonly number[];
beforeAll(async () => {
  demo = await startDemo({ accountCount: 24 });
  pids = listPids();
});
afterAll(() => demo?.stop());

const MEBIBYTE = 1_048_576;
const MANY = 100_000;

describe('100,000 commands at once', () => {
  it.each([
    ['NOOP', /^\+OK Nothing done$/],
    ['STAT', /^\+OK \d+ \d+$/],
    ['LIST 1', /^\+OK 1 \d+$/],
    ['LANG de', /^\+OK de /],
  ])('behind login: %s is answered every time', { timeout: 60_000 }, async (command, answer) => {
    await using client = await demo.openPop3(await takeUserWithMail());
    const sent = client.send(`${command}\r\n`.repeat(MANY));
    const first = await client.readLine();
    expect(first).toMatch(answer);
    await expectSame(client, first, MANY - 1);
    await sent;
    await client.sendLine('QUIT');
    await client.expectLine(/^\+OK/);
    expectProcesses();
  });

  it.each(['CAPA', 'LANG', 'UTF8', 'USER x', 'AUTH', 'NOOP', 'PASS x', 'AUTH PLAIN\r\n*'])(
    'before login: %s ends with a reason',
    async (command) => {
      await using client = await demo.connect('pop3s');
      void client.send(`${command}\r\n`.repeat(MANY)).catch(() => undefined);
      const { octets } = await client.readToEnd();
      expect(octets.length).toBeLessThan(MEBIBYTE);
      expect(octets.toString('latin1')).toMatch(/^(?:\+|-ERR)/);
      await expectService();
    },
  );

  it('behind a login that is being verified: they are dropped with a reason', async () => {
    const { name, password } = demo.takeUser();
    await using client = await demo.connect('pop3s');
    const login = `USER ${name}\r\nPASS ${password}\r\n`;
    void client.send(login + 'NOOP\r\n'.repeat(MANY)).catch(() => undefined);
    await client.expectLine(/^\+OK/);
    const line = await client.readLine();
    expect(line).toMatch(/^(-ERR Wait for the answer|\+OK Logged in)$/);
    await expectService();
  });
});

describe('a line of a megabyte', () => {
  const line = 'A'.repeat(MEBIBYTE);
  it.each([
    ['at first', ''],
    ['behind USER', 'USER anna\r\n'],
    ['as a password', 'USER anna\r\nPASS '],
    ['behind UTF8 and LANG', 'UTF8\r\nLANG de\r\n'],
    ['in an AUTH exchange', 'AUTH PLAIN\r\n'],
    ['as an initial response', 'AUTH PLAIN '],
  ])('before login, %s, is refused', async (_, before) => {
    await using client = await demo.connect('pop3s');
    void client.send(`${before}${line}\r\n`).catch(() => undefined);
    const { octets } = await client.readToEnd();
    expect(octets.toString()).toMatch(
      /-ERR (The line is too long|Die Zeile ist zu lang) \(ref \w{12}\)\r\n$/,
    );
    await expectService();
  });

  it('behind login is refused, and removes nothing', async () => {
    const user = await takeUserWithMail();
    await using client = await demo.openPop3(user);
    await client.sendLine('DELE 1');
    await client.expectLine(/^\+OK/);
    void client.send(`RETR ${line}\r\n`).catch(() => undefined);
    const { octets } = await client.readToEnd();
    expect(octets.toString()).toMatch(/^-ERR The line is too long \(ref \w+\)\r\n$/);
    await using again = await reopen(user);
    await again.sendLine('LIST 1');
    await again.expectLine(/^\+OK 1 \d+$/);
  });
});

describe('a client that reads slowly', () => {
  it('takes no memory for what it asked for, and gets it whole', { timeout: 90_000 }, async () => {
    const user = demo.takeUser();
    const body = '.0123456789abcd\r\n'.repeat(500_000);
    const message = `Subject: big\r\n\r\n${body}`;
    await using imap = await demo.openImap(user);
    const { text } = await imap.expectOk(`APPEND INBOX {${message.length}+}\r\n${message}`);
    expect(text).toContain('APPENDUID');
    const { untagged } = await imap.expectOk('STATUS INBOX (MESSAGES)');
    const count = Number(/MESSAGES (\d+)/.exec(untagged.join())?.[1]);
    await using client = await demo.openPop3(user);
    const before = measure();
    // 850 MB of answers, for a few hundred octets of commands.
    for (let round = 0; round < 100; round += 1) await client.sendLine(`RETR ${count}`);
    let peak = 0;
    for (let look = 0; look < 10; look += 1) {
      await expectService();
      peak = Math.max(peak, measure() - before);
    }
    console.log(`100 unread answers of 8.5 MB: at most ${(peak / MEBIBYTE).toFixed(0)} MiB more`);
    expect(peak).toBeLessThan(100 * MEBIBYTE);
    await client.expectLine(`+OK ${message.length} octets`);
    const stuffed = message.replaceAll('\r\n.', '\r\n..');
    const octets = await client.readOctets(stuffed.length);
    expect(octets.equals(Buffer.from(stuffed))).toBe(true);
    await client.expectLine('.');
  });
});

async function takeUserWithMail(): Promise<DemoLogin> {
  const user = demo.takeUser();
  await using imap = await demo.openImap(user);
  await imap.expectOk('APPEND INBOX {14+}\r\nSubject: one\r\n');
  return user;
}

/** Reads the same line again and again, without a wait for each. */
async function expectSame(client: RawClient, line: string, count: number): Promise<void> {
  const expected = Buffer.from(`${line}\r\n`, 'latin1');
  const octets = await client.readOctets(expected.length * count);
  expect(octets.equals(Buffer.alloc(octets.length, expected))).toBe(true);
}

/** The home lets go of the maildrop a moment after the client was cut off. */
function reopen(user: DemoLogin): Promise<RawClient> {
  return waitUntil('the maildrop to be free', () => demo.openPop3(user));
}

async function expectService(): Promise<void> {
  await using client = await demo.openImap(demo.facts.users[1]!);
  await client.expectOk('NOOP');
  expectProcesses();
}

function expectProcesses(): void {
  expect(listPids()).toEqual(pids);
}

function listPids(): readonly number[] {
  return demo
    .listProcesses()
    .map(({ pid }) => pid)
    .toSorted((a, b) => a - b);
}

/** Of all processes together. */
function measure(): number {
  return listPids()
    .map((pid) => readResidentBytes(pid))
    .reduce((sum, bytes) => sum + bytes, 0);
}
