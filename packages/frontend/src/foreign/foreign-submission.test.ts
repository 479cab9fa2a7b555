/** Submission at a home of other software, over real sockets: what it is told, what the client hears. */
import type { ForeignSite, SiteName } from '@homeward/directory';
import { startScriptedServer, type PeerScript, type ScriptedPeer } from '@homeward/testkit';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  type FrontEndWorld,
  type WorldCertificates,
} from '../testing/front-end-world.ts';

let certificates: WorldCertificates;
let world: FrontEndWorld;
let stack: AsyncDisposableStack;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  world = stack.use(await openFrontEndWorld({ certificates }));
});
afterEach(() => stack.disposeAsync());

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A site, and an account there that has no password of ours. */
async function serve(script: PeerScript, changes: Partial<ForeignSite> = {}): Promise<void> {
  const { host, port, kill } = await startScriptedServer(script);
  stack.defer(kill);
  await world.directory.putSite({
    name: 'old' as SiteName,
    serverName: 'old.test',
    workers: [],
    shardTable: { version: 1, workerOfShard: [] },
    foreign: {
      submission: { hosts: [{ host, port }], tls: 'none' },
      trust: {},
      login: { kind: 'pass-through' },
      loginName: '{local}',
      clientIdentity: 'protocol',
      ...changes,
    },
    version: 1,
  });
  await world.accounts.add({ address: 'bob@example.net', site: 'old', password: undefined });
}

/** A home's side up to the secret. @returns It. */
async function takeSecret(
  peer: ScriptedPeer,
  offers: readonly string[],
): Promise<readonly string[]> {
  const list = `250-old\r\n${offers.map((offer) => `250-${offer}\r\n`).join('')}250 HELP\r\n`;
  await peer.sendLine('220 old ESMTP');
  await peer.expectLine('EHLO [127.0.0.1]');
  await peer.send(list);
  if (offers.some((offer) => offer.startsWith('XCLIENT'))) {
    await peer.expectLine(/^XCLIENT ADDR=127\.0\.0\.1 PORT=\d+ HELO=phone$/);
    await peer.sendLine('220 old ESMTP');
  }
  await peer.expectLine('EHLO phone');
  await peer.send(list);
  await peer.expectLine('AUTH PLAIN');
  await peer.sendLine('334 ');
  return Buffer.from(await peer.readLine(), 'base64')
    .toString()
    .split('\0');
}

/** @returns The answer to a login. */
async function logIn(): Promise<string> {
  await using client = await world.connect('submissions');
  await client.readLine();
  await client.sendLine('EHLO phone');
  while ((await client.readLine()).startsWith('250-'));
  await client.sendLine(`AUTH PLAIN ${base64('\0bob@example.net\0secret')}`);
  return await client.readLine();
}

function lastFault(): unknown {
  const event = world.log.events.findLast((one) => one.event.startsWith('login.'));
  return event?.fields['reason'];
}

describe('submission at a site of other software', () => {
  it('gets the name that it knows, and who the client is where it takes that', async () => {
    let said: readonly string[] = [];
    await serve(async (peer) => {
      said = await takeSecret(peer, ['XCLIENT ADDR PORT HELO', 'AUTH PLAIN LOGIN']);
      await peer.sendLine('235 2.7.0 in');
      await peer.hold();
    });
    expect(await logIn()).toBe('235 2.7.0 Logged in');
    expect(said).toEqual(['', 'bob', 'secret']);
  });

  it.each([
    ['535 5.7.8 no', /^535 5\.7\.8 Authentication failed \(ref/, 'wrong-password'],
    ['454 4.7.0 database away', /^454 4\.7\.0 /, 'site-refused'],
    ['421 4.3.2 bye', /^454 4\.7\.0 /, 'site-refused'],
  ])('that says %s', async (answer, heard, reason) => {
    await serve(async (peer) => {
      await takeSecret(peer, ['AUTH PLAIN']);
      await peer.sendLine(answer);
    });
    expect(await logIn()).toMatch(heard);
    expect(lastFault()).toBe(reason);
  });

  it('without a way in is our fault', async () => {
    await serve(async (peer) => {
      await peer.sendLine('220 old ESMTP');
      await peer.readLine();
      await peer.send('250-old\r\n250 AUTH GSSAPI\r\n');
      await peer.expectEnd();
    });
    expect(await logIn()).toMatch(/^454 4\.7\.0 /);
    expect(lastFault()).toBe('site-refused');
  });

  it('hears no secret where STARTTLS is not to be had', async () => {
    let isMoreHeard = false;
    await serve(
      async (peer) => {
        await peer.sendLine('220 old ESMTP');
        await peer.readLine();
        await peer.send('250-old\r\n250 AUTH PLAIN\r\n');
        await peer.expectLine('STARTTLS');
        await peer.sendLine('454 4.7.0 not today');
        isMoreHeard = await peer.readLine().then(
          () => true,
          () => false,
        );
      },
      { loginName: '{address}' },
    );
    const site = await world.directory.getSite('old' as SiteName);
    const door = site?.foreign?.submission;
    if (site?.foreign === undefined || door === undefined) throw new Error('no such site');
    const submission = { ...door, tls: 'starttls' } as const;
    await world.directory.putSite({
      ...site,
      foreign: { ...site.foreign, submission },
      version: 2,
    });
    await expect.poll(async () => (await logIn(), lastFault())).toBe('site-tls-failed');
    expect(isMoreHeard).toBe(false);
  });

  it('without submission is no home for it', async () => {
    await serve((peer) => peer.hold());
    const site = await world.directory.getSite('old' as SiteName);
    if (site?.foreign === undefined) throw new Error('no such site');
    const { submission: imap, ...foreign } = site.foreign;
    await world.directory.putSite({ ...site, foreign: { ...foreign, imap }, version: 2 });
    await world.accounts.setPassword('bob@example.net', 'secret');
    await expect.poll(logIn).toMatch(/^550 5\.7\.1 This account may not send mail here/);
  });
});
