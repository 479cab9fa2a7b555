/**
 * Bad input through every door: a clear reply, in bounded time and memory, and the
 * processes of both halves live on and serve the next client.
 */
import { type RawClient, connectRaw } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';
import { readResidentBytes } from './demo/process-tree.ts';

let demo: Demo;
let pids: readonly number[];
beforeAll(async () => {
  demo = await startDemo({ accountCount: 16 });
  pids = listPids();
});
afterAll(() => demo?.stop());

const LIMIT_MS = 5_000;
const LONG = 'A'.repeat(200_000);
/** Octets that are no text at all, and the same ones at every run. */
const GARBAGE = Buffer.from(Array.from({ length: 65_536 }, (_, index) => (index * 7919) % 251));

interface BadInput {
  readonly name: string;
  readonly octets: string | Buffer;
}

const BEFORE_IMAP_LOGIN: readonly BadInput[] = [
  { name: 'an over-long line without an end', octets: LONG },
  { name: 'an over-long line', octets: `a NOOP ${LONG}\r\n` },
  { name: 'an over-long tag', octets: `${LONG} NOOP\r\n` },
  {
    name: 'an oversized literal',
    octets: 'a LOGIN {4294967295}\r\n',
  },
  {
    name: 'an oversized literal that does not wait',
    octets: `a LOGIN {99999999+}\r\n${LONG}`,
  },
  {
    name: 'a literal whose size is no number',
    octets: 'a LOGIN {99999999999999999999999}\r\n',
  },
  { name: 'a NUL', octets: 'a LOGIN "an\0na" "secret"\r\n' },
  { name: 'a bare LF', octets: 'a CAPABILITY\n' },
  { name: 'a bare CR', octets: 'a NO\rOP\r\n' },
  { name: 'deep nesting', octets: `a ID ${'('.repeat(9_000)}\r\n` },
  {
    name: 'garbage',
    octets: Buffer.concat([GARBAGE, Buffer.from('\r\n')]),
  },
  { name: 'HTTP', octets: 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n' },
  { name: 'SMTP', octets: 'EHLO localhost\r\n' },
  { name: 'an empty line', octets: '\r\n' },
];

const BEHIND_IMAP_LOGIN: readonly BadInput[] = [
  { name: 'an over-long line without an end', octets: LONG },
  { name: 'an over-long line', octets: `a NOOP ${LONG}\r\n` },
  {
    name: 'an oversized message',
    octets: 'a APPEND INBOX {4294967295}\r\n',
  },
  {
    name: 'an oversized message that does not wait',
    octets: `a APPEND INBOX {4294967295+}\r\n${LONG}`,
  },
  {
    name: 'a literal whose size is no number',
    octets: 'a APPEND INBOX {99999999999999999999999}\r\n',
  },
  { name: 'a NUL', octets: 'a SELECT "IN\0BOX"\r\n' },
  {
    name: 'a NUL in a message',
    octets: 'a APPEND INBOX {3}\r\na\0b\r\n',
  },
  { name: 'a bare LF', octets: 'a NOOP\n' },
  {
    name: 'nested parentheses in SEARCH',
    octets: `a SEARCH ${'('.repeat(20_000)}ALL${')'.repeat(20_000)}\r\n`,
  },
  {
    name: 'nested NOT in SEARCH',
    octets: `a SEARCH ${'NOT '.repeat(12_000)}ALL\r\n`,
  },
  {
    name: 'a huge set of numbers',
    octets: `a FETCH ${'1,'.repeat(25_000)}1 FLAGS\r\n`,
  },
  {
    name: 'garbage',
    octets: Buffer.concat([GARBAGE, Buffer.from('\r\n')]),
  },
];

const BEFORE_POP3_LOGIN: readonly BadInput[] = [
  { name: 'an over-long line without an end', octets: LONG },
  { name: 'an over-long line', octets: `USER ${LONG}\r\n` },
  { name: 'an over-long response', octets: `AUTH PLAIN\r\n${LONG}\r\n` },
  { name: 'a NUL', octets: 'USER an\0na\r\n' },
  { name: 'a bare LF', octets: 'CAPA\n' },
  { name: 'garbage', octets: Buffer.concat([GARBAGE, Buffer.from('\r\n')]) },
  { name: 'HTTP', octets: 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n' },
  { name: 'an empty line', octets: '\r\n' },
];

const BEHIND_POP3_LOGIN: readonly BadInput[] = [
  { name: 'an over-long line without an end', octets: LONG },
  { name: 'an over-long line', octets: `RETR ${LONG}\r\n` },
  { name: 'a huge number', octets: `RETR ${'9'.repeat(100)}\r\n` },
  { name: 'a number below one', octets: 'DELE 0\r\n' },
  { name: 'a NUL', octets: 'STAT\0\r\n' },
  { name: 'garbage', octets: Buffer.concat([GARBAGE, Buffer.from('\r\n')]) },
];

describe.each(['imaps', 'imap'] as const)('IMAP before login, by %s', (door) => {
  it.each(BEFORE_IMAP_LOGIN)('refuses $name', async ({ octets }) => {
    await using client = await demo.connect(door);
    await provoke(client, octets);
    await expectService();
  });
});

describe('IMAP behind login', () => {
  it.each(BEHIND_IMAP_LOGIN)('refuses $name', async ({ octets }) => {
    await using client = await demo.openImap(demo.facts.users[0]!);
    await client.expectOk('SELECT INBOX');
    await provoke(client, octets);
    await expectService();
  });
});

describe.each(['pop3s', 'pop3'] as const)('POP3 before login, by %s', (door) => {
  it.each(BEFORE_POP3_LOGIN)('refuses $name', async ({ octets }) => {
    await using client = await demo.connect(door);
    await provoke(client, octets);
    await expectService();
  });
});

describe('POP3 behind login', () => {
  it.each(BEHIND_POP3_LOGIN)('refuses $name', async ({ octets }) => {
    await using client = await demo.openPop3(demo.takeUser());
    await provoke(client, octets);
    await expectService();
  });
});

describe('a door', () => {
  it.each(['imaps', 'pop3s'] as const)('for TLS closes on plaintext: %s', async (door) => {
    const { host, ports } = demo.facts;
    await using client = await connectRaw({ host, port: ports[door], waitMs: LIMIT_MS });
    await client.send('a1 CAPABILITY\r\n');
    const { octets } = await client.readToEnd();
    // Nothing, or a TLS alert: content type 21.
    expect(octets.length === 0 || octets[0] === 21).toBe(true);
    await expectService();
  });

  it.each(['imap', 'pop3'] as const)('without TLS bears a TLS hello: %s', async (door) => {
    const { host, ports } = demo.facts;
    const startedMs = performance.now();
    await expect(connectRaw({ host, port: ports[door], tls: demo.tls })).rejects.toThrow(
      /wrong version number|packet length/i,
    );
    expect(performance.now() - startedMs).toBeLessThan(LIMIT_MS);
    await expectService();
  });

  it.each(['imaps', 'pop3s', 'imap', 'pop3'] as const)('bears a reset: %s', async (door) => {
    const { host, ports } = demo.facts;
    const client = await connectRaw({ host, port: ports[door] });
    client.reset();
    await client.close();
    await expectService();
  });
});

describe('memory', () => {
  it('of all processes stays bounded over 200 bad connections', async () => {
    const abuse = async (rounds: number): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) {
        const { octets } = BEFORE_IMAP_LOGIN[round % BEFORE_IMAP_LOGIN.length]!;
        await using client = await demo.connectUngreeted(round % 2 === 0 ? 'imaps' : 'imap');
        await client.readLine();
        await client.send(octets).catch(() => undefined);
      }
    };
    const flood = async (door: 'imaps' | 'pop3s'): Promise<void> => {
      await using client = await demo.connect(door);
      // The server may hang up in the middle; that it reads all of it would be as well.
      for (let sent = 0; sent < 160; sent += 1) {
        await client.send(LONG).catch(() => undefined);
        if (client.octets.isClosed) return;
      }
    };
    // What the first of them bring along stays: compiled code, a heap that has grown.
    await abuse(50);
    await flood('imaps');
    const before = measure();
    await abuse(200);
    await flood('imaps');
    await flood('pop3s');
    const after = measure();
    const grownBytes = after.map(([, bytes], index) => bytes - (before[index]?.[1] ?? 0));
    console.log(
      `resident memory: ${after
        .map(([pid, bytes], index) => `${pid} ${mebi(bytes)} (${mebi(grownBytes[index] ?? 0)})`)
        .join(', ')}`,
    );
    for (const bytes of grownBytes) expect(bytes).toBeLessThan(64 * 1_048_576);
    await expectService();
  });
});

/** Sends it and reads its refusal: in words, in time, whatever continuations come before. */
async function provoke(client: RawClient, octets: string | Buffer): Promise<void> {
  const startedMs = performance.now();
  await client.send(octets);
  let line = await client.readLine();
  while (line.startsWith('+ ')) line = await client.readLine();
  expect(line).toMatch(/^(-ERR|\S+ (BAD|NO|BYE)) /);
  expect(performance.now() - startedMs).toBeLessThan(LIMIT_MS);
}

/** The same processes as at the start serve the next client. */
async function expectService(): Promise<void> {
  const user = demo.facts.users[1]!;
  await using client = await demo.openImap(user);
  await client.expectOk('NOOP');
  expect(listPids()).toEqual(pids);
}

function listPids(): readonly number[] {
  return demo
    .listProcesses()
    .map(({ pid }) => pid)
    .toSorted((a, b) => a - b);
}

function measure(): readonly (readonly [number, number])[] {
  return listPids().map((pid) => [pid, readResidentBytes(pid)]);
}

function mebi(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MiB`;
}
