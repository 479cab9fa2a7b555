/** Certificates as commands show them. */
import { formatFoldedTable } from '../output/format-table.ts';
import type { OwnCertificate } from './own-certificates.ts';

const DAY_MS = 86_400_000;

/** The form of `--json`; a contract with scripts. */
export interface CertificateView {
  readonly name: string;
  readonly file: string;
  readonly names: readonly string[];
  readonly notAfter: string;
  readonly daysLeft: number;
  /** Whether the deployment's own authority issued it, so that it can be renewed here. */
  readonly own: boolean;
}

export function viewCertificate(certificate: OwnCertificate, nowMs: number): CertificateView {
  const { name, certFile, names, notAfterMs, isOurs } = certificate;
  return {
    name,
    file: certFile,
    names,
    notAfter: new Date(notAfterMs).toISOString(),
    daysLeft: daysLeft(notAfterMs, nowMs),
    own: isOurs,
  };
}

export function daysLeft(notAfterMs: number, nowMs: number): number {
  return Math.floor((notAfterMs - nowMs) / DAY_MS);
}

export function formatCertificates(views: readonly CertificateView[]): string {
  return formatFoldedTable(
    ['certificate', 'expires', 'days left', 'issued by'],
    views.map(({ name, notAfter, daysLeft: days, own, names }) => ({
      cells: [name, notAfter.slice(0, 10), String(days), own ? 'us' : 'others'],
      below: names.map((one) => `for ${one}`),
    })),
  );
}
