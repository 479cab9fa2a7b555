/** `homeward init`: makes what is missing and says what to do next. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SiteRecord } from '@homeward/directory';
import type { MailProtocol } from '@homeward/frontend';
import { PROTOCOLS } from '../accounts/protocols.ts';
import { type DirectoryConfig, systemClock } from '@homeward/service';
import { type CommandContext, printResult } from '../commands/command-context.ts';
import { openConfiguredDirectory } from '../deployment/open-directory.ts';
import { DEPLOYMENT_FILES, type DeploymentPlan } from './deployment-plan.ts';
import { type MadeParts, makeDeployment } from './make-deployment.ts';
import { formatNextSteps, formatTicketKeysHint } from './next-steps.ts';
import { type InitOptions, planFromOptions } from './plan-from-options.ts';
import { cannotWrite } from './write-new-file.ts';

/** @throws OperatorError if an option is wrong or something cannot be made. */
export async function runInit(context: CommandContext, options: InitOptions): Promise<void> {
  // A deployment that is there has had a directory: what is empty now was lost.
  const isThere = existsSync(join(options.folder, DEPLOYMENT_FILES.operatorConfig));
  const foundsWhenEmpty = !isThere || options.newDirectory === true;
  const plan = await planFromOptions(options, context.environment, (directory) =>
    listKnownSites(directory, foundsWhenEmpty),
  );
  const made = await makeDeployment(plan, systemClock.nowMs());
  const { files, keys, sites, domains, hasDomains } = made;
  const result = {
    folder: plan.folder,
    hostname: plan.hostname,
    made: { files, keys, sites, domains, hasDomains },
    protocolsOn: listProtocolsOn(plan, made),
  };
  printResult(context, options, result, () => formatResult(plan, made));
}

async function listKnownSites(
  directory: DirectoryConfig,
  foundsWhenEmpty: boolean,
): Promise<readonly SiteRecord[]> {
  // The embedded one is a file in the deployment's folder, which may not be there yet.
  if (directory.driver === 'embedded') {
    const folder = dirname(directory.path);
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw cannotWrite(folder, error);
    });
  }
  const driver = await openConfiguredDirectory(directory, { foundsWhenEmpty });
  try {
    return await driver.listSites();
  } finally {
    await driver.close();
  }
}

function formatResult(plan: DeploymentPlan, made: MadeParts): string {
  const lines = [
    `${plan.hostname} in ${plan.folder}`,
    ...made.files.map((file) => `  made  ${file}`),
    ...made.keys.map((label) => `  told the directory of the key of the ${label}`),
    ...made.sites.map((site) => `  told the directory of the site ${site}`),
    ...made.domains.map((domain) => `  told the directory that all mail of ${domain} is here`),
  ];
  if ([made.files, made.keys, made.sites, made.domains].every(({ length }) => length === 0)) {
    lines.push('  Everything was there already; nothing was changed.');
  }
  return [
    ...lines,
    ...formatProtocolState(plan, made),
    ...formatTicketKeysHint(plan, made),
    ...formatNextSteps(plan, made),
  ].join('\n');
}

function formatProtocolState(plan: DeploymentPlan, made: MadeParts): readonly string[] {
  const [frontEnd] = plan.frontEnds;
  if (frontEnd === undefined) return [];
  if (!made.files.includes(DEPLOYMENT_FILES.frontEndConfig(frontEnd.name))) return [];
  const on = listProtocolsOn(plan, made);
  const off = PROTOCOLS.filter((name) => !on.includes(name));
  if (off.length === 0) return [];
  return [
    '',
    `${listNames(off)}: OFF, clients are turned away. Turn on with`,
    ...off.map((name) => `  homeward settings set ${name}.enabled true`),
  ];
}

/** At the first front end of the plan. */
function listProtocolsOn(
  { frontEnds: [frontEnd] }: DeploymentPlan,
  { liveProtocols }: MadeParts,
): readonly MailProtocol[] {
  if (frontEnd === undefined) return [];
  const { enabled } = frontEnd;
  return PROTOCOLS.filter((name) => liveProtocols[name] ?? enabled.includes(name));
}

/** `IMAP, POP3 and SUBMISSION`. */
function listNames(protocols: readonly string[]): string {
  const names = protocols.map((name) => name.toUpperCase());
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`;
}
