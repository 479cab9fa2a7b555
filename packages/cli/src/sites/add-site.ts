/** `homeward site add`. */
import {
  createShardTable,
  findSiteProblem,
  parseSiteName,
  type SiteRecord,
  type WorkerAddress,
} from '@homeward/directory';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { viewSite } from './site-view.ts';

export interface AddSiteOptions extends OperatorOptions {
  readonly worker: readonly string[];
  readonly serverName?: string;
}

/** @throws OperatorError if the site is there already or is not right. */
export async function addSite(
  context: CommandContext,
  typedName: string,
  options: AddSiteOptions,
): Promise<void> {
  const name = parseSiteName(typedName);
  if (name === undefined) {
    throw new OperatorError(
      `"${typedName}" is no site name; use 1 to 63 of a-z, 0-9 and inner hyphens`,
      EXIT_CODES.usage,
    );
  }
  const workers = options.worker.map(parseWorkerAddress);
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver, config } = deployment;
  if ((await driver.getSite(name)) !== undefined) {
    throw new OperatorError(
      `site ${name} is there already; see homeward site list`,
      EXIT_CODES.refused,
    );
  }
  const site: SiteRecord = {
    name,
    serverName: options.serverName ?? `${name}.sites.${config.hostname}`,
    workers,
    shardTable: createShardTable(workers.length, 1),
    version: 1,
  };
  const problem = findSiteProblem(site);
  if (problem !== undefined) throw new OperatorError(problem, EXIT_CODES.refused);
  await driver.putSite(site);
  const view = viewSite(site);
  printResult(
    context,
    options,
    view,
    () => `Added ${name}: ${workers.length} worker(s), certificate for ${view.serverName}.`,
  );
}

/** `10.1.0.5:1993:1995`, `[2001:db8::5]:1993:1995:1997`. @throws OperatorError if it is none. */
export function parseWorkerAddress(text: string): WorkerAddress {
  const groups =
    /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[^:[\]\s]+)):(?<imaps>\d+):(?<pop3s>\d+)(?::(?<control>\d+))?$/i.exec(
      text,
    )?.groups;
  const host = groups?.['v6'] ?? groups?.['name'];
  const imapsPort = Number(groups?.['imaps']);
  const pop3sPort = Number(groups?.['pop3s']);
  const controlPort = groups?.['control'] === undefined ? undefined : Number(groups['control']);
  const ports = [imapsPort, pop3sPort, controlPort ?? 1];
  if (host === undefined || !ports.every(isPort)) {
    throw new OperatorError(
      `--worker: "${text}" is no address; give one like 10.1.0.5:1993:1995:1997`,
      EXIT_CODES.usage,
    );
  }
  return { host, imapsPort, pop3sPort, ...(controlPort !== undefined && { controlPort }) };
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}
