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
import { type ForeignOptions, foreignFromOptions, isForeignSaid } from './foreign-options.ts';
import { openDeployment } from '../wiring.ts';
import { viewSite } from './site-view.ts';

export interface AddSiteOptions extends OperatorOptions, ForeignOptions {
  readonly worker?: readonly string[];
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
  const isForeign = isForeignSaid(options);
  if (isForeign === (options.worker !== undefined)) {
    throw new OperatorError(
      'say where the site is: --worker for one of Homeward, --imap or --pop3 for other software',
      EXIT_CODES.usage,
    );
  }
  const workers = options.worker?.map(parseWorkerAddress) ?? [];
  const foreign = isForeign ? await foreignFromOptions(options) : undefined;
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
    serverName: options.serverName ?? (isForeign ? '' : `${name}.sites.${config.hostname}`),
    workers,
    shardTable: isForeign ? { version: 1, workerOfShard: [] } : createShardTable(workers.length, 1),
    ...(foreign !== undefined && { foreign }),
    version: 1,
  };
  refuseLoop(site, config.hostname);
  const problem = findSiteProblem(site);
  if (problem !== undefined) throw new OperatorError(problem, EXIT_CODES.refused);
  await driver.putSite(site);
  const view = viewSite(site);
  printResult(context, options, view, () =>
    isForeign
      ? `Added ${name}, which runs other software; see homeward site show ${name}.`
      : `Added ${name}: ${workers.length} worker(s), certificate for ${view.serverName}.`,
  );
}

/** @throws OperatorError for a site whose host is the name that leads to the front ends. */
export function refuseLoop({ name, foreign }: SiteRecord, hostname: string): void {
  const hosts = [...(foreign?.imap?.hosts ?? []), ...(foreign?.pop3?.hosts ?? [])];
  const own = hosts.find(({ host }) => host.toLowerCase() === hostname.toLowerCase());
  if (own === undefined) return;
  throw new OperatorError(
    `${own.host} is the name of this deployment itself, so logins at ${name} would come back to ` +
      'its front ends for ever; give the name or address of the server behind',
    EXIT_CODES.refused,
  );
}

/** `10.1.0.5:1993:1995`, `[2001:db8::5]:1993:1995:1997`. @throws OperatorError if it is none. */
export function parseWorkerAddress(text: string): WorkerAddress {
  const groups =
    /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[^:[\]\s]+)):(?<imaps>\d+):(?<pop3s>\d+)(?::(?<control>\d+))?(?::(?<imap>\d+):(?<pop3>\d+))?$/i.exec(
      text,
    )?.groups;
  const host = groups?.['v6'] ?? groups?.['name'];
  const imapsPort = Number(groups?.['imaps']);
  const pop3sPort = Number(groups?.['pop3s']);
  const controlPort = groups?.['control'] === undefined ? undefined : Number(groups['control']);
  const plain =
    groups?.['imap'] === undefined
      ? undefined
      : {
          imapPort: Number(groups['imap']),
          pop3Port: Number(groups['pop3']),
        };
  const ports = [imapsPort, pop3sPort, controlPort ?? 1, ...Object.values(plain ?? {})];
  if (host === undefined || !ports.every(isPort)) {
    throw new OperatorError(
      `--worker: "${text}" is no address; give one like 10.1.0.5:1993:1995:1997`,
      EXIT_CODES.usage,
    );
  }
  return {
    host,
    imapsPort,
    pop3sPort,
    ...(controlPort !== undefined && { controlPort }),
    ...plain,
  };
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}
