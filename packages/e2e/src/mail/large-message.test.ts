/**
 * A message of 100 MB to somebody here, to another site and to the outside: it arrives, and no
 * process on its way ever holds it.
 */
import { setInterval } from 'node:timers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Demo, startDemo } from '../demo/demo.ts';
import type { DemoUser } from '../demo/env-file.ts';
import { readResidentBytes } from '../demo/process-tree.ts';
import { waitUntil } from '../poll.ts';
import { awaitOutside } from './read-sink.ts';

const MEBIBYTE = 1_048_576;
const BLOCK = `${'0123456789abcdef'.repeat(63)}\r\n`.repeat(1_024);
const LIMIT_BYTES = String(256 * MEBIBYTE);

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 3 });
  for (const name of ['submission.maxMessageBytes', 'limits.messageBytes']) {
    await demo.expectCommand(['settings', 'set', name, LIMIT_BYTES]);
  }
});
afterAll(() => demo?.stop());

it('a message of 100 MB costs no process its size', { timeout: 180_000 }, async () => {
  const author = demo.takeUser('dublin');
  const readers = [demo.takeUser('dublin'), demo.takeUser('oslo')];
  const to = [...readers.map(({ name }) => name), 'friend@far.example'];
  // Code and pools as they are after some work.
  await send(author, to, 'Warm-up', 20);
  await arrive(readers, 'Warm-up', 20);
  const watch = watchMemory();
  await send(author, to, 'Very large', 100);
  await arrive(readers, 'Very large', 100);
  const grown = watch();
  console.log(`grown by ${grown.map((bytes) => (bytes / MEBIBYTE).toFixed(0)).join(', ')} MiB`);
  for (const bytes of grown) expect(bytes).toBeLessThan(80 * MEBIBYTE);
});

async function send(
  author: DemoUser,
  to: readonly string[],
  subject: string,
  blockCount: number,
): Promise<void> {
  await using client = await demo.openSubmission(author);
  await client.sendLine(`MAIL FROM:<${author.name}>`);
  await client.expectLine(/^250 /u);
  for (const recipient of to) {
    await client.sendLine(`RCPT TO:<${recipient}>`);
    await client.expectLine(/^250 /u);
  }
  await client.sendLine('DATA');
  await client.expectLine(/^354 /u);
  await client.send(`From: ${author.name}\r\nSubject: ${subject}\r\n\r\n`);
  for (let count = 0; count < blockCount; count += 1) await client.send(BLOCK);
  await client.sendLine('.');
  await client.expectLine(/^250 /u);
}

/** Whole, everywhere. */
async function arrive(
  readers: readonly DemoUser[],
  subject: string,
  blockCount: number,
): Promise<void> {
  for (const reader of readers) {
    await waitUntil(
      `${subject} at ${reader.site}`,
      async () => {
        const sizes = await readSizes(reader, subject);
        return sizes.some((size) => size > blockCount * BLOCK.length) || undefined;
      },
      60_000,
    );
  }
  await awaitOutside(demo, subject, 60_000);
}

async function readSizes(reader: DemoUser, subject: string): Promise<readonly number[]> {
  await using client = await demo.openImap(reader);
  await client.expectOk('EXAMINE INBOX');
  const { untagged } = await client.expectOk(`SEARCH SUBJECT "${subject}"`);
  const numbers = untagged.join(' ').match(/\d+/gu) ?? [];
  if (numbers.length === 0) return [];
  const fetched = await client.expectOk(`FETCH ${numbers.join(',')} RFC822.SIZE`);
  return fetched.untagged.map((line) => Number(/RFC822\.SIZE (\d+)/u.exec(line)?.[1] ?? 0));
}

/** @returns Ends it, and says by how much each process had grown at most. */
function watchMemory(): () => readonly number[] {
  const pids = ['dublin', 'oslo'].flatMap((site) => demo.listSiteProcesses(site));
  const watched = [...pids, ...demo.listFrontEndProcesses()].map(({ pid }) => pid);
  const before = watched.map(readResidentBytes);
  const most = [...before];
  const look = (): void => {
    for (const [index, pid] of watched.entries()) {
      most[index] = Math.max(most[index] ?? 0, readResidentBytes(pid));
    }
  };
  const timer = setInterval(look, 20);
  return () => {
    clearInterval(timer);
    look();
    return most.map((bytes, index) => bytes - (before[index] ?? 0));
  };
}
