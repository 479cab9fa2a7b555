/**
 * Front ends, sites and workers in maintenance, by the command and real processes: who gets what,
 * what the pages and the list say, that each requester must let go, and that a restart of either
 * half changes none of it.
 */
import { userInfo } from 'node:os';
import { connectRaw, type RawClient } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryImap, tryPop3 } from './attempts.ts';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoLogin, DemoUser } from './demo/env-file.ts';
import { FrontEndProcess } from './demo/front-end-process.ts';
import { waitUntil } from './poll.ts';

const LIMIT_MS = 60_000;

let demo: Demo;
/** Beside the demo's own. */
let second: FrontEndProcess;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 16, workerCount: 2 });
  second = await FrontEndProcess.start(demo, 'second', 'stopWindowSeconds: 0');
  await demo.expectCommand(['settings', 'set', 'draining.windowSeconds', '1']);
}, 120_000);
afterAll(async () => {
  await second?.stop();
  await demo?.stop();
});

interface Component {
  readonly component: string;
  readonly state: string;
  readonly workers: number | null;
  readonly requests: readonly Readonly<Record<string, string | null>>[];
}

/** @returns What the command says. */
async function set(component: string, state: string, ...more: readonly string[]): Promise<string> {
  return (await demo.expectCommand(['component', 'set', component, state, ...more])).output.trim();
}

async function find(name: string): Promise<Component | undefined> {
  const { output } = await demo.expectCommand(['component', 'list', '--json']);
  return (JSON.parse(output) as readonly Component[]).find(({ component }) => component === name);
}

/** What a login at the second front end is answered, which is one process: it knows or not. */
async function tryAtSecond({ name, password }: DemoLogin): Promise<string> {
  await using client = await second.connect();
  await client.expectLine(/^\* OK/);
  return (await client.command(`LOGIN "${name}" "${password}"`)).text;
}

/** Changes take up to a second. */
async function untilLetIn(user: DemoUser): Promise<void> {
  const isLetIn = async (): Promise<true | undefined> =>
    (await tryAtSecond(user)).startsWith('OK') ? true : undefined;
  await waitUntil(`${user.name} to be let in`, isLetIn);
}

/** By one worker of a site: the demo deals its people out. */
function takeUserOf(site: string, imaps: number): DemoUser {
  for (;;) {
    const user = demo.takeUser(site);
    if (user.backEnd.imaps === imaps) return user;
  }
}

/** As an MTA does, by LMTP. @returns The home's answer to the message. */
async function deliver({ name }: DemoUser): Promise<string> {
  await using mta = await connectRaw({ port: demo.facts.lmtpPort });
  await mta.expectLine(/^220 /);
  await mta.sendLine('LHLO mta.test');
  while (!(await mta.readLine()).startsWith('250 '));
  await mta.send(`MAIL FROM:<writer@far.example>\r\nRCPT TO:<${name}>\r\nDATA\r\n`);
  while (!(await mta.readLine()).startsWith('354 '));
  await mta.send('Subject: meanwhile\r\n\r\nHello.\r\n.\r\n');
  return await mta.readLine();
}

async function openIdling(user: DemoUser): Promise<RawClient> {
  const client = await demo.openImap(user);
  await client.expectOk('SELECT INBOX');
  await client.sendLine('i IDLE');
  await client.expectLine(/^\+/);
  return client;
}

/** A session by way of the second front end. */
async function openAtSecond(user: DemoUser): Promise<RawClient> {
  const client = await second.connect();
  await client.expectLine(/^\* OK/);
  await client.expectOk(`LOGIN "${user.name}" "${user.password}"`);
  return client;
}

describe('a site that is drained', () => {
  it('loses its sessions and gets no logins until all let go', { timeout: LIMIT_MS }, async () => {
    const [here, there] = [demo.takeUser('dublin'), demo.takeUser('oslo')];
    const [idling, pop3, bystander] = await Promise.all([
      openIdling(here),
      demo.openPop3(demo.takeUser('dublin')),
      demo.openImap(there),
    ]);
    const elsewhere = await openAtSecond(here);
    expect(await set('site:dublin', 'draining', '--why', 'new disk')).toBe(
      'site:dublin is draining.',
    );
    // At each front end.
    for (const client of [idling, elsewhere]) await client.expectLine(/^\* BYE \[UNAVAILABLE\] /);
    await pop3.expectLine(/^-ERR \[SYS\/TEMP\] .*nothing was deleted/);
    expect(await tryAtSecond(here)).toMatch(/^NO \[UNAVAILABLE\] /);
    // Of its two processes one may hear of it later.
    const isRefused = async (): Promise<true | undefined> =>
      (await tryPop3(demo, here)).text.startsWith('-ERR [SYS/TEMP] ') ? true : undefined;
    await waitUntil('POP3 to be refused', isRefused);
    const wrong = { ...here, password: 'wrong' };
    expect(await tryAtSecond(wrong)).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    await bystander.expectOk('NOOP');
    expect((await tryImap(demo, there)).text).toMatch(/^OK/);
    // Nothing is wrong with the front end, nor with the hosts of the site.
    for (const page of ['readyz', 'health/imap', 'health/homes']) {
      expect([page, await second.statusOf(page)]).toEqual([page, 200]);
    }
    // Mail is no login.
    expect(await deliver(here)).toMatch(/^250 2\.0\.0 /);
    const login = await demo.expectCommand(['explain', here.name, '--no-check']);
    expect(login.output).toMatch(/^site:dublin +draining by maintenance .*: new disk$/m);

    const inactive = ['--requester', 'disk-watch', '--why', 'SMART'];
    expect(await set('site:dublin', 'inactive', ...inactive)).toBe('site:dublin is inactive.');
    expect(await find('site:dublin')).toMatchObject({
      state: 'inactive',
      workers: null,
      requests: [
        { requester: 'disk-watch', state: 'inactive', why: 'SMART' },
        {
          requester: 'maintenance',
          state: 'draining',
          why: 'new disk',
          who: expect.stringContaining(userInfo().username),
          since: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        },
      ],
    });
    const { output } = await demo.expectCommand(['component', 'list']);
    expect(output).toMatch(
      /^site:dublin +inactive +- +-\n {2}wanted by disk-watch \(inactive: SMART; .*\)\n {2}wanted by maintenance \(draining: new disk; .+, \d{4}-\S+Z\)$/m,
    );
    expect(output).toMatch(/^worker:dublin\/0 +active +- +-$/m);
    expect(await set('site:dublin', 'active')).toBe(
      'site:dublin is inactive, since others want it so: disk-watch.',
    );
    expect(await tryAtSecond(here)).toMatch(/^NO \[UNAVAILABLE\] /);

    // It is in the directory: processes that begin anew find it there.
    demo.killSite('dublin');
    expect(await second.terminate()).toEqual({ code: 0, signal: null });
    await second.run(true);
    expect(await tryAtSecond(here)).toMatch(/^NO \[UNAVAILABLE\] /);

    expect(await set('site:dublin', 'active', '--requester', 'disk-watch')).toBe(
      'site:dublin is active.',
    );
    await untilLetIn(here);
    expect(await find('site:dublin')).toMatchObject({ state: 'active', requests: [] });
    for (const client of [idling, elsewhere, pop3, bystander]) await client.close();
  });
});

describe('a worker that is drained', () => {
  it('loses its own people alone', { timeout: LIMIT_MS }, async () => {
    const one = demo.takeUser('oslo');
    const ports = demo.facts.users
      .filter(({ site }) => site === 'oslo')
      .map((u) => u.backEnd.imaps);
    const otherPort = ports.find((port) => port !== one.backEnd.imaps) ?? 0;
    const other = takeUserOf('oslo', otherPort);
    const explained = await demo.expectCommand(['explain', one.name, '--no-check', '--json']);
    const { home } = JSON.parse(explained.output) as { readonly home: { readonly worker: number } };
    const component = `worker:oslo/${home.worker}`;
    const [leaving, staying] = await Promise.all([openAtSecond(one), openAtSecond(other)]);
    expect(await set(component, 'draining')).toBe(`${component} is draining.`);
    await leaving.expectLine(/^\* BYE \[UNAVAILABLE\] /);
    expect(await tryAtSecond(one)).toMatch(/^NO \[UNAVAILABLE\] /);
    await staying.expectOk('NOOP');
    expect(await tryAtSecond(other)).toMatch(/^OK/);
    expect(await find('site:oslo')).toMatchObject({ state: 'active' });
    expect(await find(component)).toMatchObject({ state: 'draining' });
    await set(component, 'active');
    await untilLetIn(one);
    for (const client of [leaving, staying]) await client.close();
  });
});

describe('a front end that is drained', () => {
  it('says so at once and serves on for the notice', { timeout: LIMIT_MS }, async () => {
    await demo.expectCommand(['settings', 'set', 'draining.noticeSeconds', '300']);
    const user = demo.takeUser('dublin');
    const [here, there] = await Promise.all([openAtSecond(user), demo.openImap(user)]);
    expect(await set(second.component, 'draining', '--why', 'new kernel')).toBe(
      'frontend:second is draining.',
    );
    await waitUntil('the readiness', async () => ((await second.isReady()) ? undefined : true));
    for (const page of ['readyz', 'health/imap', 'health/pop3', 'health/submission']) {
      expect([page, await second.statusOf(page)]).toEqual([page, 503]);
    }
    // Whom a load balancer still sends is served.
    await using late = await openAtSecond(user);
    await here.expectOk('NOOP');

    // Whatever it was told before it began.
    await here.close();
    expect(await second.terminate()).toEqual({ code: 0, signal: null });
    expect(await find(second.component)).toMatchObject({
      state: 'draining',
      workers: 0,
      requests: [{ requester: 'maintenance', why: 'new kernel' }],
    });
    await second.run(false);
    await using again = await openAtSecond(user);

    await set(second.component, 'inactive', '--requester', 'probe');
    await again.expectLine(/^\* BYE \[UNAVAILABLE\] /);
    await waitUntil('newcomers to be turned away', async () => {
      await using newcomer = await second.connect();
      return (await newcomer.readLine()).startsWith('* BYE [UNAVAILABLE] ') ? true : undefined;
    });
    // The other one serves.
    await there.expectOk('NOOP');
    expect((await tryImap(demo, user)).text).toMatch(/^OK/);
    expect(await set(second.component, 'active')).toBe(
      'frontend:second is inactive, since others want it so: probe.',
    );
    expect(await second.isReady()).toBe(false);
    await set(second.component, 'active', '--requester', 'probe');
    await waitUntil('the readiness', async () => ((await second.isReady()) ? true : undefined));
    await using back = await openAtSecond(user);
    await back.expectOk('NOOP');
    for (const client of [late, there]) await client.close();
  });
});
