/** Clients behind a load balancer, over real sockets: who is it that logs in? */
import { formatProxyHeader, type ProxyHeader } from '@homeward/net';
import { connectRaw, type RawClient } from '@homeward/testkit';
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

const CLIENT = { address: '203.0.113.9', port: 40_001 };
const LOGIN = `LOGIN anna@example.net "${PASSWORD}"`;
const LOOPBACK = ['127.0.0.0/8', '::1'];
const ELSEWHERE = ['192.0.2.0/24'];

let certificates: WorldCertificates;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});

type Door = keyof FrontEndWorld['ports'];

function headerOf(version: 1 | 2, client: { address: string; port: number } = CLIENT): Buffer {
  const isIpv6 = client.address.includes(':');
  return formatProxyHeader({
    version,
    command: 'proxy',
    ends: {
      family: isIpv6 ? 'ipv6' : 'ipv4',
      transport: 'stream',
      source: client,
      destination: { address: isIpv6 ? '2001:db8::1' : '198.51.100.1', port: 993 },
    },
    extras: {},
  });
}

/** A front end behind a balancer, before a home that verifies tickets and then serves nothing. */
async function openBehind(
  mode: 'required' | 'optional',
  trustedNetworks: readonly string[],
  config: Readonly<Record<string, unknown>> = {},
): Promise<FrontEndWorld & { readonly claims: unknown[] }> {
  const claims: unknown[] = [];
  const listeners = (['starttls', 'implicit'] as const).map((tls) => ({
    host: '127.0.0.1',
    port: 0,
    tls,
    proxyProtocol: { mode, trustedNetworks, headerLimitSeconds: 1 },
  }));
  const takeLogin = async (peer: Parameters<typeof takeImapLogin>[0]): Promise<void> => {
    const { tag, ticket } = await takeImapLogin(peer);
    const verdict = world.verifyTicket(peer, ticket);
    claims.push(verdict.ok ? verdict.claims : verdict);
    await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
    await peer.hold();
  };
  const world = await openFrontEndWorld({
    certificates,
    config: { imap: { listeners }, pop3: { listeners }, ...config },
    home: takeLogin,
  });
  return { ...world, claims };
}

/** A balancer's connection that passes a client on, up to the greeting. */
async function connectBehind(
  world: FrontEndWorld,
  door: 'imap' | 'imaps',
  header: Uint8Array,
): Promise<RawClient> {
  const client = await connectRaw({ port: world.ports[door] });
  await client.send(header);
  if (door === 'imaps') await client.startTls(world.clientTls);
  await client.readLine();
  return client;
}

describe('a client whom a trusted load balancer announces', () => {
  it.each([
    ['version 1 before TLS', 1, 'imaps', CLIENT],
    ['version 2 before TLS', 2, 'imaps', CLIENT],
    ['version 2 before STARTTLS', 2, 'imap', CLIENT],
    ['version 1 before STARTTLS', 1, 'imap', CLIENT],
    ['IPv6 in version 2', 2, 'imaps', { address: '2001:db8::9', port: 40_002 }],
  ] as const)('is in ticket and log, by %s', async (_claim, version, door, announced) => {
    await using world = await openBehind('required', LOOPBACK);
    await using client = await connectBehind(world, door, headerOf(version, announced));
    const via = `127.0.0.1:${client.localPort}`;
    if (door === 'imap') {
      await client.expectOk('STARTTLS');
      await client.startTls(world.clientTls);
    }
    expect((await client.command('LOGIN anna@example.net wrong')).status).toBe('NO');
    await client.expectOk(LOGIN);
    expect(world.claims).toMatchObject([{ client: { ...announced, tls: { version: 'TLSv1.3' } } }]);
    await client.close();
    await expect.poll(() => world.worker.conversationCount).toBe(0);
    expect(world.log.events).toMatchObject([
      { event: 'login.rejected', fields: { clientAddress: announced.address, via } },
      { event: 'login.accepted', fields: { clientAddress: announced.address, via } },
      { event: 'conversation.ended', fields: { clientAddress: announced.address, via } },
    ]);
  });

  it('is the one whom limits count, in POP3 as well', async () => {
    await using world = await openBehind('required', LOOPBACK, {
      connectionLimits: { perAddress: 1 },
    });
    const other = { address: '203.0.113.10', port: 1 };
    await using first = await connectBehind(world, 'imap', headerOf(2));
    await using second = await connectRaw({ port: world.ports.pop3 });
    await second.send(headerOf(2));
    await second.expectLine(/^-ERR \[SYS\/TEMP\]/);
    await using third = await connectRaw({ port: world.ports.pop3 });
    await third.send(headerOf(1, other));
    await third.expectLine(/^\+OK/);
    await first.expectOk('NOOP');
    expect(world.log.events).toMatchObject([
      {
        event: 'connection.refused',
        fields: { reason: 'too-many-from-address', clientAddress: CLIENT.address },
      },
    ]);
  });

  it('logs in to POP3 behind STLS with the same address', async () => {
    const clients: unknown[] = [];
    await using world = await openFrontEndWorld({
      certificates,
      config: {
        imap: {},
        pop3: {
          listeners: [
            {
              host: '127.0.0.1',
              port: 0,
              tls: 'starttls',
              proxyProtocol: { mode: 'required', trustedNetworks: LOOPBACK },
            },
          ],
        },
      },
      async home(peer) {
        const verdict = world.verifyTicket(peer, await takePop3Login(peer), 'pop3');
        clients.push(verdict.ok ? verdict.claims.client : verdict);
        await peer.sendLine('+OK hello');
      },
    });
    await using client = await connectRaw({ port: world.ports.pop3 });
    await client.send(headerOf(2));
    await client.expectLine(/^\+OK/);
    await client.sendLine('STLS');
    await client.expectLine(/^\+OK/);
    await client.startTls(world.clientTls);
    await client.sendLine('USER anna@example.net');
    await client.expectLine(/^\+OK/);
    await client.sendLine(`PASS ${PASSWORD}`);
    await client.expectLine(/^\+OK/);
    expect(clients).toMatchObject([CLIENT]);
    await world.home.finished();
  });
});

describe('a connection that is refused', () => {
  const STRANGER = 'proxy-header-from-stranger';
  it.each<[string, 'required' | 'optional', readonly string[], Door, Uint8Array | string, string]>([
    ['sends no header', 'required', LOOPBACK, 'imap', 'a1 NOOP\r\n', 'proxy-header-missing'],
    ['says nothing', 'required', LOOPBACK, 'pop3', '', 'proxy-header-missing'],
    ['begins with TLS', 'required', LOOPBACK, 'imaps', '\x16\x03\x01', 'proxy-header-missing'],
    ['is a stranger', 'required', ELSEWHERE, 'imap', headerOf(2), STRANGER],
    ['is a stranger before TLS', 'required', ELSEWHERE, 'imaps', headerOf(1), STRANGER],
    ['is a stranger where it is optional', 'optional', ELSEWHERE, 'pop3', headerOf(1), STRANGER],
    ['has a broken header', 'required', LOOPBACK, 'pop3s', 'PROXY TCP9 x\r\n', 'bad-proxy-header'],
  ])('%s, is closed and logged', async (_claim, mode, networks, door, octets, reason) => {
    await using world = await openBehind(mode, networks);
    await using client = await connectRaw({ port: world.ports[door] });
    if (octets !== '') await client.send(octets);
    const { octets: answer } = await client.readToEnd();
    if (mode === 'required' && !door.endsWith('s')) {
      expect(answer.toString()).toMatch(/^(\* BYE|-ERR) .*PROXY protocol.*\r\n$/);
    }
    await expect
      .poll(() => world.log.events.filter(({ event }) => event === 'connection.refused'))
      .toMatchObject([
        {
          event: 'connection.refused',
          fields: { protocol: door.slice(0, 4), clientAddress: '127.0.0.1', reason },
        },
      ]);
    await expect.poll(() => world.worker.conversationCount).toBe(0);
  });

  it('is none when a balancer looks whether the port is open', async () => {
    await using world = await openBehind('required', LOOPBACK);
    const local: ProxyHeader = { version: 2, command: 'local', ends: undefined, extras: {} };
    for (const door of ['pop3s', 'imaps'] as const) {
      await using check = await connectRaw({ port: world.ports[door] });
      await check.send(formatProxyHeader(local));
      check.end();
      await check.readToEnd();
    }
    await expect.poll(() => world.log.events.length).toBe(2);
    expect(world.log.events.map(({ event }) => event)).toEqual([
      'connection.left',
      'connection.left',
    ]);
  });

  it('is none without a header where one is optional and the client is not a balancer', async () => {
    await using world = await openBehind('optional', ELSEWHERE);
    await using client = await world.connect('imaps');
    await client.readLine();
    await client.expectOk(LOGIN);
    expect(world.claims).toMatchObject([
      { client: { address: '127.0.0.1', port: client.localPort } },
    ]);
  });
});
