/**
 * A site that is down, hangs, or is not known: its people hear so within 5 s, never that their
 * password is wrong; those of the other site notice nothing; all heals without a restart.
 */
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryImap, tryPop3 } from './attempts.ts';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoLogin } from './demo/env-file.ts';
import { freezeSite, holdSiteDown, type OngoingFault } from './demo/site-faults.ts';
import { waitUntil } from './poll.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 8 });
});
afterAll(() => demo?.stop());

const LIMIT_MS = 5_000;

const FAULTS: readonly (readonly [string, () => Promise<OngoingFault>])[] = [
  ['is down', () => holdSiteDown(demo, 'dublin')],
  ['hangs', async () => freezeSite(demo, 'dublin')],
  ['is not known', () => forgetSite('dublin')],
];

describe.each(FAULTS)('a site that %s', (_, begin) => {
  it('is told of as unavailable in time, and its people get in as soon as it is back', async () => {
    const frontEnd = demo.listFrontEndProcesses().map(({ pid }) => pid);
    const here = userAt('dublin');
    const there = userAt('oslo');
    await using bystander = await demo.openImap(there);
    expect((await tryImap(demo, here)).text).toMatch(/^OK/);
    {
      using fault = await begin();
      // One whom the front end knows and one whom it has not met yet, at the same time: a site
      // that hangs costs each of them the whole limit.
      const newcomer = demo.takeUser();
      await Promise.all([expectUnavailable(here), expectUnavailable(newcomer)]);
      const wrong = await tryImap(demo, { ...here, password: 'wrong' });
      expect(wrong.text).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
      await bystander.expectOk('NOOP');
      expect((await tryImap(demo, there)).text).toMatch(/^OK/);
      expect((await tryPop3(demo, there)).text).toMatch(/^\+OK/);
      fault.end();
    }
    const startedMs = performance.now();
    await waitUntil('people of the site to get in', async () =>
      (await tryImap(demo, here)).text.startsWith('OK') ? true : undefined,
    );
    console.log(`back after ${(performance.now() - startedMs).toFixed(0)} ms`);
    expect((await tryPop3(demo, here)).text).toMatch(/^\+OK/);
    await bystander.expectOk('NOOP');
    expect(demo.listFrontEndProcesses().map(({ pid }) => pid)).toEqual(frontEnd);
  });
});

describe('sessions of a site that dies', () => {
  it('end, and new ones begin within two seconds', async () => {
    const user = demo.takeUser('oslo');
    await using imap = await demo.openImap(user);
    await using pop3 = await demo.openPop3(user);
    demo.killSite('oslo');
    const startedMs = performance.now();
    await imap.readToEnd();
    await pop3.readToEnd();
    await waitUntil('a new session', async () =>
      (await tryImap(demo, user)).text.startsWith('OK') ? true : undefined,
    );
    const tookMs = performance.now() - startedMs;
    console.log(`killed, restarted and logged in within ${tookMs.toFixed(0)} ms`);
    // A second is promised; the rest is for a busy test machine.
    expect(tookMs).toBeLessThan(3_000);
  });
});

function userAt(site: string): Demo['facts']['users'][number] {
  return demo.facts.users.find((user) => user.site === site)!;
}

async function expectUnavailable(user: DemoLogin): Promise<void> {
  const [imap, pop3] = await Promise.all([tryImap(demo, user), tryPop3(demo, user)]);
  expect(imap.text).toMatch(/^NO \[UNAVAILABLE\] /);
  expect(pop3.text).toMatch(/^-ERR \[SYS\/TEMP\] /);
  expect(imap.tookMs).toBeLessThan(LIMIT_MS);
  expect(pop3.tookMs).toBeLessThan(LIMIT_MS);
}

/** Takes the site's record out of the directory, which refuses to do so as long as it works. */
async function forgetSite(site: string): Promise<OngoingFault> {
  const { configFile } = demo.facts;
  const open = (): DatabaseSync =>
    new DatabaseSync(configFile.replace(/[^/]+$/, 'directory.db'), {
      enableForeignKeyConstraints: false,
    });
  const tell = (database: DatabaseSync): void => {
    const change = JSON.stringify({ area: 'site', name: site });
    database.prepare('INSERT INTO changes (change) VALUES (?)').run(change);
  };
  let record: string | undefined;
  {
    const database = open();
    const row = database.prepare('DELETE FROM sites WHERE name = ? RETURNING record').get(site);
    record = String(row?.['record']);
    tell(database);
    database.close();
  }
  const end = (): void => {
    if (record === undefined) return;
    const database = open();
    database.prepare('INSERT INTO sites (name, record) VALUES (?, ?)').run(site, record);
    record = undefined;
    tell(database);
    database.close();
  };
  await waitUntil('the front end to hear of it', async () =>
    (await tryImap(demo, userAt(site))).text.startsWith('OK') ? undefined : true,
  );
  return { end, [Symbol.dispose]: end };
}
