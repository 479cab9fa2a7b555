/** Settings that reach a running worker: for what begins from then on, nobody is cut off. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestSite, type TestSite } from './testing/test-site.ts';

let site: TestSite;
beforeAll(async () => {
  site = await openTestSite();
});
afterAll(() => site[Symbol.asyncDispose]());

async function setSetting(name: string, value: unknown): Promise<void> {
  const before = site.log.length;
  await site.directory.setSetting(name, value);
  await expect
    .poll(() => site.log.slice(before).map(({ event }) => event), { timeout: 5_000 })
    .toContain('settings.changed');
}

it('limits.messageBytes changes APPENDLIMIT and what is taken, from the next session on', async () => {
  const account = await site.addAccount();
  await using running = await site.openImap(account);
  await setSetting('limits.messageBytes', 2_048);
  expect((await running.command('CAPABILITY')).untagged.join()).toContain('APPENDLIMIT=10000000');
  await using next = await site.openImap(account);
  expect((await next.command('CAPABILITY')).untagged.join()).toContain('APPENDLIMIT=2048');
  const refused = await next.command('APPEND INBOX {4096}');
  expect(refused).toMatchObject({ status: 'NO', text: expect.stringContaining('[TOOBIG]') });
  await setSetting('limits.messageBytes', undefined);
  await using last = await site.openImap(account);
  expect((await last.command('CAPABILITY')).untagged.join()).toContain('APPENDLIMIT=10000000');
});

it('limits.connectionsPerWorker holds for the next connection', async () => {
  await using first = await site.connect('imaps');
  await setSetting('limits.connectionsPerWorker', 1);
  const refused = await site.connect('imaps').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Error);
  await setSetting('limits.connectionsPerWorker', undefined);
  await using second = await site.connect('imaps');
  expect(second.localPort).not.toBe(first.localPort);
});

it('idleLimits.authenticatedSeconds holds from the next login on', async () => {
  await setSetting('idleLimits.authenticatedSeconds', 1);
  await using client = await site.openImap(await site.addAccount());
  expect(await client.readLine()).toMatch(/^\* BYE/);
  await setSetting('idleLimits.authenticatedSeconds', undefined);
});

it('logging.level and tls.minVersion apply at once', async () => {
  await setSetting('tls.minVersion', 'TLSv1.3');
  await setSetting('logging.level', 'error');
  const before = site.log.length;
  await using client = await site.openImap(await site.addAccount());
  await client.expectOk('NOOP');
  expect(site.log.slice(before).filter(({ level }) => level === 'info')).toEqual([]);
  await site.directory.setSetting('logging.level', undefined);
  await expect
    .poll(() => site.log.map(({ event, to }) => `${String(event)} ${String(to)}`))
    .toContain('log.level-changed debug');
});
