import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ClientTls } from './client-tls.ts';
import { startClientTls } from './client-upgrade.ts';
import { dial } from './dial.ts';
import type { SocketStream } from './socket-stream.ts';
import { Loopback, testAuthority } from './testing/loopback.ts';
import type { ServerTls } from './tls-context.ts';
import { upgradeToTls } from './tls-upgrade.ts';

let loopback: Loopback;
beforeEach(() => {
  loopback = new Loopback();
});
afterEach(() => loopback.close());

const host = '127.0.0.1';
const serverName = 'dublin.example';

/** Answers the first octets by `answer`, upgrades, and greets. */
async function listen(tls: ServerTls, answer = 'go\r\n'): Promise<number> {
  const serve = async (stream: SocketStream): Promise<void> => {
    await stream.read();
    void stream.write(answer);
    const upgraded = await upgradeToTls(stream, tls, 5_000, loopback.wheel);
    if (upgraded.ok) void stream.write('in private\r\n');
  };
  const listener = await loopback.listen({ onConnection: (stream) => void serve(stream) });
  return listener.local.port;
}

/** Says "TLS" and upgrades. */
async function upgrade(
  port: number,
  client: ClientTls,
): Promise<{ readonly failure: string | undefined; readonly stream: SocketStream }> {
  const address = { host, port };
  const dialled = await dial({ addresses: [address], budgetMs: 5_000 }, loopback.wheel);
  if (!dialled.ok) return expect.unreachable(dialled.detail);
  const { stream } = dialled;
  loopback.onClose(() => stream.destroy('test'));
  void stream.write('TLS\r\n');
  await stream.read();
  const limits = { limitMs: 5_000 };
  const tls = { client, serverName };
  const outcome = await startClientTls(stream, address, tls, limits, loopback.wheel);
  return { failure: outcome.ok ? undefined : outcome.reason, stream };
}

async function text(stream: SocketStream): Promise<string> {
  return Buffer.from((await stream.read()) as Uint8Array).toString();
}

async function pinOfServer(): Promise<string> {
  const pem = await readFile(join(await loopback.folder(), '0.crt'), 'utf8');
  const spki = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('base64');
}

const OTHER_PIN = `${'A'.repeat(43)}=`;

describe('startClientTls()', () => {
  test('encrypts the stream that was plain', async () => {
    const tls = await loopback.serverTls([[serverName]]);
    const trust = new ClientTls({ ca: (await testAuthority()).cert });
    const { failure, stream } = await upgrade(await listen(tls), trust);
    expect(failure).toBeUndefined();
    expect(stream.tls?.version).toBe('TLSv1.3');
    expect(await text(stream)).toBe('in private\r\n');
  });

  test('refuses another name, and leaves nothing open', async () => {
    const tls = await loopback.serverTls([['oslo.example']]);
    const trust = new ClientTls({ ca: (await testAuthority()).cert });
    const { failure, stream } = await upgrade(await listen(tls), trust);
    expect(failure).toBe('tls-wrong-name');
    expect(stream.isOpen).toBe(false);
  });
});

describe('a pin', () => {
  test('lets its own key in, without an authority and whatever the name', async () => {
    const tls = await loopback.serverTls([['other.example']]);
    const trust = new ClientTls({ ca: 'pins-only', pins: [OTHER_PIN, await pinOfServer()] });
    const { failure } = await upgrade(await listen(tls), trust);
    expect(failure).toBeUndefined();
  });

  test.each(['pins-only', 'authority'])('lets no other key in (%s)', async (how) => {
    const tls = await loopback.serverTls([[serverName]]);
    const ca = how === 'authority' ? (await testAuthority()).cert : 'pins-only';
    const trust = new ClientTls({ ca, pins: [OTHER_PIN] });
    const { failure, stream } = await upgrade(await listen(tls), trust);
    expect(failure).toBe('tls-wrong-key');
    expect(stream.isOpen).toBe(false);
  });

  test('holds for a session that is resumed, too', async () => {
    const tls = await loopback.serverTls([[serverName]]);
    const trust = new ClientTls({ ca: 'pins-only', pins: [await pinOfServer()] });
    const port = await listen(tls);
    const first = await upgrade(port, trust);
    expect(await text(first.stream)).toBe('in private\r\n');
    const second = await upgrade(port, trust);
    expect(second.stream.tls?.isResumed).toBe(true);
    expect(second.failure).toBeUndefined();
  });

  test('needs to be there where nothing else is trusted', () => {
    expect(() => new ClientTls({ ca: 'pins-only' })).toThrow(/pin/);
  });

  test('does not make up for a wrong name where an authority is given', async () => {
    const tls = await loopback.serverTls([['other.example']]);
    const pins = [await pinOfServer()];
    const trust = new ClientTls({ ca: (await testAuthority()).cert, pins });
    expect((await upgrade(await listen(tls), trust)).failure).toBe('tls-wrong-name');
  });
});
