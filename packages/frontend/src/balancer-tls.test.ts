/** TLS that ended at a load balancer counts as the client's where an operator said so, and only there. */
import { formatProxyHeader, type ProxyExtras } from '@homeward/net';
import { connectRaw, type RawClient } from '@homeward/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  takeImapLogin,
  type FrontEndWorld,
  type WorldCertificates,
} from './testing/front-end-world.ts';

const LOGIN = `LOGIN anna@example.net "${PASSWORD}"`;
const TLS: NonNullable<ProxyExtras['tls']> = {
  isEncrypted: true,
  hasCertificate: false,
  hasSessionCertificate: false,
  verifyResult: 0,
  version: 'TLSv1.3',
  cipher: 'TLS_AES_128_GCM_SHA256',
};

let certificates: WorldCertificates;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});

async function openBehind(
  tls: 'balancer' | 'none',
  trustedNetworks: readonly string[] = ['127.0.0.0/8'],
): Promise<FrontEndWorld & { readonly claims: unknown[] }> {
  const claims: unknown[] = [];
  const proxyProtocol = { mode: 'required', trustedNetworks, headerLimitSeconds: 1 };
  const world = await openFrontEndWorld({
    certificates,
    config: {
      imap: { listeners: [{ host: '127.0.0.1', port: 0, tls, proxyProtocol }] },
      pop3: { listeners: [{ host: '127.0.0.1', port: 0, tls, proxyProtocol }] },
    },
    async home(peer) {
      const { tag, ticket } = await takeImapLogin(peer);
      const verdict = world.verifyTicket(peer, ticket);
      claims.push(verdict.ok ? verdict.claims : verdict);
      await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
      await peer.hold();
    },
  });
  return { ...world, claims };
}

async function connectBehind(
  { worker }: FrontEndWorld,
  extras: ProxyExtras,
  version: 1 | 2 = 2,
  protocol: 'imap' | 'pop3' = 'imap',
): Promise<RawClient> {
  const port = worker.addresses.find((door) => door.protocol === protocol)?.port ?? 0;
  const client = await connectRaw({ port });
  await client.send(
    formatProxyHeader({
      version,
      command: 'proxy',
      ends: {
        family: 'ipv4',
        transport: 'stream',
        source: { address: '203.0.113.9', port: 40_001 },
        destination: { address: '198.51.100.1', port: 993 },
      },
      extras,
    }),
  );
  return client;
}

describe('a listener whose TLS ends at the balancer', () => {
  it('lets logins in whose connection was encrypted there; ticket and log say how', async () => {
    await using world = await openBehind('balancer');
    const extras = { tls: TLS, authority: 'mail.example', alpn: 'imap' };
    await using client = await connectBehind(world, extras);
    const greeting = await client.readLine();
    expect(greeting).toContain('AUTH=PLAIN');
    expect(greeting).not.toContain('STARTTLS');
    // Nothing here knows the client's TLS connection well enough to bind to it.
    expect(greeting).not.toContain('-PLUS');
    await client.expectOk(LOGIN);
    const tls = { version: TLS.version, cipher: TLS.cipher };
    expect(world.claims).toMatchObject([{ client: { address: '203.0.113.9', tls } }]);
    expect(world.log.events).toContainEqual({
      event: 'login.accepted',
      fields: expect.objectContaining({ tls: TLS.version, cipher: TLS.cipher }) as unknown,
    });
  });

  it('speaks POP3 so, too', async () => {
    await using world = await openBehind('balancer');
    await using client = await connectBehind(world, { tls: TLS }, 2, 'pop3');
    await client.expectLine(/^\+OK/);
    await client.sendLine('USER anna@example.net');
    expect(await client.readLine()).toMatch(/^\+OK/);
  });

  it.each<[string, ProxyExtras, 1 | 2]>([
    ['says nothing of TLS', {}, 2],
    ['says that it was not encrypted', { tls: { ...TLS, isEncrypted: false } }, 2],
    ['cannot say it: version 1', {}, 1],
  ])('takes no login from a balancer that %s', async (_what, extras, version) => {
    await using world = await openBehind('balancer');
    await using client = await connectBehind(world, extras, version);
    const greeting = await client.readLine();
    expect(greeting).toContain('LOGINDISABLED');
    expect(greeting).not.toContain('STARTTLS');
    expect((await client.command(LOGIN)).text).toContain('[PRIVACYREQUIRED]');
    expect(world.claims).toEqual([]);
  });

  it('believes nobody outside the trusted networks', async () => {
    await using world = await openBehind('balancer', ['192.0.2.0/24']);
    await using client = await connectBehind(world, { tls: TLS });
    expect(await client.readLine()).toMatch(/^\* BYE/);
  });
});

it('a listener without TLS believes no balancer that says there is', async () => {
  await using world = await openBehind('none');
  await using client = await connectBehind(world, { tls: TLS });
  expect(await client.readLine()).toContain('LOGINDISABLED');
  expect((await client.command(LOGIN)).text).toContain('[PRIVACYREQUIRED]');
});
