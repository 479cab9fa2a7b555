/**
 * What real clients do all day, on a demo that the caller starts: the same for every directory
 * driver. Each test has an account of its own.
 */
import { Readable } from 'node:stream';
import type { ImapFlow } from 'imapflow';
import type Pop3Command from 'node-pop3';
import { describe, expect, it } from 'vitest';
import { openImapFlow } from './clients/imap-flow-client.ts';
import { createPop3Client } from './clients/pop3-client.ts';
import { type Demo, SITES } from './demo/demo.ts';
import { waitUntil } from './poll.ts';

/** Accounts that the suite takes, from both sites together. */
export const CLIENT_SUITE_ACCOUNTS = 16;

const IMAP_DOORS = ['imap', 'imaps'] as const;
const PLACES = SITES.flatMap((site) => IMAP_DOORS.map((door) => ({ site, door })));

/** @param getDemo Called by the tests, when the demo is there. */
export function describeRealClients(driver: string, getDemo: () => Demo): void {
  describe(`imapflow, ${driver}`, () => {
    it.each(PLACES)('reads, flags, searches, moves at $site over $door', async (place) => {
      const demo = getDemo();
      const client = await openImapFlow(demo, demo.takeUser(place.site), place.door);
      expect(client.secureConnection).toBe(true);
      await useMailbox(client);
      await client.logout();
    });

    it.each(SITES)('hears within 50 ms what another session does at %s', async (site) => {
      const demo = getDemo();
      const user = demo.takeUser(site);
      const listener = await openImapFlow(demo, user);
      await using actor = await demo.openImap(user);
      const delaysMs = await measureIdle(listener, actor);
      await listener.logout();
      const sorted = delaysMs.toSorted((a, b) => a - b);
      const median = sorted[Math.floor(sorted.length / 2)] ?? Infinity;
      console.log(`IDLE at ${site} (${driver}): ${delaysMs.map(formatMs).join(', ')}`);
      // The best of them shows what the path takes; the median bears a busy test machine.
      expect(sorted[0]).toBeLessThan(50);
      expect(median).toBeLessThan(250);
    });
  });

  describe(`node-pop3, ${driver}`, () => {
    it.each(SITES)('lists, reads and deletes at %s', async (site) => {
      const demo = getDemo();
      const user = demo.takeUser(site);
      await using imap = await demo.openImap(user);
      for (const text of ['one', 'two', '.dot\r\n..dots']) {
        const octets = `Subject: POP\r\n\r\n${text}\r\n`;
        await imap.expectOk(`APPEND INBOX {${octets.length}+}\r\n${octets}`);
      }
      const first = createPop3Client(demo, user);
      const uidls = await useMaildrop(first);
      const second = createPop3Client(demo, user);
      expect(await second.UIDL()).toEqual([
        ['1', uidls[1]],
        ['2', uidls[2]],
      ]);
      await second.QUIT();
    });
  });

  describe(`raw POP3 over STLS, ${driver}`, () => {
    it.each(SITES)('reads at %s', async (site) => {
      const demo = getDemo();
      const user = demo.takeUser(site);
      await using client = await demo.openPop3(user, 'pop3');
      await client.send('STAT\r\nUIDL\r\nQUIT\r\n');
      await client.expectLine('+OK 0 0');
      await client.expectLine(/^\+OK/);
      expect(await client.readDotLines()).toEqual([]);
      await client.expectLine(/^\+OK/);
      expect(await client.expectEnd()).toBe('ended');
    });
  });
}

async function useMailbox(client: ImapFlow): Promise<void> {
  const folders = await client.list();
  expect(folders.map(({ path }) => path).toSorted()).toEqual(
    ['Archive', 'Drafts', 'INBOX', 'Junk', 'Sent', 'Trash'].toSorted(),
  );
  expect(folders.find(({ path }) => path === 'Sent')?.specialUse).toBe('\\Sent');
  await client.mailboxCreate('Reisen/Zürich');
  const first = await client.append('INBOX', formatMessage('First', 'tokyo'), ['\\Seen']);
  const second = await client.append('INBOX', formatMessage('Second', 'lima'), ['$Work']);
  if (first === false || second === false) throw new Error('APPEND failed');
  const lock = await client.getMailboxLock('INBOX');
  try {
    expect(client.mailbox).toMatchObject({ exists: 2, uidValidity: first.uidValidity });
    const fetched = await client.fetchAll('1:*', {
      uid: true,
      flags: true,
      envelope: true,
      bodyStructure: true,
      source: true,
    });
    expect(fetched.map(({ uid }) => uid)).toEqual([first.uid, second.uid]);
    expect(fetched.map(({ envelope }) => envelope?.subject)).toEqual(['First', 'Second']);
    expect(fetched[1]?.source?.toString('latin1')).toBe(formatMessage('Second', 'lima'));
    expect(fetched[0]?.flags?.has('\\Seen')).toBe(true);
    expect(fetched[1]?.flags?.has('$Work')).toBe(true);
    expect(fetched[0]?.bodyStructure?.childNodes?.map(({ type }) => type)).toEqual([
      'text/plain',
      'text/html',
    ]);
    expect(await client.search({ body: 'lima' }, { uid: true })).toEqual([second.uid]);
    expect(await client.search({ seen: false }, { uid: true })).toEqual([second.uid]);
    await client.messageFlagsAdd(String(second.uid), ['\\Flagged'], { uid: true });
    expect(await client.search({ flagged: true }, { uid: true })).toEqual([second.uid]);
    const part = await client.download(String(first.uid), '1', { uid: true });
    expect(await readText(part.content)).toContain('tokyo');
    const moved = await client.messageMove(String(second.uid), 'Reisen/Zürich', { uid: true });
    expect(moved).toMatchObject({ destination: 'Reisen/Zürich' });
    await client.messageDelete(String(first.uid), { uid: true });
    expect(client.mailbox).toMatchObject({ exists: 0 });
  } finally {
    lock.release();
  }
  const status = await client.status('Reisen/Zürich', { messages: true, unseen: true });
  expect(status).toMatchObject({ messages: 1, unseen: 1 });
}

/** How long after another session begins an APPEND the listener hears of it. */
async function measureIdle(
  listener: ImapFlow,
  actor: Awaited<ReturnType<Demo['openImap']>>,
): Promise<readonly number[]> {
  await listener.mailboxOpen('INBOX');
  const delaysMs: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    const idling = listener.idle();
    const heard = new Promise<number>((resolve) => {
      listener.once('exists', () => resolve(performance.now()));
    });
    await waitUntil('IDLE to begin', () => listener.idling || undefined);
    const beganMs = performance.now();
    await actor.expectOk('APPEND INBOX {10+}\r\nSubject: i');
    delaysMs.push((await heard) - beganMs);
    await listener.noop();
    await idling;
  }
  return delaysMs;
}

/** @returns the UIDLs; message 1 is deleted. */
async function useMaildrop(client: Pop3Command): Promise<readonly string[]> {
  expect(await client.STAT()).toMatch(/^3 \d+$/);
  const uidls = (await client.UIDL()) as string[][];
  expect(uidls.map(([number]) => number)).toEqual(['1', '2', '3']);
  expect(new Set(uidls.map(([, id]) => id)).size).toBe(3);
  const sizes = (await client.LIST()) as string[][];
  expect(sizes[0]?.[1]).toBe(String('Subject: POP\r\n\r\none\r\n'.length));
  expect(await client.RETR(2)).toMatch(/^Subject: POP\r\n\r\ntwo(\r\n)?$/);
  expect(await client.TOP(1, 0)).toMatch(/^Subject: POP\r\n(\r\n)?$/);
  await client.DELE(1);
  await client.QUIT();
  return uidls.map(([, id = '']) => id);
}

function formatMessage(subject: string, word: string): string {
  const boundary = '=_b';
  return [
    'From: Anna <anna@example.test>',
    'To: bob@example.test',
    `Subject: ${subject}`,
    'Date: Fri, 17 Jul 2026 02:44:25 +0000',
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    `A letter about ${word}.`,
    `--${boundary}`,
    'Content-Type: text/html; charset=utf-8',
    '',
    `<p>A letter about ${word}.</p>`,
    `--${boundary}--`,
    '',
  ].join('\r\n');
}

async function readText(content: AsyncIterable<Buffer> = Readable.from([])): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts).toString();
}

function formatMs(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}
