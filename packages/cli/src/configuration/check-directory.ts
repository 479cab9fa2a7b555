/** Whether the directory is there and agrees with a configuration. */
import { readFile } from 'node:fs/promises';
import type { DirectoryDriver, SiteRecord } from '@homeward/directory';
import { openConfiguredDirectory } from '../deployment/open-directory.ts';
import { readTicketKey } from '../init/ticket-key-file.ts';
import { explainError } from '../wiring.ts';
import type { Findings } from './findings.ts';
import type { CheckedConfig } from './config-kind.ts';

/** Adds what it finds. */
export async function checkDirectory(checked: CheckedConfig, findings: Findings): Promise<void> {
  try {
    const driver = await openConfiguredDirectory(checked.config.directory);
    try {
      if (checked.kind === 'backend') await checkSite(checked, driver, findings);
      else await checkKey(checked, driver, findings);
    } finally {
      await driver.close();
    }
  } catch (error) {
    const explained = explainError(error);
    if (explained === undefined) throw error;
    findings.problems.push(`${checked.file}: ${explained.message}`);
  }
}

async function checkKey(
  { file, config }: Exclude<CheckedConfig, { readonly kind: 'backend' }>,
  driver: DirectoryDriver,
  { problems }: Findings,
): Promise<void> {
  const { keyFile } = config.ticket;
  // Left out, it is the usual one.
  const keyId =
    config.ticket.keyId ?? readTicketKey(keyFile, await readFile(keyFile, 'utf8')).keyId;
  const key = (await driver.listFrontEndKeys()).find((known) => known.keyId === keyId);
  if (key === undefined) {
    problems.push(
      `${file}: ticket.keyId: the directory does not know ${keyId}, so no site would open a ` +
        'mailbox; run homeward init on this deployment again',
    );
  } else if (key.revokedAtMs !== undefined) {
    problems.push(`${file}: ticket.keyId: ${keyId} was revoked; make a new key`);
  }
}

async function checkSite(
  { file, config }: Extract<CheckedConfig, { readonly kind: 'backend' }>,
  driver: DirectoryDriver,
  { problems }: Findings,
): Promise<void> {
  const record = (await driver.listSites()).find(({ name }) => name === config.site);
  if (record === undefined) {
    problems.push(
      `${file}: site: the directory has no site ${config.site}; add it with homeward init --site ` +
        'or homeward site add',
    );
    return;
  }
  problems.push(...compareWorkers(record, config).map((text) => `${file}: ${text}`));
}

type BackEndConfig = Extract<CheckedConfig, { readonly kind: 'backend' }>['config'];

/** The hosts are not compared: front ends may see them under other names. */
function compareWorkers(record: SiteRecord, config: BackEndConfig): readonly string[] {
  if (record.workers.length !== config.workers.length) {
    return [
      `workers: there are ${config.workers.length} here and ${record.workers.length} in the ` +
        'directory; some mailboxes would have no owner',
    ];
  }
  return config.workers.flatMap(({ imaps, pop3s, control, submissions, lmtps }, index) => {
    const known = record.workers[index];
    const problems: string[] = [];
    if (known?.imapsPort !== imaps.port || known.pop3sPort !== pop3s.port) {
      problems.push(
        `workers[${index}]: ports ${imaps.port}, ${pop3s.port} here, ${known?.imapsPort}, ` +
          `${known?.pop3sPort} in the directory; front ends would not find it`,
      );
    }
    const others = [
      ['control', control, known?.controlPort],
      ['submissions', submissions, known?.submissionsPort],
      ['lmtps', lmtps, known?.lmtpsPort],
    ] as const;
    for (const [name, here, there] of others) {
      if (here?.port === there) continue;
      problems.push(
        `workers[${index}].${name}: port ${here?.port ?? 'none'} here, ` +
          `${there ?? 'none'} in the directory; see homeward site set`,
      );
    }
    return problems;
  });
}
