/** What handshakes agree on at the edges: ALPN, versions, and certificates that change under load. */
import { join } from 'node:path';
import { checkServerIdentity, connect, type ConnectionOptions } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writePemPair } from './pki/index.ts';
import type { SocketStream } from './socket-stream.ts';
import { Loopback, testAuthority, testCertificate, until } from './testing/loopback.ts';
import type { ServerTls } from './tls-context.ts';

let loopback: Loopback;
beforeEach(() => {
  loopback = new Loopback();
});
afterEach(() => loopback.close());

interface Door {
  readonly port: number;
  readonly refusals: string[];
}

async function listen(tls: ServerTls, alpn?: string): Promise<Door> {
  const refusals: string[] = [];
  const implicitTls = { tls, handshakeLimitMs: 10_000, ...(alpn !== undefined && { alpn }) };
  const onConnection = (stream: SocketStream): void => void stream.write('* OK\r\n');
  const onRefused = (reason: string, _remote: unknown, detail = ''): void => {
    refusals.push(`${reason} ${detail}`);
  };
  const listener = await loopback.listen({ implicitTls, onConnection, onRefused });
  return { port: listener.local.port, refusals };
}

/** What the client sees: the protocol and version agreed on, or the alert that it got. */
async function greet(port: number, options: ConnectionOptions = {}): Promise<string> {
  const ca = (await testAuthority()).cert;
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'mail.example',
    ca,
    checkServerIdentity: () => undefined,
    ...options,
  });
  const outcome = await new Promise<string>((resolve) => {
    socket.once('data', () => {
      resolve(`${socket.alpnProtocol || 'none'} ${socket.getProtocol() ?? ''}`);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('close', () => resolve('closed'));
  });
  socket.destroy();
  return outcome;
}

describe('ALPN (RFC 7301)', () => {
  test.each<[string, string[] | undefined, string]>([
    ['that offers the protocol', ['imap'], 'imap TLSv1.3'],
    ['that offers it among others', ['h2', 'http/1.1', 'imap'], 'imap TLSv1.3'],
    ['that knows no ALPN', undefined, 'none TLSv1.3'],
    ['of another protocol alone', ['h2'], 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'],
    ['of the wrong mail protocol', ['pop3'], 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'],
  ])('a client %s', async (_what, ALPNProtocols, outcome) => {
    const { port } = await listen(await loopback.serverTls(), 'imap');
    expect(await greet(port, ALPNProtocols === undefined ? {} : { ALPNProtocols })).toBe(outcome);
  });

  test('a client that is refused is one whose handshake failed, and says of what', async () => {
    const { port, refusals } = await listen(await loopback.serverTls(), 'imap');
    await greet(port, { ALPNProtocols: ['h2'] });
    await until(() => refusals.length > 0);
    expect(refusals).toEqual(['tls-failed ERR_SSL_NO_APPLICATION_PROTOCOL']);
  });

  test('holds for every certificate that a name can choose', async () => {
    const tls = await loopback.serverTls([['mail.example'], ['imap.example']]);
    const { port } = await listen(tls, 'imap');
    const options = { servername: 'imap.example', ALPNProtocols: ['h2', 'imap'] };
    expect(await greet(port, options)).toBe('imap TLSv1.3');
  });

  test('is not asked for where no protocol is given', async () => {
    const { port } = await listen(await loopback.serverTls());
    expect(await greet(port, { ALPNProtocols: ['h2'] })).toBe('none TLSv1.3');
  });
});

describe('the least version', () => {
  const OLD: ConnectionOptions = { maxVersion: 'TLSv1.2' };

  test('is TLS 1.2 by default, and older ones are refused', async () => {
    const { port } = await listen(await loopback.serverTls());
    expect(await greet(port, OLD)).toBe('none TLSv1.2');
    const ancient = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    expect(await greet(port, ancient as ConnectionOptions)).toMatch(/ALERT_PROTOCOL_VERSION/);
  });

  test('can be raised and lowered while it runs; open connections go on', async () => {
    const tls = await loopback.serverTls();
    const { port } = await listen(tls);
    const open = await loopback.tlsClient(port, OLD);
    expect(await tls.setMinVersion('TLSv1.3')).toMatchObject({ ok: true });
    expect(await greet(port, OLD)).toMatch(/ALERT_PROTOCOL_VERSION/);
    expect(await greet(port)).toBe('none TLSv1.3');
    expect(open.destroyed).toBe(false);
    expect(await tls.setMinVersion('TLSv1.3')).toBeUndefined();
    await tls.setMinVersion('TLSv1.2');
    expect(await greet(port, OLD)).toBe('none TLSv1.2');
  });
});

test('other files hold from the next handshake on, and none that are no good', async () => {
  const tls = await loopback.serverTls([['mail.example']]);
  const { port } = await listen(tls);
  const folder = await loopback.folder();
  const first = tls.certificates.map(({ certFile }) => ({
    certFile,
    keyFile: certFile.replace(/crt$/, 'key'),
  }));
  const more = { certFile: join(folder, 'more.crt'), keyFile: join(folder, 'more.key') };
  const named = (): Promise<string> =>
    greet(port, { servername: 'new.example', checkServerIdentity });
  expect(await named()).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  expect(await tls.setFiles({ certificates: [...first, more] })).toMatchObject({
    ok: false,
    reason: 'unreadable',
  });
  expect(await greet(port)).toBe('none TLSv1.3');
  await writePemPair(more, await testCertificate('new.example'));
  expect(await tls.reload()).toMatchObject({ ok: true });
  expect(await named()).toBe('none TLSv1.3');
  expect(await tls.setFiles({ certificates: [...first, more] })).toBeUndefined();
  expect(await tls.setFiles({ certificates: first })).toMatchObject({ ok: true });
  expect(await named()).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
});

test('certificates that change under load cost nobody a handshake', async () => {
  const tls = await loopback.serverTls([['mail.example'], ['imap.example']]);
  const { port, refusals } = await listen(tls, 'imap');
  const folder = await loopback.folder();
  const files = { certFile: join(folder, '0.crt'), keyFile: join(folder, '0.key') };
  const pairs = await Promise.all(
    Array.from({ length: 4 }, (_, index) => testCertificate('mail.example', `new${index}.example`)),
  );
  let isOver = false;
  const outcomes: string[] = [];
  const clients = Array.from({ length: 8 }, async () => {
    while (!isOver) outcomes.push(await greet(port));
  });
  for (let round = 0; round < 12; round += 1) {
    await writePemPair(files, pairs[round % pairs.length]!);
    expect(await tls.reload()).toMatchObject({ ok: true });
    const before = outcomes.length;
    await until(() => outcomes.length > before + 4);
  }
  isOver = true;
  await Promise.all(clients);
  expect(new Set(outcomes)).toEqual(new Set(['none TLSv1.3']));
  expect(refusals).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(48);
});
