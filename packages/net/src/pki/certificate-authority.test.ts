import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CertificateRequest,
  createCertificateAuthority,
  issueCertificate,
  type PemPair,
  readPemPair,
  writePemPair,
} from './index.ts';

const DAY_MS = 86_400_000;
const yesterday = new Date(Date.now() - DAY_MS);
const tomorrow = new Date(Date.now() + DAY_MS);
const valid = { notBefore: yesterday, notAfter: tomorrow };
const server: CertificateRequest = {
  use: 'server',
  commonName: 'mail.example',
  names: ['mail.example', '127.0.0.1', '::1'],
  ...valid,
};
let authority: PemPair;
let stranger: PemPair;

beforeAll(async () => {
  authority = await createCertificateAuthority({ name: 'Homeward CA', ...valid });
  stranger = await createCertificateAuthority({ name: 'Homeward CA', ...valid });
});

/** What Node's TLS says of a server with this certificate: nothing when it is content. */
async function verify(
  pair: PemPair,
  serverName: string,
  ca: string = authority.cert,
  clientPair?: PemPair,
): Promise<string | undefined> {
  const listener = createServer({
    ...pair,
    ca: authority.cert,
    requestCert: clientPair !== undefined,
    rejectUnauthorized: clientPair !== undefined,
  });
  listener.on('secureConnection', (socket: TLSSocket) => socket.end('welcome'));
  listener.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve);
  });
  const { port } = listener.address() as { port: number };
  try {
    return await new Promise((resolve) => {
      const socket = connect({
        port,
        host: '127.0.0.1',
        ...(serverName.includes(':') || /^[\d.]+$/.test(serverName)
          ? { host: '127.0.0.1' }
          : { servername: serverName }),
        ca,
        ...clientPair,
      });
      socket.on('data', () => resolve(undefined));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      socket.on('close', () => resolve('closed'));
    });
  } finally {
    listener.close();
  }
}

test('PEM files can be put one behind the other, as HAProxy wants certificate and key', async () => {
  const pair = await issueCertificate(authority, server);
  for (const pem of [authority.cert, authority.key, pair.cert, pair.key]) {
    expect(pem).toMatch(/^-----BEGIN [A-Z ]+-----\n[^-]+\n-----END [A-Z ]+-----\n$/);
  }
});

describe('issueCertificate()', () => {
  test.each(['mail.example', '127.0.0.1'])('satisfies a client that wants %s', async (name) => {
    expect(await verify(await issueCertificate(authority, server), name)).toBeUndefined();
  });

  test('does not satisfy a client that wants another name', async () => {
    const pair = await issueCertificate(authority, server);
    expect(await verify(pair, 'other.example')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('does not satisfy a client that trusts another authority of the same name', async () => {
    const pair = await issueCertificate(authority, server);
    expect(await verify(pair, 'mail.example', stranger.cert)).toMatch(/SIGN|ISSUER|VERIFY/);
  });

  test('does not satisfy anyone once it has expired', async () => {
    const notBefore = new Date(Date.now() - 2 * DAY_MS);
    const pair = await issueCertificate(authority, { ...server, notBefore, notAfter: yesterday });
    expect(await verify(pair, 'mail.example')).toBe('CERT_HAS_EXPIRED');
  });

  test('makes client certificates that a server takes, and servers cannot use', async () => {
    const serverPair = await issueCertificate(authority, server);
    const client: CertificateRequest = { use: 'client', commonName: 'fe1', names: [], ...valid };
    const clientPair = await issueCertificate(authority, client);
    expect(await verify(serverPair, 'mail.example', authority.cert, clientPair)).toBeUndefined();
    const asServer = await issueCertificate(authority, { ...client, names: ['mail.example'] });
    expect(await verify(asServer, 'mail.example')).toMatch(/PURPOSE/);
    const foreign = await issueCertificate(stranger, client);
    expect(await verify(serverPair, 'mail.example', authority.cert, foreign)).toBeDefined();
  });

  test('gives every certificate its own serial number and key', async () => {
    const [one, two] = await Promise.all([
      issueCertificate(authority, server),
      issueCertificate(authority, server),
    ]);
    expect(new X509Certificate(one.cert).serialNumber).not.toBe(
      new X509Certificate(two.cert).serialNumber,
    );
    expect(one.key).not.toBe(two.key);
  });

  test.each(['', 'a,CN=b', 'a\nb', 'ä', 'a'.repeat(65)])(
    'rejects %j as a common name',
    async (commonName) => {
      await expect(issueCertificate(authority, { ...server, commonName })).rejects.toThrow(
        'common name',
      );
    },
  );
});

test('createCertificateAuthority() makes an authority that issues end certificates only', () => {
  const certificate = new X509Certificate(authority.cert);
  expect(certificate.ca).toBe(true);
  expect(certificate.subject).toBe('CN=Homeward CA');
  expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
});

describe('writePemPair()', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'homeward-pki-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('keeps the key for its owner, leaves no draft, and is read back the same', async () => {
    const files = { certFile: join(folder, 'ca.crt'), keyFile: join(folder, 'ca.key') };
    await writePemPair(files, stranger);
    await writePemPair(files, authority);
    expect((await stat(files.keyFile)).mode & 0o777).toBe(0o600);
    expect((await stat(files.certFile)).mode & 0o777).toBe(0o644);
    expect(await readdir(folder)).toEqual(['ca.crt', 'ca.key']);
    const read = await readPemPair(files);
    expect(read).toEqual(authority);
    expect(await verify(await issueCertificate(read, server), 'mail.example')).toBeUndefined();
  });
});
