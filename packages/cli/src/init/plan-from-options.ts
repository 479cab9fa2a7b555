/** Reads `homeward init`'s options, and what an earlier run has left, into a plan. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  parseRedisUrl,
  parseSiteName,
  type RedisAddress,
  type SiteRecord,
} from '@homeward/directory';
import type { MailProtocol } from '@homeward/frontend';
import { PROTOCOLS } from '../accounts/protocols.ts';
import type { DirectoryConfig, Environment } from '@homeward/service';
import { type OperatorConfig, readOperatorConfig } from '../deployment/operator-config.ts';
import { parseDomain } from '../domains/accepted-domains.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import {
  DEPLOYMENT_FILES,
  type DeploymentPlan,
  defaultWorkerPorts,
  type FrontEndPlan,
  type SitePlan,
  type WorkerPorts,
} from './deployment-plan.ts';

export interface InitOptions {
  readonly folder: string;
  readonly hostname?: string;
  readonly site?: readonly string[];
  readonly workers: number;
  readonly domain?: readonly string[];
  readonly frontend?: readonly string[];
  readonly protocols?: string;
  readonly redis?: string;
  readonly redisPasswordFile?: string;
  readonly redisSentinelPasswordFile?: string;
  readonly redisPrefix?: string;
  readonly newDirectory?: boolean;
  readonly json?: boolean;
}

const DEFAULT_PORTS = {
  ...{ imap: 143, imaps: 993, pop3: 110, pop3s: 995 },
  // RFC 8314 §3.3.
  ...{ submission: 587, submissions: 465 },
} as const;
const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/**
 * @param listSites Reads the sites that the directory has already.
 * @throws OperatorError that names the option.
 */
export async function planFromOptions(
  options: InitOptions,
  environment: Environment,
  listSites: (directory: DirectoryConfig) => Promise<readonly SiteRecord[]>,
): Promise<DeploymentPlan> {
  const folder = resolve(options.folder);
  const before = await readEarlier(folder, environment);
  const hostname = readHostname(options.hostname, before);
  const frontEnds = readFrontEnds(options.frontend, readProtocols(options.protocols));
  const directory = before?.directory ?? readDirectory(options, folder);
  const wanted = (options.site ?? []).map(readSite);
  return {
    folder,
    hostname,
    alternativeNames: [],
    directory,
    frontEnds,
    sites: planSites(wanted, options.workers, hostname, await listSites(directory)),
    domains: (options.domain ?? []).map((typed) => parseDomain(typed, EXIT_CODES.usage)),
    logging: { level: 'info', format: 'auto' },
  };
}

async function readEarlier(
  folder: string,
  environment: Environment,
): Promise<OperatorConfig | undefined> {
  const file = join(folder, DEPLOYMENT_FILES.operatorConfig);
  return existsSync(file) ? (await readOperatorConfig(file, environment)).config : undefined;
}

function readHostname(given: string | undefined, before: OperatorConfig | undefined): string {
  const hostname = given?.toLowerCase() ?? before?.hostname;
  if (hostname === undefined) throw usage('--hostname is needed: the name that clients connect to');
  if (!HOST_NAME.test(hostname) || /^[\d.]+$/.test(hostname)) {
    throw usage(`--hostname: "${hostname}" is no host name; give one like mail.example.org`);
  }
  if (before !== undefined && before.hostname !== hostname) {
    throw new OperatorError(
      `the deployment's hostname is ${before.hostname}; to change it, edit ` +
        `${DEPLOYMENT_FILES.operatorConfig}, remove tls/ and run this again`,
      EXIT_CODES.refused,
    );
  }
  return hostname;
}

/** Reads `imap,pop3,submission`. */
export function readProtocols(text: string | undefined): readonly MailProtocol[] {
  const names = (text ?? '').split(',').map((name) => name.trim());
  return names
    .filter((name) => name !== '' && name !== 'none')
    .map((name) => {
      const protocol = PROTOCOLS.find((known) => known === name);
      if (protocol === undefined) {
        throw usage(`--protocols: "${name}" is not one of ${PROTOCOLS.join(', ')}`);
      }
      return protocol;
    });
}

function readDirectory(options: InitOptions, folder: string): DirectoryConfig {
  const { redis, redisPasswordFile, redisSentinelPasswordFile, redisPrefix } = options;
  if (redis === undefined) {
    return { driver: 'embedded', path: join(folder, DEPLOYMENT_FILES.directory) };
  }
  const address = readRedisAddress(redis);
  if (address.password !== undefined) {
    throw usage('--redis: leave the password out and put it into a file: --redis-password-file');
  }
  if (redisSentinelPasswordFile !== undefined && address.kind !== 'sentinel') {
    throw usage('--redis-sentinel-password-file: --redis names no Sentinels');
  }
  return {
    driver: 'redis',
    url: redis,
    ...(redisPasswordFile !== undefined && { passwordFile: resolve(redisPasswordFile) }),
    ...(redisSentinelPasswordFile !== undefined && {
      sentinelPasswordFile: resolve(redisSentinelPasswordFile),
    }),
    keyPrefix: redisPrefix ?? 'homeward',
  };
}

function readRedisAddress(url: string): RedisAddress {
  try {
    return parseRedisUrl(url);
  } catch (error) {
    throw usage(`--redis: ${error instanceof Error ? error.message : 'it is no URL of a Redis'}`);
  }
}

function readFrontEnds(
  names: readonly string[] = ['frontend'],
  enabled: readonly MailProtocol[],
): readonly FrontEndPlan[] {
  return names.map((name) => {
    if (!/^[a-z0-9][a-z0-9-]{0,52}$/.test(name)) {
      throw usage(`--frontend: "${name}" is no name; use a-z, 0-9 and hyphens`);
    }
    const common = { listenHost: '::', ports: DEFAULT_PORTS, workers: 1, opsPort: undefined };
    return { name, enabled, ...common };
  });
}

interface WantedSite {
  readonly name: SitePlan['name'];
  readonly host: string;
}

function readSite(spec: string): WantedSite {
  const [typed = '', host = '127.0.0.1', ...rest] = spec.split('=');
  const name = parseSiteName(typed);
  if (name === undefined || host === '' || rest.length > 0) {
    throw usage(`--site: "${spec}" is no site; give one like dublin or dublin=10.1.0.5`);
  }
  return { name, host };
}

/** A site that the directory has is as it says there; new ones get ports that are not taken. */
export function planSites(
  wanted: readonly WantedSite[],
  workerCount: number,
  hostname: string,
  known: readonly SiteRecord[],
): readonly SitePlan[] {
  const taken = new Set(
    known.flatMap(({ workers }) => workers.map(({ host, imapsPort }) => `${host} ${imapsPort}`)),
  );
  const takePorts = (host: string): WorkerPorts => {
    for (let index = 0; ; index += 1) {
      const ports = defaultWorkerPorts(index);
      const place = `${host} ${ports.imaps}`;
      if (taken.has(place)) continue;
      taken.add(place);
      return ports;
    }
  };
  return wanted.map(({ name, host }) => {
    const record = known.find((site) => site.name === name);
    if (record?.foreign !== undefined) {
      throw usage(`--site: ${name} runs other software; see homeward site show ${name}`);
    }
    if (record !== undefined) return planOfRecord(record, host);
    return {
      name,
      serverName: `${name}.sites.${hostname}`,
      host,
      listenHost: listenHostFor(host),
      workers: Array.from({ length: workerCount }, () => takePorts(host)),
      directLogin: false,
    };
  });
}

/** What the site's own files must say to agree with the directory. */
export function planOfRecord(record: SiteRecord, host?: string): SitePlan {
  const address = record.workers[0]?.host ?? host ?? '127.0.0.1';
  return {
    name: record.name,
    serverName: record.serverName,
    host: address,
    listenHost: listenHostFor(address),
    workers: record.workers.map(({ imapsPort, pop3sPort, ...more }) => ({
      imaps: imapsPort,
      pop3s: pop3sPort,
      ...(more.controlPort !== undefined && { control: more.controlPort }),
      ...(more.submissionsPort !== undefined && { submissions: more.submissionsPort }),
      ...(more.lmtpsPort !== undefined && { lmtps: more.lmtpsPort }),
    })),
    directLogin: false,
  };
}

function listenHostFor(host: string): string {
  return host === '127.0.0.1' || host === '::1' || host === 'localhost' ? host : '::';
}

function usage(message: string): OperatorError {
  return new OperatorError(message, EXIT_CODES.usage);
}
