/**
 * Makes a deployment, or what of it is missing: authority, certificates, ticket keys,
 * configuration files, and the directory's records. Nothing that is there is changed.
 */
import { join } from 'node:path';
import type { MailProtocol } from '@homeward/frontend';
import { PROTOCOLS } from '../accounts/protocols.ts';
import { openConfiguredDirectory } from '../deployment/open-directory.ts';
import { formatBackEndConfig, formatFrontEndConfig, formatOperatorConfig } from './config-files.ts';
import { ensureCertificates } from './deployment-certificates.ts';
import { DEPLOYMENT_FILES, type DeploymentPlan } from './deployment-plan.ts';
import { registerDomains, registerKey, registerSite } from './register-deployment.ts';
import { ensureTicketKey, type TicketKey } from './ticket-key-file.ts';
import { ensureTlsTicketKeys } from './tls-ticket-keys.ts';
import { writeNewFile } from './write-new-file.ts';

/** What was made; everything else was there. */
export interface MadeParts {
  /** From the deployment's folder. */
  readonly files: readonly string[];
  /** Labels of keys that the directory got. */
  readonly keys: readonly string[];
  /** Sites that the directory got. */
  readonly sites: readonly string[];
  /** Accepted domains that the directory got. */
  readonly domains: readonly string[];
  /** Whether the directory has accepted domains now. */
  readonly hasDomains: boolean;
  /** Whether a protocol is on at all front ends, whatever their files say. */
  readonly liveProtocols: Readonly<Partial<Record<MailProtocol, boolean>>>;
  /** A site that the directory has. */
  readonly anySite: string | undefined;
}

/** Safe to run again. @throws OperatorError; what was made until then stays. */
export async function makeDeployment(plan: DeploymentPlan, nowMs: number): Promise<MadeParts> {
  const files = [...(await ensureCertificates(plan, nowMs)), ...(await ensureTlsTicketKeys(plan))];
  const keys = await ensureKeys(plan);
  for (const { file, key } of keys) if (key.isNew) files.push(file);
  for (const { file, contents } of formatConfigs(plan, keys)) {
    if (await writeNewFile(join(plan.folder, file), contents, 0o644)) files.push(file);
  }
  const registered = await register(plan, keys, nowMs);
  return { files, ...registered };
}

/** A ticket key: whose, where, and what it is. */
export interface PlannedKey {
  readonly label: string;
  readonly file: string;
  readonly key: TicketKey;
}

/** One key for each front end, and the operator's, which comes last. */
export async function ensureKeys(plan: DeploymentPlan): Promise<readonly PlannedKey[]> {
  const wanted = [
    ...plan.frontEnds.map(({ name }) => ({
      label: `front end ${name}`,
      file: DEPLOYMENT_FILES.frontEndKey(name),
    })),
    { label: 'operator', file: DEPLOYMENT_FILES.operatorKey },
  ];
  const keys: PlannedKey[] = [];
  for (const { label, file } of wanted) {
    keys.push({ label, file, key: await ensureTicketKey(join(plan.folder, file)) });
  }
  return keys;
}

/** A configuration file that is to be. */
export interface PlannedFile {
  readonly file: string;
  readonly contents: string;
}

/** All configuration files of the plan. */
export function formatConfigs(
  plan: DeploymentPlan,
  keys: readonly PlannedKey[],
): readonly PlannedFile[] {
  const keyIdOf = (file: string): string =>
    keys.find((planned) => planned.file === file)?.key.keyId ?? '';
  return [
    {
      file: DEPLOYMENT_FILES.operatorConfig,
      contents: formatOperatorConfig(plan, keyIdOf(DEPLOYMENT_FILES.operatorKey)),
    },
    ...plan.frontEnds.map((frontEnd) => ({
      file: DEPLOYMENT_FILES.frontEndConfig(frontEnd.name),
      contents: formatFrontEndConfig(
        plan,
        frontEnd,
        keyIdOf(DEPLOYMENT_FILES.frontEndKey(frontEnd.name)),
      ),
    })),
    ...plan.sites.map((site) => ({
      file: DEPLOYMENT_FILES.backEndConfig(site.name),
      contents: formatBackEndConfig(plan, site),
    })),
  ];
}

async function register(
  plan: DeploymentPlan,
  planned: readonly PlannedKey[],
  nowMs: number,
): Promise<Omit<MadeParts, 'files'>> {
  const driver = await openConfiguredDirectory(plan.directory);
  try {
    const keys: string[] = [];
    for (const { label, key } of planned) {
      if (await registerKey(driver, key, label, nowMs)) keys.push(label);
    }
    const sites: string[] = [];
    for (const site of plan.sites) {
      if (await registerSite(driver, site)) sites.push(site.name);
    }
    const domains = await registerDomains(driver, plan.domains);
    const liveProtocols = findLiveProtocols(await driver.getSettings());
    const [anySite] = await driver.listSites();
    return { keys, sites, ...domains, liveProtocols, anySite: anySite?.name };
  } finally {
    await driver.close();
  }
}

function findLiveProtocols(
  settings: Readonly<Record<string, unknown>>,
): Readonly<Partial<Record<MailProtocol, boolean>>> {
  const entries = PROTOCOLS.map((name) => [name, settings[`${name}.enabled`]] as const);
  return Object.fromEntries(entries.filter(([, value]) => typeof value === 'boolean'));
}
