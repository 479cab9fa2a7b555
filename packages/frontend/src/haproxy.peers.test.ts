/** A real HAProxy before the front end, that ends TLS and says so. */
import { createTempFolder, connectRaw, startHaproxy } from '@homeward/testkit';
import { writeFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
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

/** A front end that a balancer on this host may announce clients to. */
async function openWorld(tls: 'balancer' | 'implicit', claims: unknown[]): Promise<FrontEndWorld> {
  const proxyProtocol = { mode: 'required', trustedNetworks: ['127.0.0.0/8'] };
  const opened = openFrontEndWorld({
    certificates,
    config: {
      imap: { listeners: [{ host: '127.0.0.1', port: 0, tls, proxyProtocol }] },
      pop3: { listeners: [] },
    },
    async home(peer) {
      const { tag, ticket } = await takeImapLogin(peer);
      const verdict = (await opened).verifyTicket(peer, ticket);
      claims.push(verdict.ok ? verdict.claims : verdict);
      await peer.sendLine(`${tag} OK hello`);
      await peer.hold();
    },
  });
  return opened;
}

it('HAProxy that ends TLS passes it on with version 2 vectors, and people log in', async () => {
  const claims: unknown[] = [];
  await using world = await openWorld('balancer', claims);
  const port = world.worker.addresses[0]?.port ?? 0;
  const folder = await createTempFolder('haproxy');
  const { cert, key } = certificates.public;
  await writeFile(folder.join('site.pem'), `${cert}\n${key}`, { mode: 0o600 });
  await using haproxy = await startHaproxy(
    (bind) => `
listen imaps
  bind ${bind('imaps')} ssl crt ${folder.join('site.pem')} alpn imap
  server frontend 127.0.0.1:${port} send-proxy-v2 proxy-v2-options ssl,ssl-cipher,authority
listen clear
  bind ${bind('clear')}
  server frontend 127.0.0.1:${port} send-proxy-v2 proxy-v2-options ssl,ssl-cipher
`,
  );
  const tls = { ...world.clientTls, ALPNProtocols: ['imap'] };
  await using client = await connectRaw({ port: haproxy.portOf('imaps'), tls });
  expect(await client.readLine()).toContain('AUTH=PLAIN');
  await client.expectOk(`LOGIN anna@example.net "${PASSWORD}"`);
  expect(claims).toMatchObject([
    {
      client: {
        address: '127.0.0.1',
        port: client.localPort,
        tls: { version: 'TLSv1.3', cipher: expect.stringMatching(/^TLS_/) },
      },
    },
  ]);
  // The same balancer, without TLS towards the client: it must not count as encrypted.
  await using plain = await connectRaw({ port: haproxy.portOf('clear') });
  expect(await plain.readLine()).toContain('LOGINDISABLED');
  await folder.remove();
});

it('HAProxy that passes TLS through leaves it to the front end, with the client’s address', async () => {
  const claims: unknown[] = [];
  await using world = await openWorld('implicit', claims);
  const port = world.worker.addresses[0]?.port ?? 0;
  await using haproxy = await startHaproxy(
    (bind) => `
listen imaps
  bind ${bind('imaps')}
  server frontend 127.0.0.1:${port} send-proxy-v2
`,
  );
  await using client = await connectRaw({ port: haproxy.portOf('imaps'), tls: world.clientTls });
  await client.readLine();
  await client.expectOk(`LOGIN anna@example.net "${PASSWORD}"`);
  expect(claims).toMatchObject([
    { client: { port: client.localPort, tls: { version: 'TLSv1.3' } } },
  ]);
});
