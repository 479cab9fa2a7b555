/**
 * The deployment's own certificate authority and the certificates that it issues: ECDSA on
 * P-256 (RFC 5480), made by `homeward init` and the demo, trusted on the inner leg and
 * nowhere else. Profiles follow RFC 5280 §4.2. Running services never load this file, nor the
 * library behind it.
 */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate and its private key. */
export interface PemPair {
  /** PEM; for issued certificates the certificate alone, the root is not sent. */
  readonly cert: string;
  /** PKCS #8 PEM, unencrypted. */
  readonly key: string;
}

export interface AuthorityOptions {
  /** The common name; letters, digits, space, `.` and `-`. */
  readonly name: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface CertificateRequest {
  /** `server` authenticates servers, `client` clients, `both` either (RFC 5280 §4.2.1.12). */
  readonly use: 'server' | 'client' | 'both';
  readonly commonName: string;
  /** DNS names and IP addresses; a server's verified name is one of these. */
  readonly names: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const SERIAL_BYTES = 16;

/** Makes a new authority that may issue end certificates only. */
export async function createCertificateAuthority(options: AuthorityOptions): Promise<PemPair> {
  const keys = await createKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: createSerial(),
      name: subject(options.name),
      notBefore: options.notBefore,
      notAfter: options.notAfter,
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto,
  );
  return { cert: formatPem(certificate), key: await exportKey(keys.privateKey) };
}

/** Issues a certificate with a key of its own. Rejects when the authority's PEM is unusable. */
export async function issueCertificate(
  authority: PemPair,
  request: CertificateRequest,
): Promise<PemPair> {
  const issuer = new X509Certificate(authority.cert);
  const signingKey = await importKey(authority.key);
  const keys = await createKeys();
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: createSerial(),
      subject: subject(request.commonName),
      issuer: issuer.subject,
      notBefore: request.notBefore,
      notAfter: request.notAfter,
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension(usages(request.use)),
        ...alternativeNames(request.names),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
        await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ],
    },
    webcrypto,
  );
  return { cert: formatPem(certificate), key: await exportKey(keys.privateKey) };
}

/** With a line end: people put PEM files one behind the other. */
function formatPem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

function alternativeNames(names: readonly string[]): readonly SubjectAlternativeNameExtension[] {
  if (names.length === 0) return [];
  const entries = names.map((value) => ({
    type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const),
    value,
  }));
  return [new SubjectAlternativeNameExtension(entries)];
}

function usages(use: CertificateRequest['use']): ExtendedKeyUsage[] {
  return [
    ...(use === 'client' ? [] : [ExtendedKeyUsage.serverAuth]),
    ...(use === 'server' ? [] : [ExtendedKeyUsage.clientAuth]),
  ];
}

// A name is operator's input; what has a meaning in RFC 4514 would become another subject.
function subject(commonName: string): string {
  if (!/^[A-Za-z0-9 .*:_-]{1,64}$/.test(commonName)) {
    throw new RangeError(`not usable as a common name: ${JSON.stringify(commonName)}`);
  }
  return `CN=${commonName}`;
}

// Positive and unpredictable (RFC 5280 §4.1.2.2).
function createSerial(): string {
  const octets = webcrypto.getRandomValues(new Uint8Array(SERIAL_BYTES));
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(octets).toString('hex');
}

async function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const base64 = pem.replaceAll(/-----[A-Z ]+-----|\s/g, '');
  const der = Buffer.from(base64, 'base64');
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
}
