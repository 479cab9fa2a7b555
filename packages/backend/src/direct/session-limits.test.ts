/** How many sessions people may have who log in at a home itself, and how an operator ends them. */
import type { AccountRecord } from '@homeward/directory';
import { createPasswordService, type CredentialSet } from '@homeward/directory';
import type { RawClient } from '@homeward/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { askPop3 } from '../testing/pop3-client.ts';
import { askSmtp } from '../testing/smtp-client.ts';
import { openTestSite, type TestSite } from '../testing/test-site.ts';

const PASSWORD = 'correct horse';
let site: TestSite;
let credentials: CredentialSet;
const clients: RawClient[] = [];

beforeAll(async () => {
  site = await openTestSite({ directLogin: true });
  const argon2 = { memoryKib: 1_024, passCount: 1, parallelism: 1 };
  const passwords = createPasswordService({ argon2, scramIterationCount: 4_096 });
  const made = await passwords.createCredentialSet(PASSWORD);
  await passwords.close();
  if (!made.ok) throw new Error(made.reason);
  ({ credentials } = made);
});
afterAll(() => site[Symbol.asyncDispose]());
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client[Symbol.asyncDispose]()));
  await expect.poll(countSessions, { timeout: 5_000 }).toBe(0);
});

async function setSetting(name: string, value: unknown): Promise<void> {
  const before = site.log.length;
  await site.directory.setSetting(name, value);
  await expect
    .poll(() => site.log.slice(before).map(({ event }) => event), { timeout: 5_000 })
    .toContain('settings.changed');
}
async function countSessions(): Promise<number> {
  const { sessions } = await site.directory.operations.listSessions(
    {},
    { after: undefined, limit: 100 },
  );
  return sessions.length;
}
function addPerson(connectionLimit: number | undefined): Promise<AccountRecord> {
  return site.addAccount({ connectionLimit }, credentials);
}
async function connect(name: 'imaps' | 'pop3s' | 'submissions'): Promise<RawClient> {
  const client = await site.connect(name);
  clients.push(client);
  return client;
}
/** @returns The answer to the login. */
async function logInByImap({ address }: AccountRecord): Promise<string> {
  const client = await connect('imaps');
  return (await client.command(`LOGIN ${address} "${PASSWORD}"`)).text;
}
async function logInByPop3({ address }: AccountRecord): Promise<string> {
  const client = await connect('pop3s');
  await askPop3(client, `USER ${address}`);
  return askPop3(client, `PASS ${PASSWORD}`);
}
async function logInBySubmission({ address }: AccountRecord): Promise<string> {
  const client = await connect('submissions');
  await askSmtp(client, 'EHLO client.example.test');
  const plain = Buffer.from(`\0${address}\0${PASSWORD}`).toString('base64');
  return askSmtp(client, `AUTH PLAIN ${plain}`);
}

describe('people at a home itself', () => {
  it('have so many sessions over all protocols, and one more when one has ended', async () => {
    const anna = await addPerson(2);
    expect(await logInByImap(anna)).toMatch(/^OK/);
    expect(await logInByPop3(anna)).toMatch(/^\+OK/);
    expect(await logInByImap(anna)).toMatch(/^NO \[LIMIT\] .*2 connections per user/);
    expect(await logInBySubmission(anna)).toMatch(/^4\d\d 4\.7\.\d .*2 connections per user/);
    expect(site.log).toContainEqual(
      expect.objectContaining({
        event: 'login.rejected',
        reason: 'too-many-sessions',
        detail: 'limit 2',
        accountId: anna.id,
      }),
    );
    await clients[0]?.expectOk('LOGOUT');
    await expect.poll(countSessions, { timeout: 5_000 }).toBe(1);
    expect(await logInBySubmission(anna)).toMatch(/^235 /);
  });

  it('are counted with nobody who comes by a front end’s ticket', async () => {
    const anna = await addPerson(1);
    await using first = await site.openImap(anna);
    await using second = await site.openImap(anna);
    expect(await logInByImap(anna)).toMatch(/^OK/);
    await first.expectOk('NOOP');
    await second.expectOk('NOOP');
  });

  it('give their place back where the mailbox is not opened', async () => {
    const anna = await addPerson(2);
    expect(await logInByPop3(anna)).toMatch(/^\+OK/);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await logInByPop3(anna)).toMatch(/^-ERR \[IN-USE\]/);
    }
    expect(await countSessions()).toBe(1);
  });

  it('may be limited by their address', async () => {
    const [anna, bruno] = [await addPerson(undefined), await addPerson(undefined)];
    await setSetting('connectionLimits.perAddress', 1);
    expect(await logInByImap(anna)).toMatch(/^OK/);
    expect(await logInByImap(bruno)).toMatch(/^NO \[LIMIT\] .*1 connections from 127\.0\.0\.1/);
    await setSetting('connectionLimits.exemptNetworks', ['127.0.0.0/8']);
    expect(await logInByImap(bruno)).toMatch(/^OK/);
    await setSetting('connectionLimits.exemptNetworks', undefined);
    await setSetting('connectionLimits.perAddress', undefined);
  });

  it('are not counted by their address where that has no limit', async () => {
    const [anna, bruno] = [await addPerson(undefined), await addPerson(undefined)];
    await setSetting('connectionLimits.exemptNetworks', ['127.0.0.0/8']);
    await setSetting('connectionLimits.perAddress', 1);
    expect(await logInByImap(bruno)).toMatch(/^OK/);
    await setSetting('connectionLimits.exemptNetworks', undefined);
    expect(await logInByImap(anna)).toMatch(/^OK/);
    await setSetting('connectionLimits.perAddress', undefined);
  });

  it('are cut where they are in the midst of something when they may stay no longer', async () => {
    const anna = await addPerson(undefined);
    expect(await logInByImap(anna)).toMatch(/^OK/);
    const client = clients[0]!;
    await client.sendLine('a APPEND INBOX {1000}');
    expect(await client.readLine()).toMatch(/^\+/);
    await client.send('Subject: half\r\n');
    const current = (await site.directory.getAccount(anna.id))!;
    await site.directory.replaceAccount({ ...current, isEnabled: false }, current.version);
    const { octets } = await client.readToEnd();
    expect(octets.toString()).not.toContain('APPENDUID');
    await expect.poll(countSessions, { timeout: 5_000 }).toBe(0);
    expect(site.log).toContainEqual(
      expect.objectContaining({
        event: 'session.ended',
        accountId: anna.id,
        reason: 'account-disabled',
      }),
    );
  });

  it('are in the list of sessions, and end when an operator wants it', async () => {
    const [anna, bruno] = [await addPerson(undefined), await addPerson(undefined)];
    expect(await logInByImap(anna)).toMatch(/^OK/);
    expect(await logInByImap(bruno)).toMatch(/^OK/);
    const { operations } = site.directory;
    const leases = await operations.listLeases();
    expect(leases).toMatchObject([{ frontEnd: 'site:dublin', sessionCount: 2 }]);
    const request = { id: 'k1', accountId: anna.id, requestedBy: 'root@host', requestedAtMs: 0 };
    await operations.putSessionEnd(request);
    expect(await clients[0]?.readLine()).toMatch(/^\* BYE /);
    await expect.poll(countSessions, { timeout: 5_000 }).toBe(1);
    await clients[1]?.expectOk('NOOP');
    await expect
      .poll(() => site.log.find(({ event }) => event === 'session-end.carried-out'), {
        timeout: 5_000,
      })
      .toMatchObject({ request: 'k1', sessionCount: 1 });
    expect(site.log).toContainEqual(
      expect.objectContaining({ event: 'session.ended', accountId: anna.id, reason: 'kicked' }),
    );
  });
});
