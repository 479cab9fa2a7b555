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
      'say where the site is: --worker for one of Homeward, --imap, --pop3 or --submission for other software',
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
  const doors = [foreign?.imap, foreign?.pop3, foreign?.submission];
  const hosts = doors.flatMap((door) => door?.hosts ?? []);
  const own = hosts.find(({ host }) => host.toLowerCase() === hostname.toLowerCase());
  if (own === undefined) return;
  throw new OperatorError(
    `${own.host} is the name of this deployment itself, so logins at ${name} would come back to ` +
      'its front ends for ever; give the name or address of the server behind',
    EXIT_CODES.refused,
  );
}

const WORKER =
  /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[^:[\]\s,]+)):(?<imaps>\d+):(?<pop3s>\d+)(?::(?<control>\d+))?(?::(?<imap>\d+):(?<pop3>\d+))?(?<named>(?:,[a-z]+=\d+)*)$/i;
const NAMED_PORTS: ReadonlyMap<string, 'submissionsPort' | 'submissionPort' | 'lmtpsPort'> =
  new Map([
    ['submissions', 'submissionsPort'],
    ['submission', 'submissionPort'],
    ['lmtps', 'lmtpsPort'],
  ]);

/**
 * `10.1.0.5:1993:1995`, `[2001:db8::5]:1993:1995:1997,submissions=1998,lmtps=1999`.
 * @throws OperatorError if it is none.
 */
export function parseWorkerAddress(text: string): WorkerAddress {
  const groups = WORKER.exec(text)?.groups ?? {};
  const host = groups['v6'] ?? groups['name'];
  const imapsPort = Number(groups['imaps']);
  const pop3sPort = Number(groups['pop3s']);
  const more = {
    ...portNamed('controlPort', groups['control']),
    ...portNamed('imapPort', groups['imap']),
    ...portNamed('pop3Port', groups['pop3']),
    ...parseNamedPorts(groups['named'] ?? ''),
  };
  if (host === undefined || ![imapsPort, pop3sPort, ...Object.values(more)].every(isPort)) {
    throw new OperatorError(
      `--worker: "${text}" is no address; give one like ` +
        '10.1.0.5:1993:1995:1997,submissions=1998,lmtps=1999',
      EXIT_CODES.usage,
    );
  }
  return { host, imapsPort, pop3sPort, ...more };
}

function portNamed<Name extends string>(
  name: Name,
  digits: string | undefined,
): { readonly [key in Name]?: number } {
  return digits === undefined ? {} : ({ [name]: Number(digits) } as { [key in Name]?: number });
}

/** `,submissions=1998,lmtps=1999`; a name that is none gives a port that is none. */
function parseNamedPorts(text: string): { readonly [name: string]: number } {
  const pairs = text.split(',').slice(1);
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', digits] = pair.split('=');
      const port = NAMED_PORTS.get(name.toLowerCase());
      return port === undefined ? [name, 0] : [port, Number(digits)];
    }),
  );
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}
