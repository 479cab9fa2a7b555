/** Tells the directory of a deployment's sites, keys and domains. */
import {
  createShardTable,
  type DirectoryDriver,
  normaliseDomainPattern,
  type SiteRecord,
  type WorkerAddress,
} from '@homeward/directory';
import { readMailSettings } from '../addresses/mail-settings.ts';
import { writeDomains } from '../domains/accepted-domains.ts';
import type { SitePlan } from './deployment-plan.ts';
import type { TicketKey } from './ticket-key-file.ts';

/** Adds the key unless it is known. @returns Whether it was added. */
export async function registerKey(
  driver: DirectoryDriver,
  { keyId, publicKey }: Pick<TicketKey, 'keyId' | 'publicKey'>,
  label: string,
  nowMs: number,
): Promise<boolean> {
  const known = await driver.listFrontEndKeys();
  if (known.some((key) => key.keyId === keyId)) return false;
  const key = { keyId, publicKey, label, createdAtMs: nowMs, revokedAtMs: undefined };
  await driver.putFrontEndKey(key);
  return true;
}

/** Adds those that are not there, as authoritative. @returns Which were added, and whether there are any. */
export async function registerDomains(
  driver: DirectoryDriver,
  wanted: readonly string[],
): Promise<{ readonly domains: readonly string[]; readonly hasDomains: boolean }> {
  const { acceptedDomains } = readMailSettings(await driver.getSettings());
  const known = new Set(Object.keys(acceptedDomains).map(normaliseDomainPattern));
  const domains = [...new Set(wanted)].filter((domain) => !known.has(domain));
  if (domains.length === 0) return { domains, hasDomains: known.size > 0 };
  const more = Object.fromEntries(domains.map((domain) => [domain, 'authoritative']));
  await writeDomains(driver, { ...acceptedDomains, ...more });
  return { domains, hasDomains: true };
}

/** Adds the site unless it is there; what is there stays. @returns Whether it was added. */
export async function registerSite(driver: DirectoryDriver, plan: SitePlan): Promise<boolean> {
  if ((await driver.getSite(plan.name)) !== undefined) return false;
  await driver.putSite({
    name: plan.name,
    serverName: plan.serverName,
    workers: workerAddresses(plan),
    shardTable: createShardTable(plan.workers.length, 1),
    version: 1,
  });
  return true;
}

/**
 * Adds the site, or brings its record to the plan: other ports, or another number of workers.
 * For the demo, whose ports are new at every start and whose workers are down meanwhile.
 */
export async function replaceSite(driver: DirectoryDriver, plan: SitePlan): Promise<void> {
  const site = await driver.getSite(plan.name);
  if (site === undefined) {
    await registerSite(driver, plan);
    return;
  }
  const next: SiteRecord = {
    ...site,
    serverName: plan.serverName,
    workers: workerAddresses(plan),
    shardTable:
      site.workers.length === plan.workers.length
        ? site.shardTable
        : createShardTable(plan.workers.length, site.shardTable.version + 1),
    version: site.version + 1,
  };
  await driver.putSite(next);
}

function workerAddresses({ host, workers }: SitePlan): readonly WorkerAddress[] {
  return workers.map((ports) => ({
    host,
    imapsPort: ports.imaps,
    pop3sPort: ports.pop3s,
    ...(ports.control !== undefined && { controlPort: ports.control }),
    ...(ports.imap !== undefined && { imapPort: ports.imap }),
    ...(ports.pop3 !== undefined && { pop3Port: ports.pop3 }),
    ...(ports.submissions !== undefined && { submissionsPort: ports.submissions }),
    ...(ports.submission !== undefined && { submissionPort: ports.submission }),
    ...(ports.lmtps !== undefined && { lmtpsPort: ports.lmtps }),
  }));
}
