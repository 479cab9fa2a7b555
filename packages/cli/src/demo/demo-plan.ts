/** The demo's deployment as a plan, from its options. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseSiteName, type SiteName } from '@homeward/directory';
import type { DirectoryConfig, LogLevel } from '@homeward/service';
import { DEPLOYMENT_FILES, type DeploymentPlan } from '../init/deployment-plan.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import type { DemoState } from './demo-data.ts';
import { DEMO_DOMAIN } from './demo-people.ts';
import { DEMO_HOST, type DemoPorts } from './demo-ports.ts';

/** As commander gives them. */
export interface DemoOptions {
  readonly accounts?: number;
  readonly sites: string;
  readonly envFile?: string;
  readonly portBase?: number;
  readonly redis?: string;
  readonly data?: string;
  readonly workers: number;
  readonly directLogin?: boolean;
  readonly empty?: boolean;
  readonly logLevel: LogLevel;
}

const DEFAULT_ACCOUNTS = 4;
export const DEMO_SERVER_NAME: string = `mail.${DEMO_DOMAIN}`;

/** @throws OperatorError if a name is none. */
export function readSiteNames(text: string): readonly SiteName[] {
  const names = text.split(',').map((typed) => {
    const name = parseSiteName(typed.trim());
    if (name !== undefined) return name;
    throw new OperatorError(
      `--sites: "${typed}" is no site name; use 1 to 63 of a-z, 0-9 and inner hyphens`,
      EXIT_CODES.usage,
    );
  });
  return [...new Set(names)];
}

/** So many people there are: at least those who were there before. */
export function countPeople(options: DemoOptions, state: DemoState | undefined): number {
  const before = state?.accounts.filter(({ role }) => role.startsWith('USER')).length ?? 0;
  return options.accounts ?? Math.max(before, DEFAULT_ACCOUNTS);
}

/** @throws OperatorError if the kept data belong to another demo than the options ask for. */
export function checkKeptState(
  options: DemoOptions,
  sites: readonly SiteName[],
  state: DemoState | undefined,
): void {
  if (state === undefined) return;
  const refuse = (text: string): never => {
    throw new OperatorError(`${text}, or give another --data`, EXIT_CODES.refused);
  };
  if (state.sites.join(',') !== sites.join(',')) {
    refuse(`these data have the sites ${state.sites.join(',')}; give --sites so`);
  }
  if (state.redisUrl !== options.redis) {
    const where = state.redisUrl === undefined ? 'a file: leave --redis out' : 'another Redis';
    refuse(`the directory of these data is in ${where}`);
  }
}

/** The plan and the prefix of its keys, if it is in Redis. */
export function planDemo(
  options: DemoOptions,
  folder: string,
  sites: readonly SiteName[],
  ports: DemoPorts,
  keyPrefix: string,
): DeploymentPlan {
  const { workers, directLogin = false } = options;
  return {
    folder,
    hostname: DEMO_SERVER_NAME,
    alternativeNames: ['localhost', DEMO_HOST],
    directory: planDirectory(options, folder, keyPrefix),
    frontEnds: [
      {
        name: 'frontend',
        listenHost: DEMO_HOST,
        ports: ports.frontEnd,
        enabled: ['imap', 'pop3', 'submission'],
        lmtpPort: ports.lmtp,
        workers,
        // Nobody waits for Ctrl-C.
        stopWindowSeconds: 0,
        opsPort: ports.ops,
      },
    ],
    sites: sites.map((name, index) => ({
      name,
      serverName: `${name}.sites.${DEMO_DOMAIN}`,
      host: DEMO_HOST,
      listenHost: DEMO_HOST,
      workers: ports.sites[index] ?? [],
      directLogin,
      stopWindowSeconds: 0,
    })),
    domains: [],
    mail: { domain: DEMO_DOMAIN, smartHost: { host: DEMO_HOST, port: ports.sink } },
    logging: { level: options.logLevel, format: 'auto' },
  };
}

/** Tells one demo from another in a Redis that they share. */
export function createKeyPrefix(): string {
  return `homeward-demo-${randomBytes(6).toString('hex')}`;
}

function planDirectory({ redis }: DemoOptions, folder: string, keyPrefix: string): DirectoryConfig {
  if (redis !== undefined) return { driver: 'redis', url: redis, keyPrefix };
  return { driver: 'embedded', path: join(folder, DEPLOYMENT_FILES.directory) };
}
