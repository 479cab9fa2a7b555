/** Connections to sites of other software that wait for a login, over real sockets. */
import type { ForeignSite, SiteName } from '@homeward/directory';
import { startScriptedServer, type PeerScript, type ScriptedPeer } from '@homeward/testkit';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  type FrontEndWorld,
  type WorldCertificates,
} from '../testing/front-end-world.ts';

const WARM = 'homeward_frontend_foreign_connections_total{kind="warm"}';
const NEW = 'homeward_frontend_foreign_connections_total{kind="new"}';
const WAITING = 'homeward_frontend_foreign_warm_connections{}';

let certificates: WorldCertificates;
let stack: AsyncDisposableStack;
let world: FrontEndWorld;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});
beforeEach(() => {
  stack = new AsyncDisposableStack();
});
afterEach(() => stack.disposeAsync());

/** A front end and a site, which plays the scripts in the order of its connections. */
async function open(
  scripts: readonly PeerScript[],
  warmConnections = 1,
  changes: Partial<ForeignSite> = {},
): Promise<{ readonly count: () => number }> {
  const server = await startScriptedServer((peer, index) => {
    const script = scripts[Math.min(index, scripts.length) - 1] ?? letIn;
    return script(peer, index);
  });
  stack.defer(() => server.kill());
  const homes = { warmConnectionsPerForeignHost: warmConnections };
  world = stack.use(await openFrontEndWorld({ certificates, homes }));
  await world.directory.putSite({
    name: 'old' as SiteName,
    serverName: 'old.test',
    workers: [],
    shardTable: { version: 1, workerOfShard: [] },
    foreign: {
      imap: { hosts: [{ host: server.host, port: server.port }], tls: 'none' },
      trust: {},
      login: { kind: 'pass-through' },
      loginName: '{local}',
      clientIdentity: 'protocol',
      ...changes,
    },
    version: 1,
  });
  await world.accounts.add({ address: 'bob@example.net', site: 'old', password: undefined });
  return { count: () => server.connectionCount };
}

async function greet(peer: ScriptedPeer): Promise<void> {
  await peer.sendLine('* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi');
}

const letIn: PeerScript = async (peer) => {
  await greet(peer);
  await peer.expectLine(/^H4 AUTHENTICATE PLAIN /);
  await peer.sendLine('H4 OK [CAPABILITY IMAP4rev1 X-OLD] in');
  await peer.hold();
};

async function logIn(): Promise<string> {
  await using client = await world.connect('imaps');
  await client.readLine();
  return (await client.command('LOGIN bob@example.net secret')).text;
}

const waitForWaiting = (count: number) => expect.poll(() => world.count(WAITING)).toBe(count);

describe('a connection that waits', () => {
  it('serves the next login, and another one takes its place', async () => {
    const home = await open([letIn]);
    expect(await logIn()).toMatch(/^OK \[CAPABILITY IMAP4rev1 X-OLD\]/);
    await waitForWaiting(1);
    expect(home.count()).toBe(2);
    expect(await logIn()).toMatch(/^OK/);
    await waitForWaiting(1);
    expect(home.count()).toBe(3);
    expect([await world.count(NEW), await world.count(WARM)]).toEqual([1, 1]);
  });

  it.each<[string, PeerScript]>([
    ['ends', async () => undefined],
    ['is told goodbye', async (peer) => peer.sendLine('* BYE idle')],
  ])('and %s when a login comes is replaced by a new one', async (_what, end) => {
    const dying: PeerScript = async (peer, index) => {
      await greet(peer);
      await peer.expectLine(/^H4 AUTHENTICATE PLAIN /);
      await end(peer, index);
    };
    await open([letIn, dying, letIn]);
    expect(await logIn()).toMatch(/^OK/);
    await waitForWaiting(1);
    expect(await logIn()).toMatch(/^OK/);
    expect([await world.count(NEW), await world.count(WARM)]).toEqual([2, 1]);
    expect(world.worker.homes.findFault()).toBeUndefined();
  });

  it('is replaced by a new one for a login whose secret it did not come to be shown', async () => {
    const greetPlain: PeerScript = async (peer) => {
      await peer.sendLine('* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi');
      await peer.expectLine('H4 AUTHENTICATE PLAIN');
    };
    const invite: PeerScript = async (peer, index) => {
      await greetPlain(peer, index);
      await peer.sendLine('+ ');
      await peer.expectLine(/^[A-Za-z0-9+/=]+$/);
      await peer.sendLine('H4 OK [CAPABILITY IMAP4rev1 X-OLD] in');
      await peer.hold();
    };
    const dying: PeerScript = async (peer, index) => {
      await greetPlain(peer, index);
      await peer.sendLine('* OK still here');
    };
    await open([invite, dying, invite]);
    expect(await logIn()).toMatch(/^OK/);
    await waitForWaiting(1);
    expect(await logIn()).toMatch(/^OK/);
    expect([await world.count(NEW), await world.count(WARM)]).toEqual([2, 1]);
  });

  it.each<[string, PeerScript]>([
    [
      'has invited the secret and taken it',
      async (peer) => {
        await peer.sendLine('* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi');
        await peer.expectLine('H4 AUTHENTICATE PLAIN');
        await peer.sendLine('+ ');
        await peer.expectLine(/^[A-Za-z0-9+/=]+$/);
      },
    ],
    [
      'has answered what went with the secret',
      async (peer) => {
        await peer.sendLine('* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR ID] hi');
        await peer.expectLine(/^H3 ID /);
        await peer.expectLine(/^H4 AUTHENTICATE PLAIN /);
        await peer.sendLine('* ID NIL');
        await peer.sendLine('H3 OK');
        await peer.sendLine('* BYE now');
      },
    ],
    [
      'answers the secret by what is no IMAP',
      async (peer) => {
        await greet(peer);
        await peer.expectLine(/^H4 AUTHENTICATE PLAIN /);
        await peer.sendLine('what?');
      },
    ],
  ])('and %s is not replaced: the home may count a guess', async (_what, judging) => {
    const home = await open([letIn, judging]);
    expect(await logIn()).toMatch(/^OK/);
    await waitForWaiting(1);
    expect(await logIn()).toMatch(/^NO \[UNAVAILABLE\]/);
    expect([await world.count(NEW), await world.count(WARM)]).toEqual([1, 1]);
    await waitForWaiting(1);
    expect(home.count()).toBe(3);
  });

  it('and is told goodbye before serves nobody', async () => {
    const goodbye = Promise.withResolvers<void>();
    const leaving: PeerScript = async (peer) => {
      await greet(peer);
      await goodbye.promise;
      await peer.sendLine('* BYE idle');
    };
    await open([letIn, leaving, letIn]);
    expect(await logIn()).toMatch(/^OK/);
    await waitForWaiting(1);
    goodbye.resolve();
    await waitForWaiting(0);
    expect(await logIn()).toMatch(/^OK/);
    expect([await world.count(NEW), await world.count(WARM)]).toEqual([2, 0]);
  });

  it('judges a password as a new one does, once', async () => {
    const refuse: PeerScript = async (peer) => {
      await greet(peer);
      await peer.expectLine(/^H4 AUTHENTICATE PLAIN /);
      await peer.sendLine('H4 NO [AUTHENTICATIONFAILED] no');
    };
    const home = await open([letIn, refuse, letIn]);
    expect(await logIn()).toMatch(/^OK/);
    await waitForWaiting(1);
    expect(await logIn()).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    await waitForWaiting(1);
    expect(home.count()).toBe(3);
  });

  it('does not serve a site whose record has changed', async () => {
    await open([letIn]);
    expect(await logIn()).toMatch(/^OK/);
    await waitForWaiting(1);
    const site = await world.directory.getSite('old' as SiteName);
    if (site === undefined) throw new Error('it was put there');
    await world.directory.putSite({ ...site, serverName: 'new.test', version: 2 });
    await expect.poll(async () => (await logIn(), world.count(NEW))).toBe(2);
  });
});

describe('no connection waits', () => {
  it('unless that is set', async () => {
    const home = await open([letIn], 0);
    expect(await logIn()).toMatch(/^OK/);
    expect(await logIn()).toMatch(/^OK/);
    expect(home.count()).toBe(2);
    expect(await world.count(NEW)).toBe(2);
  });

  it('for a site that wants to know the client before anything else', async () => {
    const proxied: PeerScript = async (peer, index) => {
      // A PROXY header of version 2: 16 octets, then as many as their last two say.
      const start = await peer.readOctets(16);
      await peer.readOctets(start.readUInt16BE(14));
      await letIn(peer, index);
    };
    const home = await open([proxied], 1, { clientIdentity: 'proxy-v2' });
    expect(await logIn()).toMatch(/^OK/);
    expect(await logIn()).toMatch(/^OK/);
    expect(home.count()).toBe(2);
    expect(await world.count(WAITING)).toBe(0);
  });
});
