/**
 * SIGTERM of a site's back end: sessions end one after another, each at a safe point; newcomers
 * are turned away and never called strangers; nothing that was acknowledged is lost, and nobody
 * who has not said QUIT has deleted anything.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findFreePort, type RawClient } from '@homeward/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tryImap, tryPop3 } from './attempts.ts';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoUser } from './demo/env-file.ts';
import { FrontEndProcess } from './demo/front-end-process.ts';
import { signalProcess } from './demo/process-tree.ts';
import { waitUntil } from './poll.ts';

const WINDOW_MS = 3_000;
const IDLE_COUNT = 8;
/** How far apart the first and the last goodbye are at least: far less than the window. */
const SPREAD_MS = WINDOW_MS / 6;

let demo: Demo;
let opsPort: number;
/** Beside the demo's own, to be asked what it knows of the site. */
let second: FrontEndProcess;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 10 });
  opsPort = await findFreePort();
  const file = join(dirname(demo.facts.configFile), 'backend-dublin.yaml');
  const text = await readFile(file, 'utf8');
  const ops = `ops:\n  enabled: true\n  port: ${opsPort}\n`;
  await writeFile(
    file,
    text.replace(/^stopWindowSeconds: .*/m, `stopWindowSeconds: ${WINDOW_MS / 1_000}`) + ops,
  );
  demo.killSite('dublin');
  second = await FrontEndProcess.start(demo, 'second', 'stopWindowSeconds: 0');
  await waitUntil('the site', async () => ((await isReady()) ? true : undefined), 20_000);
}, 90_000);
afterAll(async () => {
  await second?.stop();
  await demo?.stop();
});

async function isReady(): Promise<boolean | undefined> {
  try {
    return (await fetch(`http://127.0.0.1:${opsPort}/readyz`)).ok;
  } catch {
    return undefined;
  }
}

async function untilHomesAre(status: number): Promise<void> {
  const isSo = async (): Promise<true | undefined> =>
    (await second.statusOf('health/homes')) === status ? true : undefined;
  await waitUntil(`the page of homes to say ${status}`, isSo);
}

function stopSite(): void {
  for (const { pid } of demo.listSiteProcesses('dublin')) signalProcess(pid, 'SIGTERM');
}

async function openIdling(user: DemoUser): Promise<RawClient> {
  const client = await demo.openImap(user);
  await client.expectOk('SELECT INBOX');
  await client.sendLine('i IDLE');
  await client.expectLine(/^\+/);
  return client;
}

/** A message as POP3 and IMAP clients put it there. */
async function fill(user: DemoUser, count: number): Promise<void> {
  await using client = await demo.openImap(user);
  for (let index = 0; index < count; index += 1) await append(client, `old ${index}`);
}

async function append(client: RawClient, subject: string): Promise<string> {
  const message = `Subject: ${subject}\r\n\r\nHello.\r\n`;
  return (await client.command(`APPEND INBOX {${message.length}+}\r\n${message}`)).text;
}

/** A worker that has just come back is not given all logins at once. */
function countMessages(user: DemoUser): Promise<number> {
  return waitUntil(`${user.name} to get in`, async () => {
    await using client = await demo.openImap(user);
    const { untagged } = await client.expectOk('STATUS INBOX (MESSAGES)');
    return Number(/\(MESSAGES (\d+)\)/.exec(untagged.join())?.[1]);
  });
}

/** Appends until it hears goodbye. @returns Subjects of what was acknowledged. */
async function appendToTheEnd(client: RawClient, mark: string): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  for (;;) {
    const subject = `${mark}-${acknowledged.length}`;
    const message = `Subject: ${subject}\r\n\r\nHello.\r\n`;
    await client.sendLine(`a APPEND INBOX {${message.length}}`);
    const invitation = await client.readLine();
    if (!invitation.startsWith('+')) {
      // Told before it began.
      expect(invitation).toMatch(/^\* BYE /);
      return acknowledged;
    }
    await client.send(`${message}\r\n`);
    // Never between the invitation and the answer.
    await client.expectLine(/^a OK \[APPENDUID /);
    acknowledged.push(subject);
  }
}

it('spreads goodbyes, at safe points, and turns newcomers away', { timeout: 60_000 }, async () => {
  const [idler, writer, popper, quitter, slow] = Array.from({ length: 5 }, () =>
    demo.takeUser('dublin'),
  ) as [DemoUser, DemoUser, DemoUser, DemoUser, DemoUser];
  const there = demo.takeUser('oslo');
  await using bystander = await demo.openImap(there);
  await Promise.all([fill(popper, 2), fill(quitter, 3)]);
  const idling = await Promise.all(Array.from({ length: IDLE_COUNT }, () => openIdling(idler)));
  const between = await second.connect();
  await between.expectLine(/^\* OK/);
  await between.expectOk(`LOGIN "${idler.name}" "${idler.password}"`);
  const writing = await demo.openImap(writer);
  const marking = await demo.openPop3(popper);
  await marking.sendLine('DELE 1');
  await marking.expectLine(/^\+OK/);
  const quitting = await demo.openPop3(quitter);
  for (const number of [1, 2, 3]) {
    await quitting.sendLine(`DELE ${number}`);
    await quitting.expectLine(/^\+OK/);
  }
  const appending = await demo.openImap(slow);
  await appending.sendLine('a APPEND INBOX {17}');
  await appending.expectLine(/^\+/);
  await appending.send('Subject:');
  const written = appendToTheEnd(writing, 'w');

  stopSite();
  await waitUntil('the readiness', async () => ((await isReady()) === false ? true : undefined));
  const goodbyes = idling.map(async (client) => {
    await client.expectLine(/^\* BYE \[UNAVAILABLE\] /);
    return performance.now();
  });
  await quitting.sendLine('QUIT');
  const quit = await quitting.readLine();
  for (const attempt of [await tryImap(demo, popper), await tryPop3(demo, quitter)]) {
    expect(attempt.text).toMatch(/^(NO \[UNAVAILABLE\]|-ERR \[SYS\/TEMP\]) /);
  }
  await bystander.expectOk('NOOP');
  expect((await tryImap(demo, there)).text).toMatch(/^OK/);
  const toldAtMs = await Promise.all(goodbyes);
  await between.expectLine(/^\* BYE \[UNAVAILABLE\] /);
  await marking.expectLine(/^-ERR \[SYS\/TEMP\] .*nothing was deleted/);
  const spreadMs = Math.max(...toldAtMs) - Math.min(...toldAtMs);
  console.log(`goodbyes over ${spreadMs.toFixed(0)} ms; QUIT in the midst: ${quit}`);
  expect(spreadMs).toBeGreaterThan(SPREAD_MS);
  const acknowledged = await written;
  // Front ends find out by probes, once somebody wanted to go there.
  await using newcomer = await second.connect();
  await newcomer.expectLine(/^\* OK/);
  const refused = await newcomer.command(`LOGIN "${idler.name}" "${idler.password}"`);
  expect(refused.text).toMatch(/^NO \[UNAVAILABLE\] /);
  await untilHomesAre(503);
  expect(await second.isReady()).toBe(true);
  // All others are gone, and this one was waited for.
  await appending.send(' half\r\n\r\n');
  await appending.send('\r\n');
  await appending.expectLine(/^a OK \[APPENDUID /);
  await appending.expectLine(/^\* BYE \[UNAVAILABLE\] /);
  await demo.process.waitForLine(/site dublin ended with code 0/, 20_000);

  await waitUntil('people of the site to get in', async () =>
    (await tryImap(demo, slow)).text.startsWith('OK') ? true : undefined,
  );
  await untilHomesAre(200);
  expect(await countMessages(slow)).toBe(1);
  expect(await countMessages(writer)).toBe(acknowledged.length);
  expect(await countMessages(popper)).toBe(2);
  expect(await countMessages(quitter)).toBe(quit.startsWith('+OK') ? 0 : 3);
  await bystander.expectOk('NOOP');
  for (const client of [...idling, between, writing, marking, quitting, appending]) {
    await client.close();
  }
});
