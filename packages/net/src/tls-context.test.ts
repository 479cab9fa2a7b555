import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { issueCertificate, writePemPair } from './pki/index.ts';
import { Loopback, testAuthority, testCertificate, until } from './testing/loopback.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { openServerTls, type ReloadOutcome, type ServerTls } from './tls-context.ts';

let loopback: Loopback;
beforeEach(() => {
  loopback = new Loopback();
});
afterEach(() => loopback.close());

async function listen(tls: ServerTls): Promise<number> {
  const implicitTls = { tls, handshakeLimitMs: 10_000 };
  const onConnection = (): void => {};
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
  });
});

describe('openServerTls()', () => {
  async function open(change: (folder: string) => Promise<unknown>): Promise<string> {
    const folder = await loopback.folder();
    const files = { certFile: join(folder, 'x.crt'), keyFile: join(folder, 'x.key') };
    await writePemPair(files, await testCertificate('mail.example'));
    await change(folder);
    const opened = await openServerTls({
      certificates: [files],
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
