/** Logins by app passwords at a real front end. */
import { createAppPasswordService, type AccountId, type Protocol } from '@homeward/directory';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  takeImapLogin,
  takePop3Login,
  type FrontEndWorld,
  type WorldCertificates,
} from './testing/front-end-world.ts';

let certificates: WorldCertificates;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});

async function open(): Promise<FrontEndWorld> {
  return openFrontEndWorld({
    certificates,
    async home(peer) {
      const { tag } = await takeImapLogin(peer);
      await peer.sendLine(`${tag} OK hello`);
      await peer.hold();
    },
  });
}

async function annaOf(world: FrontEndWorld): Promise<AccountId> {
  const id = await world.directory.findAccountId('anna@example.net');
  if (id === undefined) throw new Error('no account');
  return id;
}

async function makeOne(world: FrontEndWorld, protocols: readonly Protocol[]): Promise<string> {
  const service = createAppPasswordService({ driver: world.directory });
  const made = await service.add(await annaOf(world), { label: 'telephone', protocols });
  if (!made.ok) throw new Error(made.problem.text);
  return made.secret;
}

async function logIn(world: FrontEndWorld, password: string): Promise<string> {
  await using client = await world.connect('imaps');
  await client.readLine();
  await client.sendLine(`A1 LOGIN anna@example.net "${password}"`);
  return (await client.readLine()).slice(0, 12);
}

describe('an app password', () => {
  it('logs in beside the account’s own password, and its use is noted', async () => {
    await using world = await open();
    const secret = await makeOne(world, ['imap']);
    await expect.poll(() => logIn(world, secret)).toMatch(/^A1 OK/);
    expect(await logIn(world, PASSWORD)).toMatch(/^A1 OK/);
    const id = await annaOf(world);
    await expect.poll(async () => (await world.directory.listAppPasswordUses(id)).size).toBe(1);
    expect(JSON.stringify(world.log.events)).not.toContain(secret.slice(0, 11));
  });

  it('logs in over no protocol that it was not made for', async () => {
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        await takePop3Login(peer);
        await peer.sendLine('+OK hello');
        await peer.hold();
      },
    });
    const secret = await makeOne(world, ['pop3']);
    expect(await logIn(world, secret)).toMatch(/^A1 NO \[AUTH/);
    await using client = await world.connect('pop3s');
    await client.readLine();
    await client.sendLine('USER anna@example.net');
    await client.readLine();
    await client.sendLine(`PASS ${secret}`);
    await client.expectLine(/^\+OK /);
  });

  it('may be all that lets somebody in', async () => {
    await using world = await open();
    const secret = await makeOne(world, ['imap']);
    await world.accounts.change('anna@example.net', { isPasswordLoginOff: true });
    await expect.poll(() => logIn(world, PASSWORD)).toMatch(/^A1 NO \[AUTH/);
    expect(await logIn(world, secret)).toMatch(/^A1 OK/);
    expect(world.log.events).toContainEqual(
      expect.objectContaining({
        fields: expect.objectContaining({
          reason: 'no-secret',
          detail: 'app passwords only',
        }) as unknown,
      }),
    );
  });
});
