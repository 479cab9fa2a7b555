/**
 * `homeward certificates renew`: issues certificates anew, with new keys, for the same names and
 * use, into the same files. Services read new files by themselves, without a restart.
 *
 * Gap: the authority itself is not renewed. It lasts ten years, and everybody who trusts it has
 * to be given the next one.
 */
import { join } from 'node:path';
import { systemClock } from '@homeward/service';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { readOperatorConfig } from '../deployment/operator-config.ts';
import { DEPLOYMENT_FILES } from '../init/deployment-plan.ts';
import { cannotWrite } from '../init/write-new-file.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { certificateTerm } from './certificate-term.ts';
import { type CertificateView, daysLeft, viewCertificate } from './certificate-view.ts';
import { type OwnCertificate, readAuthority, readOwnCertificates } from './own-certificates.ts';

export interface RenewOptions extends OperatorOptions {
  readonly all?: boolean;
  /** Those that expire within so many days. */
  readonly within: number;
}

/** @throws OperatorError if a name is unknown, or the authority's key is elsewhere. */
export async function renewCertificates(
  context: CommandContext,
  names: readonly string[],
  options: RenewOptions,
): Promise<void> {
  const { folder } = await readOperatorConfig(options.config, context.environment);
  const nowMs = systemClock.nowMs();
  const authority = await readAuthority(folder);
  const certificates = await readOwnCertificates(folder, authority);
  const chosen = choose(certificates, names, options, nowMs);
  const renewed: CertificateView[] = [];
  if (chosen.length > 0) {
    const renew = await openRenewal(folder, authority.notAfterMs, nowMs);
    for (const certificate of chosen) {
      renewed.push(viewCertificate(await renew(certificate), nowMs));
    }
  }
  const kept = certificates
    .filter((one) => !chosen.includes(one))
    .map((one) => viewCertificate(one, nowMs));
  printResult(context, options, { folder, renewed, kept }, () => formatRenewal(renewed, kept));
}

function choose(
  certificates: readonly OwnCertificate[],
  names: readonly string[],
  { all, within }: RenewOptions,
  nowMs: number,
): readonly OwnCertificate[] {
  if (names.length === 0) {
    return certificates.filter(
      ({ isOurs, notAfterMs }) => isOurs && (all === true || daysLeft(notAfterMs, nowMs) < within),
    );
  }
  return names.map((name) => {
    const found = certificates.find((one) => one.name === name || one.certFile === name);
    if (found === undefined) {
      throw new OperatorError(
        `there is no certificate ${name}; see homeward certificates list`,
        EXIT_CODES.refused,
      );
    }
    if (found.isOurs) return found;
    throw new OperatorError(
      `${found.certFile} was issued by another authority; have it renewed there`,
      EXIT_CODES.refused,
    );
  });
}

/** The library that issues certificates is loaded for this alone. */
async function openRenewal(
  folder: string,
  authorityEndMs: number,
  nowMs: number,
): Promise<(certificate: OwnCertificate) => Promise<OwnCertificate>> {
  const pki = await import('@homeward/net/pki');
  const { certFile, keyFile } = DEPLOYMENT_FILES.authority;
  const files = { certFile: join(folder, certFile), keyFile: join(folder, keyFile) };
  const authority = await pki.readPemPair(files).catch((error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new OperatorError(
      `${files.keyFile} cannot be read (${code}); renew where the authority's key is kept, and ` +
        'copy the new files of tls/ to their hosts',
      EXIT_CODES.badData,
    );
  });
  const term = certificateTerm(nowMs, authorityEndMs);
  return async (certificate) => {
    const { use, commonName, names } = certificate;
    const pair = await pki.issueCertificate(authority, { use, commonName, names, ...term });
    const target = {
      certFile: join(folder, certificate.certFile),
      keyFile: join(folder, certificate.keyFile),
    };
    await pki.writePemPair(target, pair).catch((error: unknown) => {
      throw cannotWrite(target.keyFile, error);
    });
    return { ...certificate, notAfterMs: term.notAfter.getTime() };
  };
}

function formatRenewal(
  renewed: readonly CertificateView[],
  kept: readonly CertificateView[],
): string {
  const lines = renewed.map(
    ({ file, notAfter }) => `renewed  ${file}, until ${notAfter.slice(0, 10)}`,
  );
  if (renewed.length === 0) lines.push('Nothing to renew.');
  else {
    lines.push(
      'Services on this host have the new files at once. Copy those of other hosts there,',
      'certificate and key; they need no restart either.',
    );
  }
  const next = kept.filter(({ own }) => own).toSorted((a, b) => a.daysLeft - b.daysLeft)[0];
  if (next !== undefined)
    lines.push(`Of the others ${next.name} expires first, in ${next.daysLeft} days.`);
  return lines.join('\n');
}
