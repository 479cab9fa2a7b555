/** Client access rules over real sockets: what a client hears, and what it cannot find out. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  takeImapLogin,
  type FrontEndWorld,
  type WorldCertificates,
} from './testing/front-end-world.ts';

let certificates: WorldCertificates;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});

async function openWorld(rules: readonly unknown[], more: object = {}): Promise<FrontEndWorld> {
  return openFrontEndWorld({
    certificates,
    config: { clientAccess: { rules }, ...more },
    async home(peer) {
      const { tag } = await takeImapLogin(peer);
      await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
      await peer.hold();
    },
  });
}

async function logIn(
  world: FrontEndWorld,
  password: string = PASSWORD,
  name = 'anna@example.net',
): Promise<string> {
  await using client = await world.connect('imaps');
  await client.readLine();
  const { text } = await client.command(`LOGIN ${name} "${password}"`);
  return text.replace(/ \(ref \w+\)/, '');
}

const hashCount = (world: FrontEndWorld): Promise<number | undefined> =>
  world.count('homeward_frontend_passwords_hashed_total{}');

describe('a rule about the connection', () => {
  const HERE = { name: 'not here', action: 'deny', when: { networks: ['127.0.0.0/8'] } };

  it('is told as what it is, before anybody is looked for and any hash', async () => {
    await using world = await openWorld([HERE]);
    for (const password of [PASSWORD, 'wrong']) {
      expect(await logIn(world, password)).toBe(
        'NO [CONTACTADMIN] Logins like this are not allowed here; ask your administrator',
      );
      expect(world.log.events.findLast(({ event }) => event === 'login.rejected')).toMatchObject({
        fields: { reason: 'access-denied', detail: 'rule 1, not here' },
      });
    }
    expect(await hashCount(world)).toBe(0);
    await using pop3 = await world.connect('pop3s');
    await pop3.readLine();
    await pop3.sendLine('USER anna@example.net');
    await pop3.readLine();
    await pop3.sendLine(`PASS ${PASSWORD}`);
    await pop3.expectLine(/^-ERR \[SYS\/PERM\] Logins like this are not allowed here/);
  });

  it('applies live, from the directory', async () => {
    await using world = await openWorld([]);
    expect(await logIn(world)).toMatch(/^OK/);
    await world.directory.setSetting('clientAccess.rules', [HERE]);
    await expect.poll(() => logIn(world), { timeout: 5_000 }).toMatch(/^NO \[CONTACTADMIN\]/);
    const first = { name: 'first', action: 'allow', when: { protocols: ['imap'] } };
    await world.directory.setSetting('clientAccess.rules', [first, HERE]);
    await expect.poll(() => logIn(world), { timeout: 5_000 }).toMatch(/^OK/);
  });

  it('may be a denied network', async () => {
    await using world = await openWorld([], { throttle: { denyNetworks: ['127.0.0.1'] } });
    expect(await logIn(world)).toMatch(/^NO \[CONTACTADMIN\]/);
  });
});

describe('a rule about the account', () => {
  const ANNA = { name: 'not she', action: 'deny', when: { accounts: ['anna@*'] } };

  it('is told as a wrong password, whatever the password, at the cost of one hash', async () => {
    await using world = await openWorld([ANNA]);
    for (const [password, name] of [
      [PASSWORD, 'anna@example.net'],
      ['wrong', 'anna@example.net'],
      ['wrong', 'nobody@example.net'],
    ] as const) {
      const before = (await hashCount(world)) ?? 0;
      expect(await logIn(world, password, name)).toBe(
        'NO [AUTHENTICATIONFAILED] Authentication failed',
      );
      expect(((await hashCount(world)) ?? 0) - before).toBe(1);
    }
    expect(world.log.events.filter(({ event }) => event === 'login.rejected')).toMatchObject([
      { fields: { reason: 'access-rule', detail: 'rule 1, not she' } },
      { fields: { reason: 'access-rule' } },
      { fields: { reason: 'unknown-user' } },
    ]);
  });

  it('costs a hash also where the password was right a moment ago', async () => {
    await using world = await openWorld([]);
    expect(await logIn(world)).toMatch(/^OK/);
    await world.directory.setSetting('clientAccess.rules', [ANNA]);
    await expect
      .poll(() => logIn(world), { timeout: 5_000 })
      .toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    const before = (await hashCount(world)) ?? 0;
    expect(await logIn(world)).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    expect(((await hashCount(world)) ?? 0) - before).toBe(1);
  });
});
