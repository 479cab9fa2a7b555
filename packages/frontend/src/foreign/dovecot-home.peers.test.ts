/** A real Dovecot as the home of accounts: every way in, and every way that must not be one. */
import { createHash, X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { ForeignSite, SiteName } from '@homeward/directory';
import {
  createTempFolder,
  createTestCertificate,
  startDovecot,
  startScriptedServer,
  type RawClient,
  type TempFolder,
  type TestDovecot,
} from '@homeward/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  type FrontEndWorld,
  type WorldCertificates,
} from '../testing/front-end-world.ts';
import { endSafely } from './testing/safe-ends.ts';

const MASTER = { name: 'boss', password: 'master-pass' };

let dovecot: TestDovecot;
let folder: TempFolder;
let certificates: WorldCertificates;
let ca: string;
let world: FrontEndWorld;

beforeAll(async () => {
  dovecot = await startDovecot({
    trustsProxies: true,
    master: MASTER,
    config: 'auth_verbose = yes\nauth_failure_delay = 0',
  });
  folder = await createTempFolder('secrets');
  await writeFile(folder.join('boss'), `${MASTER.password}\n`, { mode: 0o600 });
  certificates = await createWorldCertificates();
  ca = await readFile(dovecot.caFile, 'utf8');
});
afterAll(async () => {
  await dovecot?.stop();
  await folder?.remove();
});

beforeEach(async () => {
  const secrets = { boss: { passwordFile: folder.join('boss') } };
  const config = { draining: { commandSeconds: 30 } };
  world = await openFrontEndWorld({ certificates, homes: { secrets }, config });
});
afterEach(() => world[Symbol.asyncDispose]());

type Door = 'implicit' | 'starttls' | 'none' | 'proxied';

/** Dovecot as a site, and an account there that has no password of ours. */
async function useDovecot(door: Door, changes: Partial<ForeignSite> = {}): Promise<void> {
  const { host } = dovecot;
  const ports = {
    implicit: [dovecot.imapsPort, dovecot.pop3sPort],
    starttls: [dovecot.imapPort, dovecot.pop3Port],
    none: [dovecot.imapPort, dovecot.pop3Port],
    proxied: [dovecot.imapProxiedPort, dovecot.pop3ProxiedPort],
  }[door];
  const [imapPort = 0, pop3Port = 0] = ports;
  const tls = door === 'proxied' ? 'starttls' : door;
  await world.directory.putSite({
    name: 'old' as SiteName,
    serverName: 'localhost',
    workers: [],
    shardTable: { version: 1, workerOfShard: [] },
    foreign: {
      imap: { hosts: [{ host, port: imapPort }], tls },
      pop3: { hosts: [{ host, port: pop3Port }], tls },
      trust: { ca },
      login: { kind: 'pass-through' },
      loginName: '{local}',
      clientIdentity: 'protocol',
      ...changes,
    },
    version: 1,
  });
  await world.accounts.add({ address: 'bob@example.net', site: 'old', password: undefined });
}

async function logIn(
  password: string,
  localAddress = '127.0.0.1',
): Promise<{ client: RawClient; answer: string }> {
  const client = await world.connect('imaps', { localAddress });
  await client.readLine();
  await client.sendLine(`a LOGIN bob@example.net ${password}`);
  return { client, answer: await client.readLine() };
}

async function popIn(
  password: string,
  localAddress = '127.0.0.1',
): Promise<{ client: RawClient; answer: string }> {
  const client = await world.connect('pop3s', { localAddress });
  await client.readLine();
  await client.sendLine('USER bob@example.net');
  await client.readLine();
  await client.sendLine(`PASS ${password}`);
  return { client, answer: await client.readLine() };
}

function lastReason(): unknown {
  return world.log.events.findLast(({ event }) => event.startsWith('login.'))?.fields['reason'];
}

describe.each<Door>(['implicit', 'starttls', 'none', 'proxied'])('Dovecot behind %s', (door) => {
  beforeEach(() => useDovecot(door, door === 'proxied' ? { clientIdentity: 'proxy-v2' } : {}));

  it('opens the mailbox by the client’s own password, with its own capabilities', async () => {
    const { client, answer } = await logIn(dovecot.password);
    expect(answer).toMatch(/^a OK \[CAPABILITY IMAP4rev1 .*\bTHREAD=REFS\b/);
    await client.sendLine('b SELECT INBOX');
    expect((await client.readUntilTagged('b')).status).toBe('OK');
    await client.close();
  });

  it('says itself that a password is wrong', async () => {
    const { client, answer } = await logIn('wrong');
    expect(answer).toMatch(/^a NO \[AUTHENTICATIONFAILED\]/);
    expect(lastReason()).toBe('wrong-password');
    await client.close();
  });

  it('opens the maildrop', async () => {
    const { client, answer } = await popIn(dovecot.password);
    expect(answer).toMatch(/^\+OK/);
    await client.sendLine('STAT');
    expect(await client.readLine()).toMatch(/^\+OK \d+ \d+/);
    await client.close();
    const wrong = await popIn('wrong');
    expect(wrong.answer).toMatch(/^-ERR \[AUTH\]/);
    await wrong.client.close();
  });
});

describe('Dovecot with a master user', () => {
  const login = { kind: 'master', user: MASTER.name, secret: 'boss' } as const;
  it.each(['authzid', 'joined'] as const)('opens the mailbox (%s)', async (form) => {
    await useDovecot('implicit', { login: { ...login, form } });
    await world.accounts.setPassword('bob@example.net', 'bobs own');
    const imap = await logIn('"bobs own"');
    expect(imap.answer).toMatch(/^a OK/);
    await imap.client.close();
    const wrong = await logIn(dovecot.password);
    expect(wrong.answer).toMatch(/^a NO \[AUTHENTICATIONFAILED\]/);
    await wrong.client.close();
    const pop3 = await popIn('bobs own');
    expect(pop3.answer).toMatch(/^\+OK/);
    await pop3.client.close();
  });

  it('is our fault where the front end does not know its password', async () => {
    await useDovecot('implicit', { login: { ...login, form: 'joined', secret: 'other' } });
    await world.accounts.setPassword('bob@example.net', 'bobs-own');
    const { client, answer } = await logIn('bobs-own');
    expect(answer).toMatch(/^a NO \[UNAVAILABLE\]/);
    expect(lastReason()).toBe('site-secret-missing');
    await client.close();
  });
});

describe('Dovecot learns who the client is', () => {
  it.each([
    ['ID and XCLIENT', 'implicit', 'protocol'],
    ['a PROXY header', 'proxied', 'proxy-v2'],
  ] as const)('by %s', async (_how, door, clientIdentity) => {
    await useDovecot(door, { clientIdentity });
    const elsewhere = { localAddress: '127.0.0.77' };
    for (const which of ['imaps', 'pop3s'] as const) {
      const before = dovecot.output.length;
      const client = await world.connect(which, elsewhere);
      await client.readLine();
      if (which === 'imaps') await client.sendLine(`a LOGIN bob@example.net ${dovecot.password}`);
      else {
        await client.sendLine('USER bob@example.net');
        await client.readLine();
        await client.sendLine(`PASS ${dovecot.password}`);
      }
      await client.readLine();
      await expect.poll(() => dovecot.output.slice(before)).toMatch(/Login: .*rip=127\.0\.0\.77/);
      await client.close();
    }
  });

  it('by nothing where the site says so', async () => {
    await useDovecot('implicit', { clientIdentity: 'none' });
    const before = dovecot.output.length;
    const { client } = await logIn(dovecot.password);
    await expect.poll(() => dovecot.output.slice(before)).toMatch(/Login: .*rip=127\.0\.0\.1/);
    await client.close();
  });
});

it.each(['imaps', 'pop3s'] as const)(
  'Dovecot serves by a connection that waited, and learns who the client is (%s)',
  async (which) => {
    await world[Symbol.asyncDispose]();
    const homes = { warmConnectionsPerForeignHost: 2 };
    world = await openFrontEndWorld({ certificates, homes });
    await useDovecot('starttls');
    const enter = which === 'imaps' ? logIn : popIn;
    const first = await enter(dovecot.password);
    expect(first.answer).toMatch(/^(a OK|\+OK)/);
    await first.client.close();
    const waiting = 'homeward_frontend_foreign_warm_connections{}';
    await expect.poll(() => world.count(waiting)).toBe(1);
    const before = dovecot.output.length;
    const second = await enter(dovecot.password, '127.0.0.78');
    expect(second.answer).toMatch(/^(a OK|\+OK)/);
    await expect.poll(() => dovecot.output.slice(before)).toMatch(/Login: .*rip=127\.0\.0\.78/);
    expect(await world.count('homeward_frontend_foreign_connections_total{kind="warm"}')).toBe(1);
    await second.client.close();
  },
);

describe('Dovecot is not believed', () => {
  async function expectTlsFault(): Promise<void> {
    const { client, answer } = await logIn(dovecot.password);
    expect(answer).toMatch(/^a NO \[UNAVAILABLE\]/);
    expect(lastReason()).toBe('site-tls-failed');
    await client.close();
  }

  it.each(['implicit', 'starttls'] as const)('with another authority (%s)', async (door) => {
    await useDovecot(door, { trust: { ca: (await createTestCertificate()).ca } });
    await expectTlsFault();
  });

  it('with a public authority’s absence', async () => {
    await useDovecot('implicit', { trust: {} });
    await expectTlsFault();
  });

  it.each(['implicit', 'starttls'] as const)('with another key (%s)', async (door) => {
    await useDovecot(door, { trust: { ca, pins: [`${'A'.repeat(43)}=`] } });
    await expectTlsFault();
  });
});

it('Dovecot is left between two commands and in IDLE, behind an APPEND that is slow', async () => {
  await useDovecot('implicit');
  expect(await endSafely(world, dovecot.password)).toEqual(['ended', 'ended', 'ended']);
});

it('Dovecot is believed by its pin alone', async () => {
  const pem = await readFile(dovecot.caFile.replace(/ca\.pem$/, 'cert.pem'), 'utf8');
  const spki = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  const pins = [createHash('sha256').update(spki).digest('base64')];
  await useDovecot('starttls', { trust: { pins } });
  const { client, answer } = await logIn(dovecot.password);
  expect(answer).toMatch(/^a OK/);
  await client.close();
});

it('Dovecot’s other host serves where the first does not answer', async () => {
  const dead = await startScriptedServer((peer) => peer.hold());
  const { port } = dead;
  await dead.kill();
  const hosts = [
    { host: dovecot.host, port },
    { host: dovecot.host, port: dovecot.imapsPort },
    { host: 'localhost', port },
  ];
  await useDovecot('implicit', { imap: { hosts, tls: 'implicit' } });
  for (const name of ['carl', 'dora', 'emil', 'fred']) {
    const address = `${name}@example.net`;
    await world.accounts.add({ address, site: 'old', password: undefined });
    const client = await world.connect('imaps');
    await client.readLine();
    await client.sendLine(`a LOGIN ${address} ${dovecot.password}`);
    expect(await client.readLine()).toMatch(/^a OK/);
    await client.close();
  }
});
