/** Homes of other software, over real sockets: what they are told, and what they never are. */
import type { ForeignSite, SiteHost, SiteName } from '@homeward/directory';
import {
  findFreePort,
  startScriptedServer,
  type PeerScript,
  type ScriptedPeer,
} from '@homeward/testkit';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  type FrontEndWorld,
  type WorldCertificates,
} from '../testing/front-end-world.ts';

const PROBES_ANSWERED = 'homeward_frontend_home_probes_total{outcome="ok"}';
const CAPABLE = '* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi';

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

async function serve(script: PeerScript): Promise<SiteHost & { readonly count: () => number }> {
  const server = await startScriptedServer(script);
  stack.defer(() => server.kill());
  return { host: server.host, port: server.port, count: () => server.connectionCount };
}

/** A site without TLS, and an account there that has no password of ours. */
async function putOld(hosts: readonly SiteHost[], changes: Partial<ForeignSite> = {}) {
  await world.directory.putSite({
    name: 'old' as SiteName,
    serverName: 'old.test',
    workers: [],
    shardTable: { version: 1, workerOfShard: [] },
    foreign: {
      imap: { hosts: hosts.map(({ host, port }) => ({ host, port })), tls: 'none' },
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

async function logIn(login = 'LOGIN bob@example.net secret'): Promise<string> {
  await using client = await world.connect('imaps');
  await client.readLine();
  return (await client.command(login)).text;
}

function lastFault(): unknown {
  const event = world.log.events.findLast((one) => one.event.startsWith('login.'));
  return event?.fields['reason'];
}

async function takeLogin(peer: ScriptedPeer): Promise<readonly string[]> {
  await peer.sendLine(CAPABLE);
  const [, response = ''] = await peer.expectLine(/^H4 AUTHENTICATE PLAIN (\S+)$/);
  return Buffer.from(response, 'base64').toString().split('\0');
}

const letIn: PeerScript = async (peer) => {
  await takeLogin(peer);
  await peer.sendLine('H4 OK [CAPABILITY IMAP4rev1 X-OLD] in');
  await peer.hold();
};

describe('a site of other software', () => {
  it('gets the name that it knows, and the client its capabilities', async () => {
    let said: readonly string[] = [];
    const host = await serve(async (peer) => {
      said = await takeLogin(peer);
      await peer.sendLine('H4 OK [CAPABILITY IMAP4rev1 X-OLD] in');
      await peer.hold();
    });
    await putOld([host]);
    expect(await logIn()).toMatch(/^OK \[CAPABILITY IMAP4rev1 X-OLD\]/);
    expect(said).toEqual(['', 'bob', 'secret']);
    await world.accounts.change('bob@example.net', { homeLogin: 'b.old' });
    await expect.poll(async () => (await logIn(), said[1])).toBe('b.old');
  });

  it('never hears a password that we know to be wrong', async () => {
    const host = await serve(letIn);
    await putOld([host]);
    await world.accounts.setPassword('bob@example.net', 'right one');
    expect(await logIn('LOGIN bob@example.net wrong')).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    expect(host.count()).toBe(0);
    expect(await logIn('LOGIN bob@example.net "right one"')).toMatch(/^OK/);
  });

  it('that refuses a password which we know to be right is at fault', async () => {
    const host = await serve(async (peer) => {
      await takeLogin(peer);
      await peer.sendLine('H4 NO [AUTHENTICATIONFAILED] no');
    });
    await putOld([host]);
    await world.accounts.setPassword('bob@example.net', 'right one');
    expect(await logIn('LOGIN bob@example.net "right one"')).toMatch(/^NO \[UNAVAILABLE\]/);
    expect(lastFault()).toBe('site-refused');
  });

  it('is not asked about kinds that never get in', async () => {
    const host = await serve(letIn);
    await putOld([host]);
    await world.accounts.change('bob@example.net', { kind: 'guest' });
    expect(await logIn()).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    expect(host.count()).toBe(0);
  });

  it('gets no delegate’s password', async () => {
    const host = await serve(letIn);
    await putOld([host]);
    await world.accounts.setDelegate('bob@example.net', 'anna@example.net', ['full']);
    const login = `LOGIN "anna@example.net/bob@example.net" "${PASSWORD}"`;
    expect(await logIn(login)).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    expect(lastFault()).toBe('act-as-not-allowed');
  });

  it('without POP3 is no home for POP3', async () => {
    await putOld([await serve(letIn)]);
    await using client = await world.connect('pop3s');
    await client.readLine();
    await client.sendLine('USER bob@example.net');
    await client.readLine();
    await client.sendLine('PASS secret');
    expect(await client.readLine()).toMatch(/^-ERR \[AUTH\]/);
    expect(lastFault()).toBe('no-secret');
  });
});

describe('STARTTLS', () => {
  it.each([
    ['refused', 'H1 NO not today'],
    ['followed by more in plaintext', 'H1 OK go\r\n* OK [CAPABILITY AUTH=PLAIN] injected'],
  ])('%s ends the login before the password is shown', async (_how, answer) => {
    let isMoreHeard = false;
    const host = await serve(async (peer) => {
      await peer.sendLine(CAPABLE);
      await peer.expectLine(/^H1 STARTTLS$/);
      await peer.sendLine(answer);
      isMoreHeard = await peer.readLine().then(
        () => true,
        () => false,
      );
    });
    await putOld([], { imap: { hosts: [host], tls: 'starttls' } });
    expect(await logIn()).toMatch(/^NO \[UNAVAILABLE\]/);
    expect(lastFault()).toBe('site-tls-failed');
    expect(isMoreHeard).toBe(false);
  });
});

describe('of several hosts', () => {
  it('the next one serves where one breaks off before it could be asked', async () => {
    const dead = { host: '127.0.0.1', port: await findFreePort() };
    const rude = await serve((peer) => peer.sendLine('* BYE full'));
    const good = await serve(letIn);
    await putOld([dead, rude, good]);
    for (const name of ['carl', 'dora', 'emil']) {
      const address = `${name}@example.net`;
      await world.accounts.add({ address, site: 'old', password: undefined });
      expect(await logIn(`LOGIN ${address} x`)).toMatch(/^OK/);
    }
    expect(good.count()).toBe(3);
  });

  it('an account keeps to its own', async () => {
    const hosts = [await serve(letIn), await serve(letIn), await serve(letIn)];
    await putOld(hosts);
    for (let time = 0; time < 6; time += 1) expect(await logIn()).toMatch(/^OK/);
    expect(hosts.map(({ count }) => count()).toSorted((a, b) => a - b)).toEqual([0, 0, 6]);
  });

  it('none is asked again once one has judged', async () => {
    const refuse: PeerScript = async (peer) => {
      await takeLogin(peer);
      await peer.sendLine('H4 NO [AUTHENTICATIONFAILED] no');
    };
    const hosts = [await serve(refuse), await serve(refuse)];
    await putOld(hosts);
    expect(await logIn()).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    expect(lastFault()).toBe('wrong-password');
    expect(hosts.map(({ count }) => count()).toSorted((a, b) => a - b)).toEqual([0, 1]);
  });
});

it('a site that leads back to the front end is a loop', async () => {
  await putOld([{ host: '127.0.0.1', port: world.ports.imap }]);
  expect(await logIn()).toMatch(/^NO \[UNAVAILABLE\]/);
  expect(lastFault()).toBe('site-loop');
  await world.directory.putSite({
    ...(await world.directory.getSite('old' as SiteName))!,
    foreign: {
      imap: { hosts: [{ host: 'localhost', port: world.ports.imap }], tls: 'none' },
      trust: {},
      login: { kind: 'pass-through' },
      loginName: '{local}',
      clientIdentity: 'none',
    },
    version: 2,
  });
  // The name is known as ours once it is resolved.
  expect(await logIn()).toMatch(/^NO \[UNAVAILABLE\]/);
  expect(lastFault()).toBe('site-loop');
});

it('a master user’s password is read anew when its file changes', async () => {
  const { writeFile } = await import('node:fs/promises');
  const { createTempFolder, FakeClock } = await import('@homeward/testkit');
  const { MasterSecretFiles } = await import('./master-secret-files.ts');
  const folder = stack.use(await createTempFolder('secret'));
  const passwordFile = folder.join('boss');
  await writeFile(passwordFile, 'one\n');
  const clock = new FakeClock();
  const secrets = new MasterSecretFiles({ boss: { passwordFile } }, clock);
  const read = async (name: string): Promise<string> => {
    const octets = await secrets.read(name);
    if ('problem' in octets) return octets.problem;
    const text = Buffer.from(octets).toString();
    octets.fill(0);
    return text;
  };
  expect(await read('boss')).toBe('one');
  await writeFile(passwordFile, 'two\n');
  expect(await read('boss')).toBe('one');
  clock.advance(5_000);
  expect(await read('boss')).toBe('two');
  expect(await read('toString')).toMatch(/no such name/);
  secrets.setFiles({ chief: { passwordFile } });
  expect(await read('boss')).toMatch(/no such name/);
  expect(await read('chief')).toBe('two');
});

it('a host that stays down is passed over, and its accounts are served by another', async () => {
  const dead = { host: '127.0.0.1', port: await findFreePort() };
  const good = await serve(letIn);
  await putOld([dead, good]);
  for (let number = 0; number < 16; number += 1) {
    const address = `p${number}@example.net`;
    await world.accounts.add({ address, site: 'old', password: undefined });
    await using client = await world.connect('imaps', { localAddress: `127.0.0.${10 + number}` });
    await client.readLine();
    expect((await client.command(`LOGIN ${address} x`)).text).toMatch(/^OK/);
  }
  expect(world.worker.homes.findFault()).toMatch(/^old \(imap\) at 127\.0\.0\.1:/);
  expect(good.count()).toBe(16);
});

it('a host that greets and leaves logins without an answer is passed over until one is answered', async () => {
  world = stack.use(await openFrontEndWorld({ certificates, homes: { probes: true } }));
  let isHanging = true;
  const serveTicket: PeerScript = async (peer) => {
    await peer.sendLine('* OK [CAPABILITY IMAP4rev1 AUTH=OAUTHBEARER SASL-IR] hi');
    const [, tag = ''] = await peer.expectLine(/^(\S+) AUTHENTICATE OAUTHBEARER \S+$/);
    await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] in`);
    await peer.hold();
  };
  const host = await serve(async (peer, number) => {
    // A probe leaves with the greeting.
    if (!isHanging) return serveTicket(peer, number).catch(() => undefined);
    await peer.sendLine('* OK [CAPABILITY IMAP4rev1 AUTH=OAUTHBEARER SASL-IR] hi');
    return peer.hold();
  });
  // Nobody waits longer than a login's time where the home judges no password.
  await putOld([host, await serve(serveTicket)], { login: { kind: 'ticket' } });
  const names = Array.from({ length: 20 }, (_unused, number) => `p${number}`);
  for (const name of names) {
    const address = `${name}@example.net`;
    await world.accounts.add({ address, site: 'old', password: PASSWORD });
  }
  const refused = async (): Promise<number> => {
    const answers = names.map(async (name, index) => {
      await using client = await world.connect('imaps', { localAddress: `127.0.0.${10 + index}` });
      await client.readLine();
      return (await client.command(`LOGIN ${name}@example.net "${PASSWORD}"`)).text;
    });
    return (await Promise.all(answers)).filter((text) => !text.startsWith('OK ')).length;
  };
  const events = (): readonly string[] =>
    world.log.events.map(({ event }) => event).filter((event) => event.startsWith('site.'));
  expect(await refused()).toBeGreaterThanOrEqual(3);
  await expect.poll(events).toEqual(['site.unreachable']);
  const probesBefore = await world.count(PROBES_ANSWERED);
  // The one that tries it; a probe follows.
  await expect.poll(refused, { timeout: 15_000 }).toBe(1);
  await expect.poll(() => world.count(PROBES_ANSWERED)).not.toBe(probesBefore);
  expect(events()).toEqual(['site.unreachable']);
  isHanging = false;
  await expect
    .poll(async () => (await refused(), events()), { timeout: 15_000 })
    .toEqual(['site.unreachable', 'site.recovered']);
}, 30_000);
