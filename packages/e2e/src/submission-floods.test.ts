/**
 * Clients that send what is no SMTP, too much of it, or a message without an end, through the front
 * end to their home: a clear reply, bounded memory in both halves, and the processes live on.
 */
import type { RawClient } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoLogin } from './demo/env-file.ts';
import { readResidentBytes } from './demo/process-tree.ts';

let demo: Demo;
let pids: readonly number[];
beforeAll(async () => {
  demo = await startDemo({ accountCount: 8 });
  pids = listPids();
});
afterAll(() => demo?.stop());

const MEBIBYTE = 1_048_576;
const MANY = 100_000;
const LONG = 'A'.repeat(MEBIBYTE);
/** Octets that are no text at all, and the same ones at every run. */
const GARBAGE = Buffer.from(Array.from({ length: 65_536 }, (_, index) => (index * 7919) % 251));

const BAD_INPUT: readonly (readonly [string, string | Buffer])[] = [
  ['a line of a megabyte', `${LONG}\r\n`],
  ['a line without an end', LONG],
  ['an AUTH of a megabyte', `AUTH PLAIN ${LONG}\r\n`],
  ['a bare LF', 'EHLO phone\n'],
  ['a bare CR', 'EH\rLO phone\r\n'],
  ['a NUL', 'EHLO pho\0ne\r\n'],
  ['a name with a line of its own', 'EHLO phone\rMAIL FROM:<a@b>\r\n'],
  ['garbage', Buffer.concat([GARBAGE, Buffer.from('\r\n')])],
  ['HTTP', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['IMAP', 'a1 LOGIN anna secret\r\n'],
  ['an empty line', '\r\n'],
  ['a message', 'MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nSubject: x\r\n\r\n.\r\n'],
];

describe.each(['submissions', 'submission'] as const)('before a login, by %s', (door) => {
  it.each(BAD_INPUT)('%s is refused', async (_what, octets) => {
    await using client = await demo.connect(door);
    void client.send(octets).catch(() => undefined);
    expect(await client.readLine()).toMatch(/^[45]\d\d /);
    await expectService();
  });
});

describe('100,000 commands at once', () => {
  it.each(['NOOP', 'EHLO x', 'AUTH PLAIN\r\n*', 'MAIL FROM:<>', 'STARTTLS', 'BDAT 1\r\nx', 'HELP'])(
    'before a login, %j, end with a reason',
    async (command) => {
      await using client = await demo.connect('submissions');
      void client.send(`${command}\r\n`.repeat(MANY)).catch(() => undefined);
      const { octets } = await client.readToEnd();
      expect(octets.length).toBeLessThan(MEBIBYTE);
      expect(octets.toString('latin1')).toMatch(/(?:421|530) [45]\.\d\.\d [^\r\n]*\r\n$/);
      await expectService();
    },
  );

  it('behind one are answered, every one', { timeout: 60_000 }, async () => {
    await using client = await demo.openSubmission(demo.takeUser());
    const sent = client.send('NOOP\r\n'.repeat(MANY));
    for (let answered = 0; answered < MANY; answered += 1) await client.expectLine(/^250 /);
    await sent;
    expectProcesses();
  });
});

describe('a message', () => {
  async function begin(client: RawClient, name: string): Promise<void> {
    await client.send(`MAIL FROM:<${name}>\r\nRCPT TO:<${name}>\r\nDATA\r\n`);
    await client.expectLine(/^250 /);
    await client.expectLine(/^250 /);
    await client.expectLine(/^354 /);
  }

  /** 200 MB of a message, and reads how it is refused. */
  async function sendTooMuch(user: DemoLogin): Promise<void> {
    await using client = await demo.openSubmission(user);
    await begin(client, user.name);
    await client.send(`From: <${user.name}>\r\n\r\n`);
    const block = `${'x'.repeat(1_022)}\r\n`.repeat(1_024);
    for (let sent = 0; sent < 200 && !client.octets.isClosed; sent += 1) {
      await client.send(block).catch(() => undefined);
    }
    await client.send('\r\n.\r\n').catch(() => undefined);
    expect(await client.readLine()).toMatch(/^(?:552 5\.3\.4|421 4\.\d\.\d) /);
  }

  it('that says that it is too large is not begun', async () => {
    const user = demo.takeUser();
    await using client = await demo.openSubmission(user);
    await client.sendLine(`MAIL FROM:<${user.name}> SIZE=1000000000`);
    await client.expectLine(/^552 5\.3\.4 /);
  });

  it(
    'that does not say it is refused, and costs neither half its size',
    { timeout: 90_000 },
    async () => {
      const user = demo.takeUser();
      // What the first of them brings along stays: compiled code, a heap that has grown.
      await sendTooMuch(user);
      const before = measure();
      await sendTooMuch(user);
      const grown = measure().map((bytes, index) => bytes - (before[index] ?? 0));
      console.log(`grown by ${grown.map((bytes) => (bytes / MEBIBYTE).toFixed(0)).join(', ')} MiB`);
      for (const bytes of grown) expect(bytes).toBeLessThan(64 * MEBIBYTE);
      await expectService();
    },
  );
});

/** The same processes as at the start serve the next client. */
async function expectService(): Promise<void> {
  await using client = await demo.openSubmission(demo.facts.users[1]!);
  await client.sendLine('NOOP');
  await client.expectLine(/^250 /);
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

function measure(): readonly number[] {
  return listPids().map(readResidentBytes);
}
