/**
 * All front ends restarted one after another under load, by SIGTERM, behind a chooser that asks
 * their readiness as a load balancer does: clients reconnect, and that is all they notice.
 */
import type { RawClient } from '@homeward/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoUser } from './demo/env-file.ts';
import { FrontEndProcess } from './demo/front-end-process.ts';

const CLIENT_COUNT = 8;

let demo: Demo;
let frontEnds: FrontEndProcess[];
beforeAll(async () => {
  demo = await startDemo({ accountCount: CLIENT_COUNT });
  const settings = 'stopWindowSeconds: 3\ndraining: { noticeSeconds: 1 }';
  frontEnds = await Promise.all(
    ['a', 'b', 'c'].map((name) => FrontEndProcess.start(demo, name, settings)),
  );
}, 90_000);
afterAll(async () => {
  await Promise.all(frontEnds?.map((one) => one.stop()) ?? []);
  await demo?.stop();
});

/** @returns How long it took to stop. */
async function restart(frontEnd: FrontEndProcess): Promise<number> {
  const startedMs = performance.now();
  expect(await frontEnd.terminate()).toEqual({ code: 0, signal: null });
  const stoppedMs = performance.now() - startedMs;
  await frontEnd.run(true);
  return stoppedMs;
}

interface Tally {
  /** Subjects of messages whose APPEND was answered OK. */
  readonly acknowledged: string[];
  /** Tagged answers that were not OK, and waits that were in vain. */
  readonly complaints: string[];
  connectionCount: number;
}

/** Appends message after message, at whichever front end is ready, until it is told to cease. */
async function work(user: DemoUser, mark: string, signal: AbortSignal): Promise<Tally> {
  const tally: Tally = { acknowledged: [], complaints: [], connectionCount: 0 };
  while (!signal.aborted) {
    const client = await connectToReady();
    tally.connectionCount += 1;
    try {
      await client.readLine();
      let isIn = await ask(client, 'l', `LOGIN "${user.name}" "${user.password}"`, tally);
      while (isIn && !signal.aborted) {
        const subject = `${mark}-${tally.connectionCount}-${tally.acknowledged.length}`;
        const message = `Subject: ${subject}\r\n\r\n${'x'.repeat(500)}\r\n`;
        isIn = await ask(client, 'a', `APPEND INBOX {${message.length}+}\r\n${message}`, tally);
        if (isIn) tally.acknowledged.push(subject);
        isIn &&= await ask(client, 'n', 'NOOP', tally);
      }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      // A goodbye, or the end of the connection, is what a mail program reconnects for.
      if (/waited \d+ ms/.test(text)) tally.complaints.push(text);
    } finally {
      await client.close();
    }
  }
  return tally;
}

/** @returns Whether the answer was OK; any other is a complaint. */
async function ask(client: RawClient, tag: string, line: string, tally: Tally): Promise<boolean> {
  await client.sendLine(`${tag} ${line}`);
  for (;;) {
    const answer = await client.readLine();
    if (!answer.startsWith(`${tag} `)) continue;
    const isOk = answer.startsWith(`${tag} OK`);
    if (!isOk) tally.complaints.push(`${line.slice(0, 6)}: ${answer}`);
    return isOk;
  }
}

/** The next in turn of those that are ready, as a load balancer chooses. */
let turn = 0;
async function connectToReady(): Promise<RawClient> {
  for (;;) {
    turn += 1;
    const frontEnd = frontEnds[turn % frontEnds.length];
    if (frontEnd === undefined || !(await frontEnd.isReady())) continue;
    return frontEnd.connect();
  }
}

it(
  'a rolling restart of all front ends costs reconnects and nothing else',
  { timeout: 150_000 },
  async () => {
    const ceasing = new AbortController();
    const users = Array.from({ length: CLIENT_COUNT }, (_, index) =>
      demo.takeUser(index % 2 === 0 ? 'dublin' : 'oslo'),
    );
    const working = users.map((user, index) => work(user, `m${index}`, ceasing.signal));
    const stopMs: number[] = [];
    for (const frontEnd of frontEnds) stopMs.push(Math.round(await restart(frontEnd)));
    ceasing.abort();
    const tallies = await Promise.all(working);
    const sum = (of: (tally: Tally) => number): number =>
      tallies.reduce((total, tally) => total + of(tally), 0);
    console.log(
      `${sum((one) => one.acknowledged.length)} messages acknowledged over ` +
        `${sum((one) => one.connectionCount)} connections; stopped within ${stopMs.join(', ')} ms`,
    );
    expect(tallies.flatMap(({ complaints }) => complaints)).toEqual([]);
    expect(sum((one) => one.connectionCount)).toBeGreaterThan(CLIENT_COUNT);
    for (const [index, user] of users.entries()) {
      expect(await missing(user, tallies[index]?.acknowledged ?? [])).toEqual([]);
    }
  },
);

/** Messages that were acknowledged and are not there. */
async function missing(user: DemoUser, subjects: readonly string[]): Promise<readonly string[]> {
  await using client = await demo.openImap(user);
  await client.expectOk('SELECT INBOX');
  await client.sendLine('f FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]');
  const found = new Set<string>();
  for (;;) {
    const line = await client.readLine();
    if (line.startsWith('f ')) break;
    const subject = /^Subject: (\S+)/.exec(line)?.[1];
    if (subject !== undefined) found.add(subject);
  }
  return subjects.filter((subject) => !found.has(subject));
}
