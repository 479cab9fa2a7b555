/** Certificates and ticket keys that a configuration names: usable, and for how long yet. */
import { readFile } from 'node:fs/promises';
import { loadClientTls, openServerTls } from '@homeward/net';
import { systemClock } from '@homeward/service';
import { readTicketKey } from '../init/ticket-key-file.ts';
import type { Findings } from './findings.ts';
import type { CheckedConfig } from './config-kind.ts';

const DAY_MS = 86_400_000;
const WARN_DAYS = 30;

/** Adds what it finds. */
export async function checkCertificates(
  { kind, file, config }: CheckedConfig,
  findings: Findings,
  nowMs: number,
): Promise<void> {
  if (kind !== 'operator') await checkServerCertificates(file, config.tls, findings, nowMs);
  if (kind === 'backend') return;
  await note(findings, `${file}: homes.caFile: ${config.homes.caFile}`, async () => {
    await loadClientTls(config.homes.caFile);
  });
  await note(findings, `${file}: ticket`, async () => {
    const { keyFile, keyId } = config.ticket;
    const key = readTicketKey(keyFile, await readFile(keyFile, 'utf8'));
    if (keyId === undefined || key.keyId === keyId) return;
    findings.warnings.push(
      `${file}: ticket.keyId is not the usual name of ${keyFile} (${key.keyId})`,
    );
  });
}

async function checkServerCertificates(
  file: string,
  tls: Extract<CheckedConfig, { readonly kind: 'backend' }>['config']['tls'],
  { problems, warnings }: Findings,
  nowMs: number,
): Promise<void> {
  const opened = await openServerTls({
    certificates: tls.certificates,
    isWatching: false,
    nowMs: () => nowMs,
    clock: systemClock,
  });
  if (!opened.ok) {
    problems.push(`${file}: tls.certificates: ${opened.file}: ${opened.reason} (${opened.detail})`);
    return;
  }
  for (const { certFile, notAfterMs } of opened.tls.certificates) {
    const days = Math.floor((notAfterMs - nowMs) / DAY_MS);
    if (days < WARN_DAYS) warnings.push(`${file}: ${certFile} expires in ${days} day(s); renew it`);
  }
  opened.tls.close();
}

async function note(findings: Findings, place: string, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    findings.problems.push(`${place}: ${error instanceof Error ? error.message : 'unknown'}`);
  }
}
