/** Both ends over real sockets: the raw client of `raw-client.ts` against a scripted server. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type RawClient, connectRaw } from './raw-client.ts';
import { type PeerScript, startScriptedServer } from './scripted-peer.ts';
import { type TestCertificate, createTestCertificate } from './test-certificate.ts';

let certificate: TestCertificate;

beforeAll(async () => {
  certificate = await createTestCertificate();
});

const greet: PeerScript = async (peer) => {
  await peer.sendLine('* OK ready');
  const [, tag] = await peer.expectLine(/^(\S+) LOGIN anna secret$/);
  await peer.sendLine(`${tag} OK done`);
};

async function logIn(client: RawClient): Promise<void> {
  await client.expectLine('* OK ready');
  await client.expectOk('LOGIN anna secret');
  expect(await client.expectEnd()).toBe('ended');
}

describe('startScriptedServer()', () => {
  it('plays its script for each connection', async () => {
    await using server = await startScriptedServer(greet);
    for (let count = 0; count < 3; count += 1) {
      await using client = await connectRaw({ port: server.port });
      await logIn(client);
    }
    await server.finished();
    expect(server.connectionCount).toBe(3);
  });

  it('plays over TLS', async () => {
    const tls = { key: certificate.key, cert: certificate.cert };
    await using server = await startScriptedServer(greet, { tls });
    const trust = { ca: certificate.ca, servername: 'localhost' };
    await using client = await connectRaw({ port: server.port, tls: trust });
    await logIn(client);
    await server.finished();
  });

  it('upgrades with STARTTLS', async () => {
    await using server = await startScriptedServer(async (peer) => {
      await peer.expectLine('STARTTLS');
      await peer.sendLine('OK begin');
      await peer.startTls({ key: certificate.key, cert: certificate.cert });
      await peer.expectLine('NOOP');
      await peer.sendLine('OK secure');
    });
    await using client = await connectRaw({ port: server.port });
    await client.sendLine('STARTTLS');
    await client.expectLine('OK begin');
    await client.startTls({ ca: certificate.ca, servername: 'localhost' });
    await client.sendLine('NOOP');
    await client.expectLine('OK secure');
    await server.finished();
  });

  it('throws what a script threw, once', async () => {
    const server = await startScriptedServer(async (peer) => {
      await peer.expectLine('HELLO');
    });
    await using client = await connectRaw({ port: server.port });
    await client.sendLine('GOODBYE');
    await expect(server.finished()).rejects.toThrow(/client: expected HELLO but got GOODBYE/);
    await server.close();
  });

  it('close() throws what nobody asked for', async () => {
    const server = await startScriptedServer(async () => {
      throw new Error('script broke');
    });
    await using client = await connectRaw({ port: server.port });
    await client.expectEnd();
    await expect(server.close()).rejects.toThrow('script broke');
  });

  it('kill() cuts connections that are held', async () => {
    const server = await startScriptedServer((peer) => peer.hold());
    await using client = await connectRaw({ port: server.port });
    await client.send('x');
    await server.kill();
    expect(['ended', 'broken']).toContain(await client.expectEnd());
    await server.close();
    await expect(connectRaw({ port: server.port })).rejects.toThrow('ECONNREFUSED');
  });

  it('can reset a connection', async () => {
    await using server = await startScriptedServer(async (peer) => {
      await peer.readLine();
      peer.reset();
    });
    await using client = await connectRaw({ port: server.port });
    await client.sendLine('x');
    expect(await client.expectEnd()).toBe('broken');
  });
});

describe('connectRaw()', () => {
  it('refuses a certificate that it has no reason to trust', async () => {
    const tls = { key: certificate.key, cert: certificate.cert };
    await using server = await startScriptedServer(() => Promise.resolve(), { tls });
    await expect(
      connectRaw({ port: server.port, tls: { servername: 'localhost' } }),
    ).rejects.toThrow(/certificate/);
    await server.kill();
  });

  it('keeps back what the server does not read', async () => {
    await using server = await startScriptedServer((peer) => peer.hold());
    await using client = await connectRaw({ port: server.port, waitMs: 100 });
    const flood = async (): Promise<void> => {
      for (;;) await client.send(Buffer.alloc(1024 * 1024));
    };
    await expect(flood()).rejects.toThrow('for the other side to read');
    await server.kill();
  });
});
