/** `homeward probe`: a login as a mail program makes it, with a latency for each hop. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { MailProtocol } from '@homeward/frontend';
import { systemClock } from '@homeward/service';
import { askOnce, readPasswordFile, readPasswordFrom } from '../accounts/read-password.ts';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { locateOperatorConfig } from '../deployment/operator-config.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { formatProbe } from './format-probe.ts';
import { HopFailure, HopWatch } from './hop-watch.ts';
import { probeImap } from './imap-probe.ts';
import { probePop3 } from './pop3-probe.ts';
import {
  type ConnectionType,
  openProbeLink,
  type ProbeLink,
  type ProbeTarget,
} from './probe-link.ts';
import type { ProbeCourse } from './probe-course.ts';
import { type ProbedHome, probeHomes } from './probe-homes.ts';
import type { ProbeView } from './probe-view.ts';
import { probeSmtp } from './smtp-probe.ts';

export type ProbeProtocol = MailProtocol;

/** As commander gives them. */
export interface ProbeOptions extends OperatorOptions {
  readonly server?: string | undefined;
  readonly port?: number | undefined;
  readonly connectionType: ConnectionType;
  readonly serverName?: string | undefined;
  readonly ca?: string | undefined;
  readonly trustAny?: boolean | undefined;
  readonly lightMode?: boolean | undefined;
  readonly leaveMessage?: boolean | undefined;
  readonly perConnectionTimeout: number;
  readonly timeout: number;
  readonly passwordStdin?: boolean | undefined;
  readonly passwordFile?: string | undefined;
}

const SCENARIOS: Readonly<Record<ProbeProtocol, string>> = {
  imap: 'Test IMAP4 Connectivity',
  pop3: 'Test POP3 Connectivity',
  submission: 'Test SMTP Connectivity',
};
const PORTS: Readonly<Record<ProbeProtocol, Readonly<Record<ConnectionType, number>>>> = {
  imap: { plaintext: 143, tls: 143, ssl: 993 },
  pop3: { plaintext: 110, tls: 110, ssl: 995 },
  submission: { plaintext: 587, tls: 587, ssl: 465 },
};
const PROBES: Readonly<
  Record<ProbeProtocol, (link: ProbeLink, course: ProbeCourse) => Promise<void>>
> = { imap: probeImap, pop3: probePop3, submission: probeSmtp };
const PASSWORD_VARIABLE = 'HOMEWARD_PROBE_PASSWORD';

/** @throws OperatorError when the probe failed, after it has printed what it found. */
export async function runProbe(
  context: CommandContext,
  protocol: ProbeProtocol,
  login: string,
  options: ProbeOptions,
): Promise<void> {
  const surroundings = await lookAround(context, login, options);
  const target = await chooseTarget(protocol, surroundings, options);
  const password = await takePassword(context, options);
  const limitMs = Math.min(options.perConnectionTimeout, options.timeout) * 1000;
  const watch = new HopWatch(() => systemClock.elapsedMs());
  const startedAtMs = systemClock.elapsedMs();
  const { address = login } = surroundings;
  const parts = { login, address, password, options, watch, limitMs };
  const error = await probe(protocol, target, parts);
  const latencyMs = systemClock.elapsedMs() - startedAtMs;
  const { site, home } = surroundings;
  const view: ProbeView = {
    casServer: target.host,
    localSite: site ?? null,
    scenario: SCENARIOS[protocol],
    result: error === undefined ? 'Success' : 'Failure',
    latencyMs,
    error: error ?? null,
    hops: watch.hops,
    homes: home === undefined ? [] : await probeHomes(home, protocol, limitMs),
  };
  printResult(context, options, view, () => formatProbe(view));
  if (error !== undefined)
    throw new OperatorError(`the probe failed: ${error}`, EXIT_CODES.refused);
}

interface ProbeParts {
  readonly login: string;
  readonly address: string;
  readonly password: string;
  readonly options: ProbeOptions;
  readonly watch: HopWatch;
  readonly limitMs: number;
}

/** @returns Why it failed; undefined if it did not. */
async function probe(
  protocol: ProbeProtocol,
  target: ProbeTarget,
  { login, address, password, options, watch, limitMs }: ProbeParts,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(limitMs);
  const course = {
    connectionType: target.connectionType,
    login,
    address,
    password,
    isLight: options.lightMode === true,
    leavesMessage: options.leaveMessage === true,
    watch,
    nowMs: () => systemClock.nowMs(),
    makeId: () => randomUUID(),
  };
  try {
    const link = await openProbeLink(target, watch, signal);
    try {
      await PROBES[protocol](link, course);
    } finally {
      link.close();
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof HopFailure)) throw error;
    const late = signal.aborted ? ` (${limitMs / 1000} s were over)` : '';
    return `${error.message}${late}`;
  }
}

/** What the deployment says, where there is one at hand; a probe needs none. */
interface Surroundings {
  readonly hostname?: string | undefined;
  readonly caFile?: string | undefined;
  /** The account's own. */
  readonly address?: string | undefined;
  /** The home of the account. */
  readonly site?: string | undefined;
  readonly home?: ProbedHome | undefined;
}

async function lookAround(
  context: CommandContext,
  login: string,
  options: ProbeOptions,
): Promise<Surroundings> {
  const isGiven = options.config !== undefined;
  if (!isGiven && options.server !== undefined && !(await hasConfig(context))) return {};
  await using deployment = await openDeployment(options.config, context.environment);
  const { hostname, homes } = deployment.config;
  const account = await deployment.accounts.find(login);
  const around = { hostname, caFile: homes.caFile };
  if (account === undefined) return around;
  const { address, home, id: accountId } = account;
  const site = await deployment.driver.getSite(home);
  return { ...around, address, site: home, home: site && { accountId, site } };
}

async function hasConfig({ environment }: CommandContext): Promise<boolean> {
  const file = locateOperatorConfig(undefined, environment);
  return readFile(file).then(
    () => true,
    () => false,
  );
}

async function chooseTarget(
  protocol: ProbeProtocol,
  { hostname, caFile }: Surroundings,
  options: ProbeOptions,
): Promise<ProbeTarget> {
  const { connectionType, trustAny } = options;
  const host = options.server ?? hostname;
  if (host === undefined) throw new OperatorError('give --server', EXIT_CODES.usage);
  return {
    host,
    port: options.port ?? PORTS[protocol][connectionType],
    connectionType,
    serverName: options.serverName ?? hostname ?? host,
    ca: await readAuthorities(options.ca, caFile),
    trustsSystem: options.ca === undefined,
    trustsAny: trustAny === true,
  };
}

/** The deployment's own authority counts beside the system's. */
async function readAuthorities(
  given: string | undefined,
  ownFile: string | undefined,
): Promise<readonly string[]> {
  try {
    if (given !== undefined) return [await readFile(given, 'utf8')];
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new OperatorError(`--ca: ${given} cannot be read (${code})`, EXIT_CODES.badData);
  }
  return ownFile === undefined ? [] : [await readFile(ownFile, 'utf8')];
}

async function takePassword(context: CommandContext, options: ProbeOptions): Promise<string> {
  if (options.passwordStdin === true) return readPasswordFrom(context.console.input);
  if (options.passwordFile !== undefined) {
    return readPasswordFile('--password-file', options.passwordFile);
  }
  const fromEnvironment = context.environment[PASSWORD_VARIABLE];
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  return askOnce('Password', PASSWORD_VARIABLE, context.console);
}
