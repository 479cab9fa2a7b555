/** Several workers at each site: every account at the one that owns it, and only there. */
import { connectRaw } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryImap, tryPop3 } from './attempts.ts';
import { type Demo, SITES, startDemo } from './demo/demo.ts';
import type { DemoUser } from './demo/env-file.ts';
import { waitForLog } from './demo/log-lines.ts';
import { signalProcess } from './demo/process-tree.ts';
import { waitUntil } from './poll.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 8, workerCount: 2, directLogin: true });
});
afterAll(() => demo?.stop());

describe('a site of two workers', () => {
  it.each(SITES)('%s has each account at the worker that owns it', async (site) => {
    const users = demo.facts.users.filter((user) => user.site === site);
    const ports = [...new Set(users.map(({ backEnd }) => backEnd.imaps))];
    expect(ports).toHaveLength(2);
    const workers = new Set<unknown>();
    for (const user of users) {
      expect((await tryImap(demo, user)).text).toMatch(/^OK/);
      expect((await tryPop3(demo, user)).text).toMatch(/^\+OK/);
      const { worker } = await waitForLog(demo, {
        service: `backend ${site}`,
        event: 'session.started',
        loginName: user.name,
        protocol: 'pop3',
      });
      expect(worker).toBe(await findWorker(site, user.backEnd.imaps));
      workers.add(worker);
    }
    expect(workers).toEqual(new Set([0, 1]));
  });

  it('opens a mailbox at its owner, and refuses it at the other worker', async () => {
    const user = demo.facts.users.find(({ site }) => site === 'dublin')!;
    const other = demo.facts.users.find(
      ({ site, backEnd }) => site === 'dublin' && backEnd.imaps !== user.backEnd.imaps,
    )!;
    expect(await logInDirectly(user, user.backEnd.imaps)).toMatch(/^OK/);
    expect(await logInDirectly(user, other.backEnd.imaps)).toMatch(/^NO \[UNAVAILABLE\]/);
  });

  it('starts a killed worker again, and the other one goes on', async () => {
    const [one, other] = await findNeighbours('oslo');
    await using bystander = await demo.openImap(other);
    const worker = await findWorker('oslo', one.backEnd.imaps);
    const { pid } = await waitForLog(demo, {
      service: 'backend oslo',
      event: 'worker.started',
      worker,
    });
    signalProcess(Number(pid), 'SIGKILL');
    expect((await tryImap(demo, other)).text).toMatch(/^OK/);
    await bystander.expectOk('NOOP');
    const startedMs = performance.now();
    // Never bypassed: until its worker is back an account is unavailable, and nothing else.
    await waitUntil('the worker to be back', async () => {
      const { text } = await tryImap(demo, one);
      expect(text).toMatch(/^(OK|NO \[UNAVAILABLE\])/);
      return text.startsWith('OK') ? true : undefined;
    });
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    await bystander.expectOk('NOOP');
  });
});

/** The index of the worker that listens on a port, as it logged it. */
async function findWorker(site: string, port: number): Promise<unknown> {
  const line = await waitForLog(demo, {
    service: `backend ${site}`,
    event: 'listener.opened',
    address: `127.0.0.1:${port}`,
  });
  return line['worker'];
}

/** Two accounts of a site, at different workers. */
async function findNeighbours(site: string): Promise<readonly [DemoUser, DemoUser]> {
  const users = demo.facts.users.filter((user) => user.site === site);
  const one = users[0]!;
  return [one, users.find(({ backEnd }) => backEnd.imaps !== one.backEnd.imaps)!];
}

async function logInDirectly(user: DemoUser, port: number): Promise<string> {
  await using client = await connectRaw({ host: demo.facts.host, port, tls: demo.tls });
  await client.readLine();
  return (await client.command(`LOGIN "${user.name}" "${user.password}"`)).text;
}
