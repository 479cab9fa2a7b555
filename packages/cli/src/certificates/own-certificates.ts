/**
 * The certificates in a deployment's `tls/` folder, as they are on disk: whose they are, how
 * long they hold, and whether the deployment's own authority issued them.
 */
import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEPLOYMENT_FILES } from '../init/deployment-plan.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

/** One certificate file. */
export interface OwnCertificate {
  /** As its files are called: `frontend`, `site-dublin`. */
  readonly name: string;
  /** From the deployment's folder. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly commonName: string;
  readonly use: 'server' | 'client' | 'both';
  /** DNS names and addresses. */
  readonly names: readonly string[];
  readonly notAfterMs: number;
  /** False for one of a public authority, which that authority renews. */
  readonly isOurs: boolean;
}

/** The authority itself. */
export interface Authority {
  readonly certificate: X509Certificate;
  readonly notAfterMs: number;
}

const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';

/** @throws OperatorError if there is none in the folder. */
export async function readAuthority(folder: string): Promise<Authority> {
  const file = join(folder, DEPLOYMENT_FILES.authority.certFile);
  const certificate = parse(file, await read(file));
  return { certificate, notAfterMs: Date.parse(certificate.validTo) };
}

/** All of them, by name. @throws OperatorError if one cannot be read. */
export async function readOwnCertificates(
  folder: string,
  authority: Authority,
): Promise<readonly OwnCertificate[]> {
  const names = await readdir(join(folder, 'tls')).catch(() => []);
  const found: OwnCertificate[] = [];
  for (const file of names.filter((name) => name.endsWith('.crt')).toSorted()) {
    const name = file.slice(0, -'.crt'.length);
    const path = join(folder, 'tls', file);
    const certificate = parse(path, await read(path));
    found.push({
      name,
      certFile: `tls/${name}.crt`,
      keyFile: `tls/${name}.key`,
      commonName: /(?:^|\n)CN=(.*)/.exec(certificate.subject)?.[1] ?? name,
      use: useOf(certificate),
      names: namesOf(certificate),
      notAfterMs: Date.parse(certificate.validTo),
      isOurs: certificate.verify(authority.certificate.publicKey),
    });
  }
  return found;
}

function useOf({ keyUsage }: X509Certificate): OwnCertificate['use'] {
  const uses: readonly string[] = keyUsage ?? [];
  if (!uses.includes(CLIENT_AUTHENTICATION)) return 'server';
  return uses.includes(SERVER_AUTHENTICATION) ? 'both' : 'client';
}

/** `DNS:a.example, IP Address:192.0.2.1`; names of ours need no quotes. */
function namesOf({ subjectAltName = '' }: X509Certificate): readonly string[] {
  return subjectAltName
    .split(', ')
    .flatMap((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1] ?? []);
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new OperatorError(`${file} cannot be read (${code})`, EXIT_CODES.badData);
  }
}

function parse(file: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new OperatorError(
      `${file} holds no certificate; restore it, or remove it with its key and run homeward init`,
      EXIT_CODES.badData,
    );
  }
}
