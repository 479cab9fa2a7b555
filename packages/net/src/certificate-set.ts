/**
 * A server's certificates, read from PEM files: one SecureContext for each, made once (a
 * context per connection would cost more than the rest of the login), chosen by the name
 * that the client asks for. Immutable; `tls-context.ts` swaps whole sets.
 */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';

export interface CertificateFiles {
  /** PEM: the certificate, then the chain up to but without the root. */
  readonly certFile: string;
  /** PEM, unencrypted. */
  readonly keyFile: string;
}

export interface ContextOptions {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** PEM; clients must then show a certificate that this authority issued. */
  readonly clientCaFile?: string;
  /**
   * 48 octets as `openssl rand 48` makes them, the same for every worker and host behind one
   * name: then one's session tickets open another's (RFC 5077 §4, RFC 8446 §4.6.1). Without,
   * every context makes its own. Who has them can read what was resumed without a fresh key
   * exchange: a secret, to be replaced daily.
   */
  readonly ticketKeysFile?: string;
}

/** One certificate, for people and for expiry alarms. */
export interface CertificateFacts {
  readonly certFile: string;
  /** DNS names and addresses, in the certificate's order. */
  readonly names: readonly string[];
  readonly notAfterMs: number;
  /** SHA-256 of the DER, hex without colons. */
  readonly fingerprint: string;
}

/** Why a set could not be loaded; closed list, goes to logs. */
export type CertificateFault =
  | 'no-certificates'
  | 'unreadable'
  | 'bad-certificate'
  | 'bad-key'
  | 'key-mismatch'
  | 'expired'
  | 'bad-client-ca'
  | 'bad-ticket-keys';

export type LoadedCertificates =
  | { readonly ok: true; readonly set: CertificateSet }
  | {
      readonly ok: false;
      readonly reason: CertificateFault;
      readonly file: string;
      readonly detail: string;
    };

/** Node knows one set at a time: a name, an HMAC key and an AES key of 16 octets each. */
const TICKET_KEYS_BYTES = 48;

interface Entry {
  readonly facts: CertificateFacts;
  readonly context: SecureContext;
}

export class CertificateSet {
  readonly #fallback: SecureContext;
  readonly #byName: ReadonlyMap<string, SecureContext>;
  readonly facts: readonly CertificateFacts[];
  /** Whether the choice by name is worth a callback in each handshake. */
  readonly hasChoice: boolean;

  constructor(first: Entry, others: readonly Entry[]) {
    const entries = [first, ...others];
    const byName = new Map<string, SecureContext>();
    for (const { facts, context } of entries) {
      for (const name of facts.names) if (!byName.has(name)) byName.set(name, context);
    }
    this.#fallback = first.context;
    this.#byName = byName;
    this.facts = entries.map((entry) => entry.facts);
    this.hasChoice = others.length > 0;
  }

  /**
   * The context for a name: the certificate that carries it, else the one whose wildcard
   * covers it (RFC 6125 §6.4.3: the leftmost label only), else the first certificate.
   */
  contextFor(serverName: string | undefined): SecureContext {
    if (serverName === undefined) return this.#fallback;
    const name = serverName.toLowerCase();
    const dot = name.indexOf('.');
    return (
      this.#byName.get(name) ??
      (dot > 0 ? this.#byName.get(`*${name.slice(dot)}`) : undefined) ??
      this.#fallback
    );
  }
}

class LoadFault extends Error {
  readonly reason: CertificateFault;
  readonly file: string;
  constructor(reason: CertificateFault, file: string, detail: string) {
    super(detail);
    this.reason = reason;
    this.file = file;
  }
}

/** Reads and checks all files; either all certificates are good, or none is used. */
export async function loadCertificateSet(
  files: readonly CertificateFiles[],
  options: ContextOptions,
  nowMs: number,
): Promise<LoadedCertificates> {
  try {
    const ca = options.clientCaFile === undefined ? undefined : await readPem(options.clientCaFile);
    if (ca !== undefined) parseCertificate(ca, options.clientCaFile ?? '', 'bad-client-ca');
    const ticketKeys = await readTicketKeys(options.ticketKeysFile);
    const shared = { minVersion: options.minVersion, ca, ticketKeys };
    const entries: Entry[] = [];
    for (const pair of files) entries.push(await loadEntry(pair, shared, nowMs));
    const [first, ...others] = entries;
    if (first === undefined) throw new LoadFault('no-certificates', '', 'none are configured');
    return { ok: true, set: new CertificateSet(first, others) };
  } catch (error) {
    if (!(error instanceof LoadFault)) throw error;
    return { ok: false, reason: error.reason, file: error.file, detail: error.message };
  }
}

/** What all contexts of a set have in common. */
interface SharedParts {
  readonly minVersion: ContextOptions['minVersion'];
  readonly ca: string | undefined;
  readonly ticketKeys: Buffer | undefined;
}

async function loadEntry(
  { certFile, keyFile }: CertificateFiles,
  shared: SharedParts,
  nowMs: number,
): Promise<Entry> {
  const [cert, key] = await Promise.all([readPem(certFile), readPem(keyFile)]);
  const certificate = parseCertificate(cert, certFile, 'bad-certificate');
  const notAfterMs = certificate.validToDate.getTime();
  if (notAfterMs <= nowMs) {
    throw new LoadFault('expired', certFile, `expired on ${certificate.validTo}`);
  }
  const facts: CertificateFacts = {
    certFile,
    names: namesOf(certificate),
    notAfterMs,
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
  return { facts, context: createContext(cert, key, keyFile, shared) };
}

function createContext(
  cert: string,
  key: string,
  keyFile: string,
  { minVersion, ca, ticketKeys }: SharedParts,
): SecureContext {
  try {
    return createSecureContext({
      cert,
      key,
      minVersion,
      honorCipherOrder: true,
      // Needed for resumption when client certificates are asked for; harmless otherwise.
      sessionIdContext: 'homeward',
      ...(ca === undefined ? {} : { ca }),
      ...(ticketKeys === undefined ? {} : { ticketKeys }),
    });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const reason = code.includes('MISMATCH') ? 'key-mismatch' : 'bad-key';
    throw new LoadFault(reason, keyFile, messageOf(error));
  }
}

async function readTicketKeys(file: string | undefined): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  let octets: Buffer;
  try {
    octets = await readFile(file);
  } catch (error) {
    throw new LoadFault('unreadable', file, messageOf(error));
  }
  if (octets.length === TICKET_KEYS_BYTES) return octets;
  const detail = `has ${octets.length} octets, not 48; make it with: openssl rand -out FILE 48`;
  throw new LoadFault('bad-ticket-keys', file, detail);
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new LoadFault('unreadable', file, messageOf(error));
  }
}

function parseCertificate(pem: string, file: string, reason: CertificateFault): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new LoadFault(reason, file, messageOf(error));
  }
}

// "DNS:mail.example, DNS:*.example, IP Address:127.0.0.1"; names hold no comma.
function namesOf(certificate: X509Certificate): readonly string[] {
  return (certificate.subjectAltName ?? '')
    .split(', ')
    .map((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1]?.toLowerCase())
    .filter((name) => name !== undefined);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
