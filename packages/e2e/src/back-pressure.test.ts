/**
 * A client that asks and does not read, and one that begins and does not end: memory of both
 * halves stays bounded, others are served, nothing half becomes visible.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryImap } from './attempts.ts';
import { type Demo, startDemo } from './demo/demo.ts';
import { readResidentBytes } from './demo/process-tree.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 6 });
});
afterAll(() => demo?.stop());

const MEBIBYTE = 1_048_576;

describe('a client that does not read', () => {
  it('takes no memory for what it asked for', { timeout: 60_000 }, async () => {
    const user = demo.takeUser();
    await using client = await demo.openImap(user);
    const message = `Subject: big\r\n\r\n${'0123456789abcde\r\n'.repeat(500_000)}`;
    await client.expectOk(`APPEND INBOX {${message.length}+}\r\n${message}`);
    await client.expectOk('SELECT INBOX');
    await client.expectOk('FETCH 1 BODY.PEEK[]');
    const before = measure();
    // 800 MB of answers; the commands themselves are a few hundred octets.
    for (let count = 0; count < 100; count += 1)
      await client.sendLine(`f${count} FETCH 1 BODY.PEEK[]`);
    let peak = 0;
    for (let look = 0; look < 20; look += 1) {
      expect((await tryImap(demo, demo.facts.users[1]!)).text).toMatch(/^OK/);
      expect((await tryImap(demo, demo.facts.users[2]!)).text).toMatch(/^OK/);
      peak = Math.max(peak, measure() - before);
    }
    console.log(`100 unread answers of 8.5 MB: at most ${(peak / MEBIBYTE).toFixed(0)} MiB more`);
    expect(peak).toBeLessThan(150 * MEBIBYTE);
    // What it does read is whole all the same.
    expect((await client.readUntilTagged('f0')).untagged[0]).toContain(message);
  });
});

describe('a client that leaves in the middle of an APPEND', () => {
  it('leaves nothing of it', async () => {
    const user = demo.takeUser('oslo');
    await using watcher = await demo.openImap(user);
    const { text } = await watcher.expectOk('APPEND INBOX {12+}\r\nSubject: 1\r\n');
    const uid = Number(/\[APPENDUID \d+ (\d+)\]/.exec(text)?.[1]);
    const client = await demo.openImap(user, 'imaps');
    await client.send(`a APPEND INBOX {1000000+}\r\n${'half of it\r\n'.repeat(40_000)}`);
    await client.close();
    await watcher.expectOk('SELECT INBOX');
    const { untagged } = await watcher.expectOk('UID SEARCH ALL');
    expect(untagged).toContain(`* SEARCH ${uid}`);
    await watcher.expectOk('APPEND INBOX {12+}\r\nSubject: 2\r\n');
    expect((await watcher.expectOk('STATUS INBOX (MESSAGES)')).untagged.join()).toContain(
      'MESSAGES 2',
    );
  });
});

/** Of all processes together. */
function measure(): number {
  return demo
    .listProcesses()
    .map(({ pid }) => readResidentBytes(pid))
    .reduce((sum, bytes) => sum + bytes, 0);
}
