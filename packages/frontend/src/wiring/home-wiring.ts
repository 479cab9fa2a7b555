/** The way to homes: connections, other software, health, and how sessions end there. */
import { readFile } from 'node:fs/promises';
import type { DeadlineWheel, OwnAddresses } from '@homeward/net';
import { ClientTls, loadClientTls } from '@homeward/net';
import { createForeignDialler } from '../adapters/foreign-dialler.ts';
import { createInnerDialler } from '../adapters/stream-home.ts';
import type { FrontEndConfig } from '../config.ts';
import type { ConversationPorts, SessionEnder } from '../conversation/ports.ts';
import type { InnerDialler } from '../login/ports.ts';
import { createControlFinder } from '../ending/find-control.ts';
import { HomeControl } from '../ending/home-control.ts';
import { createSafeEnder } from '../ending/safe-ender.ts';
import { createSendEnds } from '../ending/send-ends.ts';
import { createForeignDialogue } from '../foreign/create-foreign-dialogue.ts';
import type { ForeignParts } from '../foreign/foreign-ports.ts';
import { MasterSecretFiles } from '../foreign/master-secret-files.ts';
import { WarmForeignHomes } from '../foreign/warm-foreign-homes.ts';
import { createProbes } from '../health/create-probes.ts';
import { HomeHealth } from '../health/home-health.ts';
import type { LiveSettings } from '../live-settings.ts';
import { createHealthCounts, watchHostStates } from '../metrics/health-counts.ts';
import { WarmPool } from '../warm-pool.ts';
import type { ProcessParts } from './process-parts.ts';
import { blame } from '../start-error.ts';

/** Where sessions are opened, and how they end there. */
export interface HomeParts extends Pick<
  ConversationPorts,
  'connections' | 'foreign' | 'probes' | 'ender'
> {
  readonly health: HomeHealth;
  readonly masterSecrets: MasterSecretFiles;
}

/** For one dial; below a login's deadline, so that a refusal names the true reason. */
const DIAL_BUDGET_MS = 4000;
/** Below the time that homes give a connection to log in. */
const WARM_AGE_MS = 30_000;
/** Others give little time to log in: Exchange a minute, Dovecot three. */
const FOREIGN_WARM_AGE_MS = 20_000;
const DEMAND_WINDOW_MS = 10_000;

/** What the way home is made of beside what the process gives. */
export interface HomeNeeds {
  readonly wheel: DeadlineWheel;
  readonly settings: LiveSettings;
  readonly dialogues: ConversationPorts['dialogues'];
  readonly accounts: ConversationPorts['accounts'];
  readonly ownAddresses: OwnAddresses;
}

/** Opens it; the stack closes it. */
export async function openHomes(
  config: FrontEndConfig,
  { wheel, settings, dialogues, accounts, ownAddresses }: HomeNeeds,
  parts: ProcessParts,
  stack: AsyncDisposableStack,
): Promise<HomeParts> {
  const { clock, log, metrics } = parts;
  const dialler = await openDialler(config, wheel, parts);
  const connections = openWarmPool(settings, dialler, dialogues, parts);
  stack.defer(() => connections.close());
  const masterSecrets = new MasterSecretFiles(config.homes.secrets, clock);
  const foreignNeeds = { wheel, settings, ownAddresses, masterSecrets };
  const foreign = await openForeign(config, foreignNeeds, parts, stack);
  const health = new HomeHealth({
    clock,
    log,
    counts: createHealthCounts(metrics),
    probes: config.homes.probes,
    random: Math.random,
  });
  stack.defer(() => health.close());
  watchHostStates(metrics, health);
  const probes = createProbes({
    dialler,
    createDialogue: (protocol) => dialogues.createUpstreamDialogue(protocol),
    foreign: { ...foreign, clock },
  });
  metrics.gauge('homeward_frontend_warm_connections').read({}, () => connections.waitingCount);
  const ender = createEnder(config, accounts, settings, parts);
  return { connections, foreign, health, masterSecrets, probes, ender };
}

async function openDialler(
  { homes }: FrontEndConfig,
  wheel: DeadlineWheel,
  { metrics }: ProcessParts,
): Promise<InnerDialler> {
  const trust = await blame('homes.caFile', () => loadClientTls(homes.caFile));
  const handshakes = metrics.counter('homeward_frontend_home_handshakes_total');
  return createInnerDialler(trust, wheel, {
    budgetMs: DIAL_BUDGET_MS,
    goesPlain: homes.tls === 'none',
    onTls: (isResumed) => handshakes.add({ kind: isResumed ? 'resumed' : 'full' }),
  });
}

function openWarmPool(
  settings: LiveSettings,
  dialler: InnerDialler,
  dialogues: ConversationPorts['dialogues'],
  { clock, log }: ProcessParts,
): WarmPool {
  return new WarmPool({
    dialler,
    createDialogue: (protocol) => dialogues.createUpstreamDialogue(protocol),
    clock,
    log,
    limits: {
      get maxPerPlace() {
        return settings.values.homes.warmConnectionsPerWorker;
      },
      maxAgeMs: WARM_AGE_MS,
      demandWindowMs: DEMAND_WINDOW_MS,
      dialBudgetMs: DIAL_BUDGET_MS,
    },
  });
}

/** What logs in at sites of other software. */
async function openForeign(
  { homes }: FrontEndConfig,
  {
    wheel,
    settings,
    ownAddresses,
    masterSecrets,
  }: Pick<HomeNeeds, 'wheel' | 'settings' | 'ownAddresses'> & Pick<HomeParts, 'masterSecrets'>,
  { clock, log, metrics }: ProcessParts,
  stack: AsyncDisposableStack,
): Promise<ForeignParts> {
  const certificates: Record<string, { readonly cert: string; readonly key: string }> = {};
  for (const [name, { certFile, keyFile }] of Object.entries(homes.clientCertificates)) {
    certificates[name] = await blame(`homes.clientCertificates.${name}`, async () => ({
      cert: await readFile(certFile, 'utf8'),
      key: await readFile(keyFile, 'utf8'),
    }));
  }
  const dialler = createForeignDialler({
    wheel,
    certificates,
    ownAddresses,
    createTls: (options) => new ClientTls(options),
  });
  const given = metrics.counter('homeward_frontend_foreign_connections_total');
  const warm = new WarmForeignHomes({
    dialler,
    createDialogue: createForeignDialogue,
    clock,
    log,
    limits: {
      get maxPerPlace() {
        return settings.values.homes.warmConnectionsPerForeignHost;
      },
      maxAgeMs: FOREIGN_WARM_AGE_MS,
      demandWindowMs: DEMAND_WINDOW_MS,
      dialBudgetMs: DIAL_BUDGET_MS,
    },
    onGiven: (kind) => given.add({ kind }),
  });
  stack.defer(() => warm.close());
  const waiting = metrics.gauge('homeward_frontend_foreign_warm_connections');
  waiting.read({}, () => warm.waitingCount);
  return {
    dialler,
    warm,
    secrets: masterSecrets,
    createDialogue: createForeignDialogue,
    dialBudgetMs: DIAL_BUDGET_MS,
  };
}

/** Without a certificate for control ports, sessions end by what both sides said last. */
function createEnder(
  { control, homes }: FrontEndConfig,
  accounts: ConversationPorts['accounts'],
  settings: LiveSettings,
  { clock, log }: ProcessParts,
): SessionEnder {
  const askHomes =
    control &&
    new HomeControl({
      findPlace: createControlFinder(accounts),
      send: createSendEnds({ ...control, caFile: homes.caFile }, { clock, log }),
    });
  return createSafeEnder({
    control: askHomes ?? { askToEnd: () => Promise.resolve(false) },
    clock,
    graceMs: () => settings.values.draining.commandSeconds * 1000,
  });
}
