/**
 * kill -9 of a back end in a stream of APPENDs, twenty times: every message that was
 * acknowledged is there afterwards, octet for octet, under its UID; every other one is there
 * whole, or not at all.
 */
import type { RawClient } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppendStream, digestOf } from './append-stream.ts';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoUser } from './demo/env-file.ts';
import { waitUntil } from './poll.ts';

const ROUNDS = 20;
/** Messages that a site is to acknowledge between two kills, at least. */
const STRIDE = 12;
/**
 * Taken in turn: what dies again and again is started again later and later, and what is tested
 * here is the mail.
 */
const SITES = ['dublin', 'oslo', 'cork', 'bergen'] as const;

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: SITES.length * 2, sites: SITES });
});
afterAll(() => demo?.stop());

/** One person's mailbox and the clients that append to it. */
interface Mailbox {
  readonly user: DemoUser;
  readonly writers: readonly AppendStream[];
}

describe('a back end that is killed in a stream of APPENDs', () => {
  it('has every acknowledged message afterwards, twenty times', { timeout: 90_000 }, async () => {
    const mailboxes = SITES.flatMap((site) => [openWriters(site, 2), openWriters(site, 1)]);
    const writers = mailboxes.flatMap((mailbox) => mailbox.writers);
    const running = Promise.all(writers.map((writer) => writer.run()));
    // Its failure is seen at the end; until then the counts below tell.
    running.catch(() => undefined);
    for (let round = 0; round < ROUNDS; round += 1) {
      const site = SITES[round % SITES.length]!;
      const wanted = countAcknowledged(mailboxes, site) + STRIDE + round;
      await waitUntil(
        `${wanted} messages at ${site}`,
        () => countAcknowledged(mailboxes, site) >= wanted || undefined,
      );
      expect(demo.killSite(site).length).toBeGreaterThan(0);
    }
    for (const writer of writers) writer.stop();
    await running;
    let acknowledgedCount = 0;
    for (const mailbox of mailboxes) acknowledgedCount += await verify(mailbox);
    console.log(`${ROUNDS} kills, ${acknowledgedCount} acknowledged messages, all there`);
  });
});

function openWriters(site: string, count: number): Mailbox {
  const user = demo.takeUser(site);
  const writers = Array.from(
    { length: count },
    (_, index) => new AppendStream(demo, user, `writer ${index} of ${user.name}`),
  );
  return { user, writers };
}

function countAcknowledged(mailboxes: readonly Mailbox[], site: string): number {
  return mailboxes
    .filter(({ user }) => user.site === site)
    .flatMap(({ writers }) => writers)
    .reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
}

/** @returns How many messages were acknowledged. */
async function verify({ user, writers }: Mailbox): Promise<number> {
  const acknowledged = writers.flatMap((writer) => writer.acknowledged);
  const sent = new Set(writers.flatMap((writer) => [...writer.sent]));
  await using client = await waitUntil('a session', () => demo.openImap(user));
  const { untagged } = await client.expectOk('SELECT INBOX');
  const uidValidity = /\[UIDVALIDITY (\d+)\]/.exec(untagged.join('\n'))?.[1] ?? '';
  const uidNext = Number(/\[UIDNEXT (\d+)\]/.exec(untagged.join('\n'))?.[1]);
  const found = await readMessages(client);
  for (const message of acknowledged) {
    expect(message.uidValidity).toBe(uidValidity);
    expect(found.get(message.uid), `UID ${message.uid}`).toBe(message.digest);
    expect(message.uid).toBeLessThan(uidNext);
  }
  expect(new Set(acknowledged.map(({ uid }) => uid)).size).toBe(acknowledged.length);
  for (const [uid, digest] of found) expect(sent.has(digest), `UID ${uid}`).toBe(true);
  // What was not acknowledged is there once at most: nobody sent it twice.
  expect(new Set(found.values()).size).toBe(found.size);
  return acknowledged.length;
}

/** Digests of all messages of the folder, by UID; sizes are checked on the way. */
async function readMessages(client: RawClient): Promise<ReadonlyMap<number, string>> {
  const { untagged } = await client.expectOk('UID FETCH 1:* (RFC822.SIZE BODY.PEEK[])');
  return new Map(
    untagged.map((response) => {
      const head = /^\* \d+ FETCH \(UID (\d+) RFC822\.SIZE (\d+) BODY\[\] \{(\d+)\}\r\n/.exec(
        response,
      );
      if (head === null) throw new Error(`no FETCH: ${response.slice(0, 100)}`);
      const [all, uid, size, literal] = head;
      expect(size).toBe(literal);
      return [Number(uid), digestOf(response.slice(all.length, all.length + Number(literal)))];
    }),
  );
}
