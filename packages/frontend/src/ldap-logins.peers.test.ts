/** Logins of people whom a real LDAP server knows, over real sockets and TLS. */
import { createAppPasswordService } from '@homeward/directory';
import { startSlapd, type TestSlapd } from '@homeward/testkit';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  takeImapLogin,
  takePop3Login,
  type FrontEndWorld,
  type WorldCertificates,
} from './testing/front-end-world.ts';

const ENTRIES = ['bo', 'carla', 'dan', 'eva', 'finn'].map(
  (uid) => `dn: uid=${uid},ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: ${uid}
cn: ${uid}
sn: ${uid}
mail: ${uid}@example.org
userPassword: password of ${uid}`,
);

let certificates: WorldCertificates;
let slapd: TestSlapd;
let ldap: Readonly<Record<string, unknown>>;
beforeAll(async () => {
  certificates = await createWorldCertificates();
  slapd = await startSlapd({ entries: ENTRIES });
  ldap = {
    servers: [slapd.url],
    caFile: slapd.caFile,
    bindDn: slapd.serviceDn,
    bindPasswordFile: slapd.servicePasswordFile,
    base: slapd.base,
    site: 'dublin',
    operationLimitMs: 1_500,
    rememberSeconds: 0,
    entrySeconds: 0,
  };
});
afterAll(() => slapd.stop());

/** @param tickets Gets what the home is shown. */
function openWorld(tickets: unknown[] = []): Promise<FrontEndWorld> {
  const opened = openFrontEndWorld({
    certificates,
    config: { ldap },
    async home(peer) {
      const { tag, ticket } = await takeImapLogin(peer);
      tickets.push((await opened).verifyTicket(peer, ticket));
      await peer.sendLine(`${tag} OK hello`);
      await peer.hold();
    },
  });
  return opened;
}

it('leads somebody home at his first login, by an account that is there from then on', async () => {
  const tickets: unknown[] = [];
  await using world = await openWorld(tickets);
  await using first = await world.connect('imaps');
  await first.expectLine(/^\* OK/);
  await first.expectOk('LOGIN bo "password of bo"');

  const account = await world.accounts.find('bo@example.org');

  expect(account).toMatchObject({ home: 'dublin', epoch: 1, ldap: { state: 'present' } });
  expect(tickets).toMatchObject([{ ok: true, claims: { sub: account?.id, login: 'bo' } }]);
  const answered = 'outcome="answered"';
  const questions = ['search', 'bind'].map((operation) =>
    world.count(
      `homeward_frontend_ldap_duration_seconds_count{operation="${operation}",${answered}}`,
    ),
  );
  expect(await Promise.all(questions)).toEqual([2, 1]);
  expect(world.log.events).toContainEqual({
    event: 'ldap.account-added',
    fields: { account: 'bo@example.org', site: 'dublin' },
  });
});

it('tells nobody whether it was the name or the password', async () => {
  await using world = await openWorld();
  await using client = await world.connect('imaps');
  await client.expectLine(/^\* OK/);
  const wrong = await client.command('LOGIN carla "password of bo"');
  const unknown = await client.command('LOGIN nobody "password of bo"');

  expect(wrong).toMatchObject({ status: 'NO' });
  expect(wrong.text).toBe(unknown.text);
  expect(await world.accounts.find('carla')).toBeUndefined();
});

it('calls a frozen LDAP unavailable within the time of a login, and goes on when it is back', async () => {
  await using world = await openWorld();
  await using client = await world.connect('imaps');
  await client.expectLine(/^\* OK/);
  await slapd.freeze();
  const startedAtMs = performance.now();
  const frozen = await client.command('LOGIN dan "password of dan"');
  const tookMs = performance.now() - startedAtMs;
  slapd.thaw();

  expect(frozen).toMatchObject({ status: 'NO', text: expect.stringContaining('[UNAVAILABLE]') });
  expect(tookMs).toBeLessThan(4_000);
  await client.expectOk('LOGIN dan "password of dan"');
});

/** His first login, and an app password. */
async function settle(world: FrontEndWorld, uid: string): Promise<string> {
  await using client = await world.connect('imaps');
  await client.expectLine(/^\* OK/);
  await client.expectOk(`LOGIN ${uid} "password of ${uid}"`);
  const id = await world.directory.findAccountId(`${uid}@example.org`);
  const service = createAppPasswordService({ driver: world.directory });
  const made = id && (await service.add(id, { label: 'telephone', protocols: ['imap'] }));
  if (!made?.ok) throw new Error('no app password');
  return made.secret;
}

async function logIn(world: FrontEndWorld, uid: string, password: string): Promise<string> {
  await using client = await world.connect('imaps');
  await client.expectLine(/^\* OK/);
  const { status } = await client.command(`LOGIN ${uid} "${password}"`);
  return status;
}

it('lets nobody in by an app password whose entry is gone, and ends what he had opened', async () => {
  await using world = await openWorld();
  await settle(world, 'finn');
  const secret = await settle(world, 'eva');
  await expect.poll(() => logIn(world, 'eva', secret)).toBe('OK');
  await using open = await world.connect('imaps');
  await open.expectLine(/^\* OK/);
  await open.expectOk(`LOGIN eva "${secret}"`);
  await slapd.modify(`dn: uid=eva,ou=people,${slapd.base}\nchangetype: delete\n`);

  expect(await logIn(world, 'eva', secret)).toBe('NO');

  expect(world.log.events).toContainEqual({
    event: 'login.rejected',
    fields: expect.objectContaining({ reason: 'account-disabled' }),
  });
  const stateOf = async (): Promise<unknown> => (await world.accounts.find('eva'))?.ldap?.state;
  await expect.poll(stateOf, { timeout: 10_000 }).toBe('absent');
  expect(await open.readLine()).toMatch(/^\* BYE/);
});

it('lets people in by app passwords while LDAP does not answer', async () => {
  await using world = await openWorld();
  const secret = await settle(world, 'finn');
  await expect.poll(() => logIn(world, 'finn', secret)).toBe('OK');
  await slapd.freeze();
  try {
    expect(await logIn(world, 'finn', secret)).toBe('OK');
  } finally {
    slapd.thaw();
  }
});

it('needs no LDAP for accounts of its own', async () => {
  await using world = await openWorld();
  await slapd.freeze();
  try {
    await using client = await world.connect('imaps');
    await client.expectLine(/^\* OK/);
    await client.expectOk('LOGIN anna@example.net "correct horse"');
  } finally {
    slapd.thaw();
  }
});

it('is switched on by settings, without a restart', async () => {
  const opened = openFrontEndWorld({
    certificates,
    async home(peer) {
      await takePop3Login(peer);
      await peer.sendLine('+OK hello');
      await peer.hold();
    },
  });
  await using world = await opened;
  for (const [name, value] of Object.entries(ldap)) {
    await world.directory.setSetting(`ldap.${name}`, value);
  }
  await using client = await world.connect('pop3s');
  await client.expectLine(/^\+OK/);
  await vi.waitFor(
    async () => {
      await client.sendLine('USER bo');
      await client.expectLine(/^\+OK/);
      await client.sendLine('PASS password of bo');
      await client.expectLine(/^\+OK/);
    },
    { timeout: 5_000, interval: 300 },
  );
});
