/**
 * `homeward demo`: a whole deployment on this host, made, started, filled, and taken down again.
 * The services are the real ones in processes of their own; this process only starts, watches
 * and ends them.
 */
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  type DirectoryDriver,
  DirectoryUnavailableError,
  type SiteRecord,
  workerFor,
} from '@homeward/directory';
import {
  EXIT_CODES as SERVICE_EXIT_CODES,
  type Lifecycle,
  runService,
  systemClock,
} from '@homeward/service';
import type { CommandContext } from '../commands/command-context.ts';
import { openConfiguredDirectory } from '../deployment/open-directory.ts';
import { ensureCertificates } from '../init/deployment-certificates.ts';
import { DEPLOYMENT_FILES, type DeploymentPlan } from '../init/deployment-plan.ts';
import { ensureKeys, formatConfigs, type PlannedKey } from '../init/make-deployment.ts';
import { registerKey, replaceSite } from '../init/register-deployment.ts';
import { ensureTlsTicketKeys } from '../init/tls-ticket-keys.ts';
import { createOwnerConnector, explainError } from '../wiring.ts';
import { type DemoAccount, ensureDemoAccounts } from './demo-accounts.ts';
import { replaceFile } from '../output/replace-file.ts';
import { type DemoFolder, openDemoFolder } from './demo-data.ts';
import {
  checkKeptState,
  countPeople,
  createKeyPrefix,
  DEMO_SERVER_NAME,
  type DemoOptions,
  planDemo,
  readSiteNames,
} from './demo-plan.ts';
import { type DemoPorts, type HeldPorts, holdDemoPorts } from './demo-ports.ts';
import { startDemoProcess } from './demo-processes.ts';
import { sinkFolderOf, startDemoSink } from './start-demo-sink.ts';
import { fillMailboxes } from './fill-mailboxes.ts';
import { type DemoFacts, formatEnvFile, type PlacedAccount } from './format-env-file.ts';
import { formatSettings } from './format-settings.ts';
import { StoppedError, untilStopped } from './until-stopped.ts';

/** More than all services together take to end in order. */
const STOP_LIMIT_MS = 40_000;

/** Runs until Ctrl-C or SIGTERM. */
export async function runDemo(context: CommandContext, options: DemoOptions): Promise<void> {
  const { console } = context;
  console.surviveBrokenPipe();
  let failure: unknown;
  const exitCode = await runService({
    clock: systemClock,
    stopLimitMs: STOP_LIMIT_MS,
    log: {
      flush: () => {},
      log: (event, fields) => {
        const { error, cause } = (fields ?? {}) as {
          readonly error?: unknown;
          readonly cause?: string;
        };
        if (event === 'service.stopping' && cause !== 'start-failed') console.note('Stopping.');
        if (event === 'service.crashed' || event === 'service.part-stop-failed') {
          const stack = error instanceof Error ? error.stack : 'it took too long';
          console.complain(explainError(error)?.message ?? `${event}: ${stack}`);
        }
      },
    },
    start: async (lifecycle) => {
      try {
        await startDemo(lifecycle, context, options);
      } catch (error) {
        failure = error;
        throw error;
      }
    },
  });
  console.exitCode = exitCode;
  // A start that was interrupted is a clean end.
  if (exitCode !== SERVICE_EXIT_CODES.startFailed || failure instanceof StoppedError) return;
  const explained = explainError(failure);
  if (explained === undefined) throw failure;
  for (const line of explained.lines) console.complain(line);
  console.exitCode = explained.exitCode;
}

async function startDemo(
  lifecycle: Lifecycle,
  context: CommandContext,
  options: DemoOptions,
): Promise<void> {
  const { stopSignal } = lifecycle;
  const siteNames = readSiteNames(options.sites);
  const envFile = options.envFile === undefined ? undefined : resolve(options.envFile);
  // Whoever waits for the file must not find that of an earlier run.
  if (envFile !== undefined) await rm(envFile, { force: true });
  const folder = await lifecycle.start('folder', async () => {
    const value = await openDemoFolder(options.data);
    return { value, stop: () => value.close() };
  });
  checkKeptState(options, siteNames, folder.state);
  const held = await lifecycle.start('ports', async () => {
    const value = await holdDemoPorts({
      portBase: options.portBase,
      siteCount: siteNames.length,
      workerCount: options.workers,
      hasPlainPorts: options.directLogin === true,
    });
    return { value, stop: () => value.release() };
  });
  const keyPrefix = folder.state?.keyPrefix ?? createKeyPrefix();
  const plan = planDemo(options, folder.path, siteNames, held.ports, keyPrefix);
  const driver = await openDemoDirectory(lifecycle, plan, folder);
  await untilStopped(stopSignal, writeFiles(plan, driver));
  const whenReady = await startProcesses(lifecycle, context, plan, held);
  const accounts = await untilStopped(
    stopSignal,
    putAccounts(lifecycle, context, options, { folder, plan, driver, keyPrefix }, whenReady.sites),
  );
  await untilStopped(stopSignal, whenReady.frontEnd);
  const facts = await collectFacts(plan, held.ports, options, accounts, driver);
  const target = envFile ?? join(plan.folder, 'demo.env');
  await replaceFile(target, formatEnvFile(facts));
  if (stopSignal.aborted) throw new StoppedError();
  context.console.print(`\n${formatSettings(facts, target)}\n`);
  context.console.print('ready');
}

async function openDemoDirectory(
  lifecycle: Lifecycle,
  plan: DeploymentPlan,
  folder: DemoFolder,
): Promise<DirectoryDriver> {
  return lifecycle.start('directory', async () => {
    const value = await openConfiguredDirectory(plan.directory, { foundsWhenEmpty: true });
    const stop = async (): Promise<void> => {
      try {
        // What is in a Redis does not go with the temporary folder.
        if (folder.isTemporary && plan.directory.driver === 'redis') await emptyDirectory(value);
      } catch (error) {
        // Nobody can tidy up where nothing answers, and why the demo ends is told already.
        if (!(error instanceof DirectoryUnavailableError)) throw error;
      } finally {
        await value.close();
      }
    };
    return { value, stop };
  });
}

async function emptyDirectory(driver: DirectoryDriver): Promise<void> {
  for (;;) {
    const page = await driver.listAccounts({ after: undefined, limit: 500 });
    if (page.length === 0) break;
    for (const { id } of page) await driver.deleteAccount(id);
  }
  for (const { name } of await driver.listSites()) await driver.deleteSite(name);
}

/** Ports are new at every start, so configurations and site records are written anew. */
async function writeFiles(plan: DeploymentPlan, driver: DirectoryDriver): Promise<void> {
  const nowMs = systemClock.nowMs();
  const keys: readonly PlannedKey[] = await ensureKeys(plan);
  await ensureCertificates(plan, nowMs);
  await ensureTlsTicketKeys(plan);
  for (const { file, contents } of formatConfigs(plan, keys)) {
    await replaceFile(join(plan.folder, file), contents);
  }
  for (const { key, label } of keys) await registerKey(driver, key, label, nowMs);
  for (const site of plan.sites) await replaceSite(driver, site);
}

interface Readiness {
  readonly sites: Promise<unknown>;
  readonly frontEnd: Promise<void>;
}

async function startProcesses(
  lifecycle: Lifecycle,
  { console, environment }: CommandContext,
  plan: DeploymentPlan,
  held: HeldPorts,
): Promise<Readiness> {
  await held.release();
  await startDemoSink(lifecycle, plan);
  const tell = (text: string): void => {
    if (!lifecycle.stopSignal.aborted) console.note(text);
  };
  const inFolder = (file: string): string => join(plan.folder, file);
  const sites: Promise<void>[] = [];
  for (const { name } of plan.sites) {
    const configFile = inFolder(DEPLOYMENT_FILES.backEndConfig(name));
    const site = { title: `site ${name}`, command: 'backend', configFile } as const;
    sites.push((await startDemoProcess(lifecycle, site, environment, tell))());
  }
  const configFile = inFolder(DEPLOYMENT_FILES.frontEndConfig('frontend'));
  const frontEnd = { title: 'the front end', command: 'frontend', configFile } as const;
  const whenReady = await startDemoProcess(lifecycle, frontEnd, environment, tell);
  return { sites: Promise.all(sites), frontEnd: whenReady() };
}

interface DemoParts {
  readonly folder: DemoFolder;
  readonly plan: DeploymentPlan;
  readonly driver: DirectoryDriver;
  readonly keyPrefix: string;
}

/** Adds the accounts while the services start, then their mail. */
async function putAccounts(
  lifecycle: Lifecycle,
  { console }: CommandContext,
  options: DemoOptions,
  { folder, plan, driver, keyPrefix }: DemoParts,
  sitesReady: Promise<unknown>,
): Promise<readonly DemoAccount[]> {
  sitesReady.catch(() => {});
  const before = folder.state?.accounts ?? [];
  const records = await listPlannedSites(plan, driver);
  const count = countPeople(options, folder.state);
  let accounts = await ensureDemoAccounts(driver, records, count, before);
  const save = (): Promise<void> =>
    folder.saveState({
      sites: plan.sites.map(({ name }) => name),
      ...(options.redis !== undefined && { redisUrl: options.redis }),
      keyPrefix,
      accounts: mergeAccounts(before, accounts),
    });
  await save();
  await sitesReady;
  if (options.empty === true) return accounts;
  const filled = new Set<string>();
  try {
    await fillEmptyMailboxes(lifecycle, plan, driver, accounts, (address) => {
      filled.add(address);
      if (console.hasProgress && filled.size % 50 === 0) {
        console.note(`${filled.size} mailboxes filled`);
      }
    });
  } finally {
    accounts = accounts.map((account) =>
      filled.has(account.address) ? { ...account, hasMail: true } : account,
    );
    if (!folder.isTemporary) await save();
  }
  return accounts;
}

/** Accounts of an earlier run that this one was not asked for stay known. */
function mergeAccounts(before: readonly DemoAccount[], now: readonly DemoAccount[]): DemoAccount[] {
  const present = new Set(now.map(({ address }) => address));
  return [...now, ...before.filter(({ address }) => !present.has(address))];
}

async function listPlannedSites(
  plan: DeploymentPlan,
  driver: DirectoryDriver,
): Promise<readonly SiteRecord[]> {
  const records = await Promise.all(plan.sites.map(({ name }) => driver.getSite(name)));
  return records.filter((record) => record !== undefined);
}

async function fillEmptyMailboxes(
  lifecycle: Lifecycle,
  plan: DeploymentPlan,
  driver: DirectoryDriver,
  accounts: readonly DemoAccount[],
  onFilled: (address: string) => void,
): Promise<void> {
  const mailboxes = await Promise.all(
    accounts.map(async ({ address, displayName, hasMail, role }, index) => {
      if (hasMail || !isReadable(role)) return [];
      const id = await driver.findAccountId(address);
      const account = id === undefined ? undefined : await driver.getAccount(id);
      return account === undefined ? [] : [{ account, displayName, seed: index + 1 }];
    }),
  );
  const operatorKey = (await ensureKeys({ ...plan, frontEnds: [] })).at(-1)?.key.keyId ?? '';
  const connect = createOwnerConnector(
    {
      homes: { caFile: join(plan.folder, DEPLOYMENT_FILES.authority.certFile) },
      ticket: { keyId: operatorKey, keyFile: join(plan.folder, DEPLOYMENT_FILES.operatorKey) },
    },
    driver,
  );
  const nowMs = systemClock.nowMs();
  const { stopSignal: signal } = lifecycle;
  await fillMailboxes(mailboxes.flat(), { connect, nowMs, onFilled, signal });
}

/** Nobody ever sees the mail of the others. */
function isReadable(role: string): boolean {
  return role.startsWith('USER') || role === 'SHARED';
}

async function collectFacts(
  plan: DeploymentPlan,
  ports: DemoPorts,
  options: DemoOptions,
  accounts: readonly DemoAccount[],
  driver: DirectoryDriver,
): Promise<DemoFacts> {
  const records = await listPlannedSites(plan, driver);
  const place = async (account: DemoAccount): Promise<PlacedAccount> => {
    const site = records.find(({ name }) => name === account.site);
    const workers = plan.sites.find(({ name }) => name === account.site)?.workers ?? [];
    const id = await driver.findAccountId(account.address);
    const index = site && id && workerFor(site, id)?.workerIndex;
    const worker = workers[index ?? 0];
    if (worker === undefined) throw new Error(`${account.address} has no worker`);
    return { ...account, worker };
  };
  return {
    serverName: DEMO_SERVER_NAME,
    caFile: join(plan.folder, DEPLOYMENT_FILES.authority.certFile),
    configFile: join(plan.folder, DEPLOYMENT_FILES.operatorConfig),
    ports,
    sinkFolder: sinkFolderOf(plan),
    sites: plan.sites,
    directLogin: options.directLogin === true,
    accounts: await Promise.all(accounts.map(place)),
  };
}
