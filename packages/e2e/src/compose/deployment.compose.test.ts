/**
 * docker-compose.yml, run for real: built, brought up, used through HAProxy by real mail programs
 * at both sites, and harmed in every part while they append and read. Run by
 * `npm run test:compose`; prints what each fault was like for its users.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogLine } from '../demo/log-lines.ts';
import { waitUntil } from '../poll.ts';
import { visitFromContainer } from './client-container.ts';
import { type ComposeAccount, ComposeProject, type PublicName } from './compose-project.ts';
import { killContainer, waitUntilHealthy } from './container-faults.ts';
import { findContainerEngine } from './container-engine.ts';
import { type FaultReport, formatFaultTable } from './fault-report.ts';
import { settleAccount } from './final-account.ts';
import type { FailureKind } from './ledger.ts';
import { openImap } from './mail-clients.ts';
import { readServedCertificate } from './served-certificate.ts';
import { Workday } from './workday.ts';

const ACCOUNTS: readonly (readonly [address: string, site: string])[] = [
  ['anna@example.org', 'dublin'],
  ['aoife@example.org', 'dublin'],
  ['bruno@example.org', 'oslo'],
  ['berit@example.org', 'oslo'],
];
/** How long Redis stays away when it is stopped. */
const REDIS_AWAY_MS = 5_000;
/** Within this the load balancer and the restart policy must have mended a fault. */
const MENDED_LIMIT_MS = 30_000;

const facts: string[] = [];
const cleanUp = new AsyncDisposableStack();
let project: ComposeProject;
let at: PublicName;
let accounts: readonly ComposeAccount[] = [];
let workday: Workday | undefined;

beforeAll(async () => {
  const engine = await findContainerEngine();
  facts.push(engine.versions);
  const words = ACCOUNTS.map((account) => account.join('='));
  project = cleanUp.use(new ComposeProject(engine, words));
  await measure('image built in', () => project.build());
  await measure('from `up` to the first login', async () => {
    await project.up();
    at = await project.readPublicName();
    accounts = await readAccounts();
    for (const account of accounts.slice(0, 1)) await logIn(account);
  });
  facts.push(...(await describeImages()));
}, 900_000);

afterAll(async () => {
  await workday?.end();
  console.log(`\n${facts.join('\n')}\n\n${formatFaultTable(workday?.reports ?? [])}\n`);
  await cleanUp.disposeAsync();
}, 180_000);

describe('docker compose up', () => {
  it('lets accounts of both sites in, each at its own', async () => {
    for (const account of accounts) await logIn(account);
    for (const site of ['dublin', 'oslo']) {
      const opened = (await project.readLog(site)).filter(
        ({ event }) => event === 'session.started',
      );
      const residents = accounts.filter((one) => one.site === site).map(({ address }) => address);
      expect(new Set(opened.map((line) => line['loginName']))).toEqual(new Set(residents));
    }
  });

  it('is safe to run again: nothing is made anew', async () => {
    const { address, password } = accountAt('oslo');
    const { fingerprint } = await readServedCertificate(at);
    const startedAtMs = await startTimes('frontend');
    await project.up();
    expect(await project.readPassword(address)).toBe(password);
    expect((await readServedCertificate(at)).fingerprint).toBe(fingerprint);
    expect(await startTimes('frontend')).toEqual(startedAtMs);
  });

  it.each(['dublin', 'oslo'])(
    'shows %s who the client really is, through both hops',
    async (site) => {
      const { address, port, answer } = await visitFromContainer(project, accountAt(site), at);
      expect(answer).toMatch(/^a OK/);
      const atSite = await findLine(site, { event: 'session.started', clientAddress: address });
      expect(atSite['loginName']).toBe(accountAt(site).address);
      await findLine('frontend', {
        event: 'conversation.ended',
        clientAddress: address,
        conversationId: atSite['conversationId'],
      });
      facts.push(`a client at ${address}:${port} is ${String(atSite['clientAddress'])} to ${site}`);
    },
  );

  it('runs nothing as root, with capabilities, or with a root file system that can be written', async () => {
    for (const service of ['haproxy', 'frontend', 'dublin', 'oslo', 'redis', 'ldap-sync']) {
      for (const { id } of await project.listContainers(service)) {
        const status = await project.docker(['exec', id, 'cat', '/proc/1/status']);
        expect(status, service).toMatch(/^Uid:\t(?!0\t)/m);
        expect(status, service).toMatch(/^CapEff:\t0+$/m);
        expect(status, service).toMatch(/^NoNewPrivs:\t1$/m);
        const touch = project.docker(['exec', '--user', '0', id, 'touch', '/usr/touched']);
        await expect(touch, service).rejects.toThrow(/Read-only file system/);
      }
    }
  });

  it('has the profile ldap follow LDAP, by the settings of the directory', async () => {
    const begun = await findLine('ldap-sync', { event: 'ldap-sync.failed' });
    expect(begun).toMatchObject({ level: 'error', reason: 'configuration' });
    const settings = { base: 'dc=example,dc=org', servers: '["ldaps://ldap.invalid"]' };
    const change = async (...args: readonly string[]): Promise<void> =>
      void (await project.runOperator('homeward', 'settings', ...args));
    for (const [key, value] of Object.entries(settings)) await change('set', `ldap.${key}`, value);
    // The next run would be in a quarter of an hour.
    await project.compose(['restart', 'ldap-sync']);
    // Nobody comes from there, so nobody has to be asked for.
    await findLine('ldap-sync', { event: 'ldap-sync.completed', checked: 0, failed: 0 });
    for (const key of Object.keys(settings)) await change('unset', `ldap.${key}`);
  });
});

describe('while mail programs append and read', () => {
  beforeAll(async () => {
    workday = new Workday(accounts, at);
    await workday.begin();
    await workday.endure('none, for comparison', () => pause(3_000));
  }, 120_000);

  it('survives the kill of a front end', async () => {
    const report = await endure('front end killed', async () => {
      await killContainer(project, 'frontend');
      await waitUntilHealthy(project, 'frontend', 2);
    });
    expectOnly(report, ['cut', 'unavailable', 'in-use']);
  });

  it.each(['dublin', 'oslo'])('survives the kill of %s, unseen by the other site', async (site) => {
    const report = await endure(`${site} killed`, async () => {
      await killContainer(project, site);
      await waitUntilHealthy(project, site, 1);
    });
    expectOnly(report, ['cut', 'unavailable', 'in-use']);
    expect([...report.hitPrograms.keys()]).toEqual([site]);
  });

  it('restarts a site in order, on SIGTERM', async () => {
    const report = await endure('oslo restarted', async () => {
      await project.compose(['restart', 'oslo']);
      await waitUntilHealthy(project, 'oslo', 1);
    });
    expectOnly(report, ['goodbye', 'cut', 'unavailable', 'in-use']);
    expect([...report.hitPrograms.keys()]).toEqual(['oslo']);
    expect((await findLine('oslo', { event: 'service.stopped' }))['exitCode']).toBe(0);
  });

  it('survives the kill of Redis', async () => {
    const report = await endure('Redis killed', async () => {
      await killContainer(project, 'redis');
      await waitUntilHealthy(project, 'redis', 1);
    });
    expectOnly(report, ['unavailable']);
  });

  it('lets known accounts in while Redis is away', async () => {
    const report = await endure(`Redis away for ${REDIS_AWAY_MS / 1000} s`, async () => {
      await project.compose(['stop', 'redis']);
      await pause(REDIS_AWAY_MS);
      await project.compose(['start', 'redis']);
      await waitUntilHealthy(project, 'redis', 1);
    });
    expectOnly(report, ['unavailable']);
  });

  it('adds front ends without anybody noticing', async () => {
    const report = await endure('front ends 2 to 4', async () => {
      await project.scaleFrontEnds(4);
      await waitUntilHealthy(project, 'frontend', 4);
      await waitForLoginsAt(4);
    });
    expectOnly(report, []);
  });

  it('takes front ends away with a goodbye', async () => {
    const report = await endure('front ends 4 to 1', async () => {
      await project.scaleFrontEnds(1);
      await waitUntilHealthy(project, 'frontend', 1);
    });
    expectOnly(report, ['goodbye', 'cut', 'unavailable', 'in-use']);
    await endure('front ends 1 to 2', () => project.scaleFrontEnds(2));
  });

  it('takes a new certificate into use without a restart', async () => {
    const before = await readServedCertificate(at);
    const report = await endure('certificate renewed', async () => {
      await project.runOperator('rm', 'tls/frontend.crt', 'tls/frontend.key');
      await project.up('--no-recreate', '--no-deps', 'init');
      await waitUntil(
        'the new certificate',
        async () => {
          const { fingerprint } = await readServedCertificate(at);
          return fingerprint === before.fingerprint ? undefined : true;
        },
        MENDED_LIMIT_MS,
      );
    });
    expectOnly(report, []);
  });

  it('has kept every promise, to everybody and nobody else', async () => {
    await workday?.end();
    const { ledger } = work();
    expect(ledger.breaches).toEqual([]);
    const settled = await Promise.all(accounts.map((one) => settleAccount(one, at, ledger)));
    for (const { account, promisedCount, messageCount, broken } of settled) {
      facts.push(
        `${account}: ${promisedCount} promised, ${messageCount} there, ${broken.length} wrong`,
      );
      expect(broken).toEqual([]);
      expect(promisedCount).toBeGreaterThan(0);
    }
  });
});

function work(): Workday {
  if (workday === undefined) throw new Error('the workday did not begin');
  return workday;
}

function endure(fault: string, harm: () => Promise<void>): Promise<FaultReport> {
  return work().endure(fault, harm);
}

/** Nothing but these failures, nobody's mail lost or shown to another, and soon over. */
function expectOnly(report: FaultReport, allowed: readonly FailureKind[]): void {
  const strange = work().ledger.operations.filter(
    ({ failure }) => failure === 'strange' || failure === 'bad-password',
  );
  expect(strange).toEqual([]);
  expect([...report.failures.keys()].filter((kind) => !allowed.includes(kind))).toEqual([]);
  expect(report.breachCount).toBe(0);
  expect(report.lastedMs).toBeLessThan(MENDED_LIMIT_MS);
}

function accountAt(site: string): ComposeAccount {
  const account = accounts.find((one) => one.site === site);
  if (account === undefined) throw new Error(`no account at ${site}`);
  return account;
}

async function readAccounts(): Promise<readonly ComposeAccount[]> {
  const all: ComposeAccount[] = [];
  for (const [address, site] of ACCOUNTS) {
    all.push({ address, site, password: await project.readPassword(address) });
  }
  return all;
}

async function logIn(account: ComposeAccount): Promise<void> {
  await using session = await openImap({ account, at }, 'imap');
  await session.client.mailboxOpen('INBOX');
}

async function startTimes(service: string): Promise<readonly number[]> {
  const containers = await project.listContainers(service);
  return containers.map(({ startedAtMs }) => startedAtMs).toSorted((a, b) => a - b);
}

function findLine(service: string, wanted: LogLine): Promise<LogLine> {
  return waitUntil(`${JSON.stringify(wanted)} in the log of ${service}`, async () =>
    (await project.readLog(service)).find((line) =>
      Object.entries(wanted).every(([name, value]) => line[name] === value),
    ),
  );
}

/** Until each of so many front ends has served somebody. */
async function waitForLoginsAt(count: number): Promise<void> {
  await waitUntil(
    `logins at ${count} front ends`,
    async () => {
      const containers = await project.listContainers('frontend');
      const outputs = await Promise.all(
        containers.map(({ id }) => project.docker(['logs', '--tail', '50', id])),
      );
      return outputs.filter((text) => text.includes('"conversation.ended"')).length >= count
        ? true
        : undefined;
    },
    MENDED_LIMIT_MS,
  );
}

async function measure(what: string, task: () => Promise<void>): Promise<void> {
  const startedMs = performance.now();
  await task();
  facts.push(`${what}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
}

async function describeImages(): Promise<readonly string[]> {
  const sizes: string[] = [];
  for (const image of [project.image, 'node:24-bookworm-slim', 'haproxy:3.2', 'redis:8']) {
    const bytes = await project.docker(['image', 'inspect', '--format', '{{.Size}}', image]);
    sizes.push(`${image}: ${(Number(bytes) / 1e6).toFixed(0)} MB`);
  }
  return sizes;
}
