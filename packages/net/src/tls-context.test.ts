import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCertificateAuthority, issueCertificate, writePemPair } from './pki/index.ts';
import type { SocketStream } from './socket-stream.ts';
import { Loopback, readUntil, testAuthority, testCertificate, until } from './testing/loopback.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { openServerTls, type ReloadOutcome, type ServerTls } from './tls-context.ts';

let loopback: Loopback;
beforeEach(() => {
  loopback = new Loopback();
});
afterEach(() => loopback.close());

async function listen(tls: ServerTls): Promise<number> {
  const implicitTls = { tls, handshakeLimitMs: 10_000 };
  const onConnection = (stream: SocketStream): void => {
    void stream.write('* OK\r\n');
  };
  return (await loopback.listen({ implicitTls, onConnection })).local.port;
}

/** The names of the certificate that the server shows to a client that asks for a name. */
async function namesShown(port: number, servername: string): Promise<string | undefined> {
  const socket = await loopback.tlsClient(port, {
    servername,
    checkServerIdentity: () => undefined,
  });
  const names = socket.getPeerCertificate().subjectaltname;
  socket.destroy();
  return names;
}

describe('ServerTls', () => {
  test('chooses the certificate by the name that the client asks for', async () => {
    const port = await listen(
      await loopback.serverTls([['mail.example'], ['imap.example'], ['*.wild.example']]),
    );
    expect(await namesShown(port, 'imap.example')).toBe('DNS:imap.example');
    expect(await namesShown(port, 'IMAP.example')).toBe('DNS:imap.example');
    expect(await namesShown(port, 'mail.example')).toBe('DNS:mail.example');
    expect(await namesShown(port, 'a.wild.example')).toBe('DNS:*.wild.example');
    expect(await namesShown(port, 'a.b.wild.example')).toBe('DNS:mail.example');
    expect(await namesShown(port, 'unknown.example')).toBe('DNS:mail.example');
  });

  test('makes one context for each certificate, not for each connection', async () => {
    const tls = await loopback.serverTls([['mail.example'], ['imap.example']]);
    expect(tls.contextFor('imap.example')).toBe(tls.contextFor('imap.example'));
    expect(tls.contextFor('mail.example')).not.toBe(tls.contextFor('imap.example'));
  });

  test('takes new files while it runs, without cutting connections', async () => {
    const reloads: ReloadOutcome[] = [];
    const tls = await loopback.serverTls([['mail.example']], {
      isWatching: true,
      onReload: (outcome) => reloads.push(outcome),
    });
    const port = await listen(tls);
    const old = await loopback.tlsClient(port);
    const folder = await loopback.folder();
    const files = { certFile: join(folder, '0.crt'), keyFile: join(folder, '0.key') };
    await writePemPair(files, await testCertificate('new.example'));
    await until(() => reloads.length > 0);
    expect(reloads[0]).toMatchObject({ ok: true, certificates: [{ names: ['new.example'] }] });
    expect(await namesShown(port, 'new.example')).toBe('DNS:new.example');
    expect(old.destroyed).toBe(false);
  });

  test('finds new files by their times when watching sees nothing', async () => {
    const clock = new ManualClock();
    const reloads: ReloadOutcome[] = [];
    const tls = await loopback.serverTls([['mail.example']], {
      isWatching: true,
      onReload: (outcome) => reloads.push(outcome),
      clock,
    });
    const folder = await loopback.folder();
    const files = { certFile: join(folder, '0.crt'), keyFile: join(folder, '0.key') };
    await writePemPair(files, await testCertificate('new.example'));
    clock.advance(61_000);
    await until(() => reloads.length > 0);
    expect(tls.certificates[0]?.names).toEqual(['new.example']);
  });

  test('keeps the old certificate when the new files are broken, says so, and heals', async () => {
    const reloads: ReloadOutcome[] = [];
    const tls = await loopback.serverTls([['mail.example']], {
      onReload: (outcome) => reloads.push(outcome),
    });
    const port = await listen(tls);
    const folder = await loopback.folder();
    const certFile = join(folder, '0.crt');
    await writeFile(certFile, '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----');
    expect(await tls.reload()).toMatchObject({
      ok: false,
      reason: 'bad-certificate',
      file: certFile,
    });
    expect(await namesShown(port, 'mail.example')).toBe('DNS:mail.example');
    await writePemPair(
      { certFile, keyFile: join(folder, '0.key') },
      await testCertificate('b.example'),
    );
    expect(await tls.reload()).toMatchObject({ ok: true });
    expect(reloads.map((reload) => reload.ok)).toEqual([false, true]);
    expect(await namesShown(port, 'b.example')).toBe('DNS:b.example');
  });

  test('asks clients for a certificate when it is given their authority', async () => {
    const folder = await loopback.folder();
    const clientCaFile = join(folder, 'ca.crt');
    await writeFile(clientCaFile, (await testAuthority()).cert);
    const tls = await loopback.serverTls([['mail.example']], { clientCaFile });
    const streams: unknown[] = [];
    const refusals: string[] = [];
    const { local } = await loopback.listen({
      implicitTls: { tls, handshakeLimitMs: 10_000 },
      onConnection: (stream) => streams.push(stream),
      onRefused: (reason) => refusals.push(reason),
    });
    await loopback.tlsClient(local.port);
    await until(() => refusals.length === 1);
    expect(streams).toEqual([]);
    const validity = {
      notBefore: new Date(Date.now() - 1e7),
      notAfter: new Date(Date.now() + 1e7),
    };
    const request = { use: 'client', commonName: 'fe1', names: [], ...validity } as const;
    await loopback.tlsClient(local.port, await issueCertificate(await testAuthority(), request));
    await until(() => streams.length === 1);
    const other = await createCertificateAuthority({ name: 'another', ...validity });
    await loopback.tlsClient(local.port, await issueCertificate(other, request));
    await until(() => refusals.length === 2);
    expect(refusals).toEqual(['tls-failed', 'tls-failed']);
    expect(streams).toHaveLength(1);
  });
});

describe('ServerTls session tickets', () => {
  async function writeKeys(octet: number): Promise<string> {
    const ticketKeysFile = join(await loopback.folder(), 'ticket-keys');
    await writeFile(ticketKeysFile, Buffer.alloc(48, octet));
    return ticketKeysFile;
  }

  /** Whether the server takes the ticket of an earlier connection, and its own ticket. */
  async function visit(
    port: number,
    session?: Buffer,
    maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3',
  ): Promise<{ readonly isResumed: boolean; readonly session: Buffer }> {
    const ca = (await testAuthority()).cert;
    const options = { ca, servername: 'mail.example', maxVersion };
    const socket = connectTls({ port, host: '127.0.0.1', ...options, ...(session && { session }) });
    loopback.onClose(() => socket.destroy());
    let ticket: Buffer | undefined;
    socket.on('session', (fresh: Buffer) => (ticket = fresh));
    await readUntil(socket, '\r\n');
    await until(() => ticket !== undefined || socket.isSessionReused());
    const visited = { isResumed: socket.isSessionReused(), session: ticket ?? session! };
    socket.destroy();
    return visited;
  }

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'of one worker open another’s with %s when they share a file',
    async (version) => {
      const ticketKeysFile = await writeKeys(1);
      const one = await listen(await loopback.serverTls([['mail.example']], { ticketKeysFile }));
      const two = await listen(await loopback.serverTls([['mail.example']], { ticketKeysFile }));
      const first = await visit(one, undefined, version);
      expect(first.isResumed).toBe(false);
      expect((await visit(two, first.session, version)).isResumed).toBe(true);
    },
  );

  test('of one worker do not open another’s without a file', async () => {
    const one = await listen(await loopback.serverTls());
    const two = await listen(await loopback.serverTls());
    const { session } = await visit(one);
    expect((await visit(one, session)).isResumed).toBe(true);
    expect((await visit(two, session)).isResumed).toBe(false);
  });

  test('outlive a new certificate', async () => {
    const ticketKeysFile = await writeKeys(1);
    const tls = await loopback.serverTls([['mail.example']], { ticketKeysFile });
    const port = await listen(tls);
    const { session } = await visit(port);
    const folder = await loopback.folder();
    const files = { certFile: join(folder, '0.crt'), keyFile: join(folder, '0.key') };
    await writePemPair(files, await testCertificate('mail.example'));
    expect(await tls.reload()).toMatchObject({ ok: true });
    expect((await visit(port, session)).isResumed).toBe(true);
  });

  test('change with the file, in all workers, and old ones cost a full handshake', async () => {
    const ticketKeysFile = await writeKeys(1);
    const reloads: ReloadOutcome[] = [];
    const options = {
      ticketKeysFile,
      isWatching: true,
      onReload: (outcome: ReloadOutcome) => reloads.push(outcome),
    };
    const one = await listen(await loopback.serverTls([['mail.example']], options));
    const old = await visit(one);
    reloads.length = 0;
    await writeKeys(2);
    await until(() => reloads.length > 0);
    expect(reloads[0]?.ok).toBe(true);
    const fresh = await visit(one, old.session);
    expect(fresh.isResumed).toBe(false);
    const two = await listen(await loopback.serverTls([['mail.example']], { ticketKeysFile }));
    expect((await visit(two, fresh.session)).isResumed).toBe(true);
  });

  test('stay as they are when the new file is broken', async () => {
    const ticketKeysFile = await writeKeys(1);
    const tls = await loopback.serverTls([['mail.example']], { ticketKeysFile });
    const port = await listen(tls);
    const { session } = await visit(port);
    await writeFile(ticketKeysFile, Buffer.alloc(47));
    expect(await tls.reload()).toEqual({
      ok: false,
      reason: 'bad-ticket-keys',
      file: ticketKeysFile,
      detail: 'has 47 octets, not 48; make it with: openssl rand -out FILE 48',
    });
    expect((await visit(port, session)).isResumed).toBe(true);
  });
});

describe('openServerTls()', () => {
  async function open(change: (folder: string) => Promise<unknown>): Promise<string> {
    const folder = await loopback.folder();
    const files = { certFile: join(folder, 'x.crt'), keyFile: join(folder, 'x.key') };
    await writePemPair(files, await testCertificate('mail.example'));
    await writeFile(join(folder, 'x.ticket-keys'), Buffer.alloc(48));
    await change(folder);
    const opened = await openServerTls({
      certificates: [files],
      ticketKeysFile: join(folder, 'x.ticket-keys'),
      nowMs: () => Date.now(),
      clock: loopback.wheel.clock,
    });
    if (!opened.ok) return opened.reason;
    opened.tls.close();
    return 'ok';
  }

  test.each<[string, (folder: string) => Promise<unknown>]>([
    ['ok', async () => {}],
    ['unreadable', (folder) => rm(join(folder, 'x.key'))],
    ['bad-certificate', (folder) => writeFile(join(folder, 'x.crt'), 'nonsense')],
    ['unreadable', (folder) => rm(join(folder, 'x.ticket-keys'))],
    ['bad-ticket-keys', (folder) => writeFile(join(folder, 'x.ticket-keys'), 'x'.repeat(80))],
    ['bad-key', (folder) => writeFile(join(folder, 'x.key'), 'nonsense')],
    [
      'key-mismatch',
      async (folder) => writeFile(join(folder, 'x.key'), (await testCertificate('other')).key),
    ],
    [
      'expired',
      async (folder) => {
        const files = { certFile: join(folder, 'x.crt'), keyFile: join(folder, 'x.key') };
        const validity = { notBefore: new Date(1e12), notAfter: new Date(1.1e12) };
        const names = ['mail.example'];
        const request = { use: 'server', commonName: 'x', names, ...validity } as const;
        await writePemPair(files, await issueCertificate(await testAuthority(), request));
      },
    ],
  ])('says %s', async (reason, change) => {
    expect(await open(change)).toBe(reason);
  });

  test('says no-certificates when there are none', async () => {
    const clock = loopback.wheel.clock;
    const opened = await openServerTls({ certificates: [], nowMs: () => Date.now(), clock });
    expect(opened).toMatchObject({ ok: false, reason: 'no-certificates' });
  });
});
