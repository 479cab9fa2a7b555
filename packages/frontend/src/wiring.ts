/**
 * Joins the conversation's ports with the packages behind them. The only file that constructs
 * other packages' classes.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  AppPasswordUses,
  createDirectoryView,
  DirectoryAlarm,
  createLoginThrottle,
  createPasswordService,
  createScramJudge,
  createSettingsSource,
  createSharedSecrets,
  openComponentStates,
  openDirectory,
  VerifiedSecrets,
  type DirectoryDriver,
  type DirectoryView,
} from '@homeward/directory';
import { LdapAccounts } from '@homeward/ldap';
import {
  AcceptLimits,
  ClientTls,
  createNetworkTest,
  type ConnectionLimits,
  DeadlineWheel,
  loadClientTls,
  openServerTls,
  OwnAddresses,
  type ServerTls,
} from '@homeward/net';
import {
  FollowedSettings,
  ProtocolLog,
  locateDirectory,
  readSecretFile,
  SessionLog,
  type Clock,
  type DirectoryConfig,
  type LogLevel,
  type Metrics,
} from '@homeward/service';
import { createTicketSigner, type TicketSigner } from '@homeward/ticket';
import { createTokenJudge } from '@homeward/token-issuers';
import { createClientAccess } from './access/client-access.ts';
import { createAccountLookup } from './adapters/account-lookup.ts';
import { createSecretVerifier } from './adapters/secret-verifier.ts';
import { createForeignDialler } from './adapters/foreign-dialler.ts';
import { createInnerDialler } from './adapters/stream-home.ts';
import { createStreamRelay } from './adapters/stream-relay.ts';
import { createCommonKey } from './common-key.ts';
import { SETTING_FORMS, type FrontEndConfig, type SettingValues } from './config.ts';
import { LoginQueue } from './login/login-queue.ts';
import { ConversationSet } from './conversation/conversation-set.ts';
import type { ConversationPorts, SessionEnder } from './conversation/ports.ts';
import type { InnerDialler } from './login/ports.ts';
import { createDialogueFactory } from './dialogues.ts';
import { createControlFinder } from './ending/find-control.ts';
import { HomeControl } from './ending/home-control.ts';
import { createSafeEnder } from './ending/safe-ender.ts';
import { SessionEndDesk } from './ending/session-end-desk.ts';
import { createSendEnds } from './ending/send-ends.ts';
import { createForeignDialogue } from './foreign/create-foreign-dialogue.ts';
import type { ForeignParts } from './foreign/foreign-ports.ts';
import { createMasterSecrets } from './foreign/master-secret-files.ts';
import { DIRECTORY_COPY_LIFE_MS, FrontEndWorker } from './front-end-worker.ts';
import { createProbes } from './health/create-probes.ts';
import { HomeHealth } from './health/home-health.ts';
import { listenForClients, type Reception } from './listeners.ts';
import { LiveSettings } from './live-settings.ts';
import type { FrontEndLog } from './log-events.ts';
import { createConversationCounts } from './metrics/conversation-counts.ts';
import { Maintenance } from './maintenance/maintenance.ts';
import type { FrontEndMetrics } from './metrics/front-end-metrics.ts';
import { createHealthCounts, watchHostStates } from './metrics/health-counts.ts';
import { RevocationWatch } from './revocation/revocation-watch.ts';
import { TokenExpiry } from './revocation/token-expiry.ts';
import { StartError } from './start-error.ts';
import { createLoginGate, type TarpitGate } from './throttle/login-gate.ts';
import { WarmPool } from './warm-pool.ts';

/** What the process gives to the front end in it. */
export interface ProcessParts {
  readonly clock: Clock;
  readonly log: FrontEndLog & { readonly setLevel?: (level: LogLevel) => void };
  readonly metrics: Metrics<FrontEndMetrics>;
  /** Unique among the workers that share a directory: names the lease of their sessions. */
  readonly workerName: string;
}

/** See `SaslSurroundings`: 144 bits. */
const NONCE_BYTES = 18;
/** What one core does well at once, and what people wait for. */
const LOGIN_QUEUE_LIMITS = { atOnce: 64, holdMs: 1_000, waitMs: 10_000 };
/** For one dial; below a login's deadline, so that a refusal names the true reason. */
const DIAL_BUDGET_MS = 4000;
/** Below the time that homes give a connection to log in. */
const WARM_AGE_MS = 30_000;
const DEMAND_WINDOW_MS = 10_000;
/** Of accounts from LDAP; as many as of others. */
const REMEMBERED_SECRETS = 10_000;

/**
 * Opens everything of one worker; the caller closes it.
 *
 * @throws StartError when something is not as it must be; nothing is left open then.
 */
export async function openFrontEndWorker(
  config: FrontEndConfig,
  parts: ProcessParts,
): Promise<FrontEndWorker> {
  await using stack = new AsyncDisposableStack();
  const { reception, view, health, maintenance, followed } = await openReception(
    config,
    parts,
    stack,
  );
  const doors = await listenForClients(config, reception, stack);
  return new FrontEndWorker({
    doors,
    conversations: reception.conversations,
    clock: parts.clock,
    directoryBehindMs: () => view.behindMs(),
    isProtocolEnabled: (protocol) => reception.ports.settings.isProtocolEnabled(protocol),
    findHomeFault: () => health.findFault(),
    findMaintenanceFault: () => maintenance.findFault(),
    stopping: () => ({
      noticeMs: reception.noticeMs(),
      windowMs: config.stopWindowSeconds * 1000,
      random: Math.random,
    }),
    applyConfig: (other) => followed.setConfigured(other),
    stack: stack.move(),
  });
}

async function openReception(
  config: FrontEndConfig,
  parts: ProcessParts,
  stack: AsyncDisposableStack,
): Promise<{
  readonly reception: Reception;
  readonly view: DirectoryView;
  readonly health: HomeHealth;
  readonly maintenance: Maintenance;
  readonly followed: FollowedSettings<SettingValues>;
}> {
  const { clock, log, metrics } = parts;
  const wheel = new DeadlineWheel(clock);
  const tls = await openTls(config, parts, stack);
  const signer = await openSigner(config, clock);
  const directory = await openAccounts(config.directory, parts, stack);
  const view = createDirectoryView(directory, { maxAgeWhenAwayMs: DIRECTORY_COPY_LIFE_MS });
  stack.defer(() => view.close());
  const registry = await directory.openLease(parts.workerName);
  stack.defer(() => registry.close());
  const hashed = metrics.counter('homeward_frontend_passwords_hashed_total');
  const passwords = createPasswordService({
    onFault: (error) => log.log('password-thread.failed', { error }),
    onHashed: () => hashed.add({}),
  });
  stack.defer(() => passwords.close());
  const addressRegistry = await directory.openAddressLease(parts.workerName);
  stack.defer(() => addressRegistry.close());
  const limits = new AcceptLimits(acceptLimitsOf(config.connectionLimits));
  const ldap = openLdap(config, directory, parts);
  stack.defer(() => ldap.close());
  const uses = new AppPasswordUses({
    driver: directory,
    clock,
    onFault: (error) => log.log('app-password-note.failed', { error }),
  });
  const tokens = createTokenJudge({
    clock,
    onKeysRead: (issuer, detail) => {
      if (detail === undefined) log.log('issuer-keys.loaded', { issuer });
      else log.log('issuer-keys.unavailable', { issuer, detail });
    },
  });
  stack.defer(() => tokens.close());
  tokens.setIssuers(config.oauth.issuers);
  const followed = new FollowedSettings({
    forms: SETTING_FORMS,
    configured: config,
    source: createSettingsSource(directory),
    log,
    onChange({
      connectionLimits,
      oauth,
      ldap: ldapSettings,
      tls: { minVersion },
      logging: { level },
    }) {
      tokens.setIssuers(oauth.issuers);
      limits.setLimits(acceptLimitsOf(connectionLimits));
      ldap.configure(ldapSettings);
      protocolLog.settingsChanged();
      void tls.setMinVersion(minVersion);
      log.setLevel?.(level);
    },
  });
  const protocolLog = new ProtocolLog({
    half: 'frontend',
    settings: () => followed.values.protocolLog,
    clock,
    log,
    metrics,
  });
  stack.defer(() => protocolLog.close());
  stack.defer(() => followed.close());
  await followed.open();
  const settings = new LiveSettings(followed);
  const dialogues = createDialogueFactory(settings, () =>
    randomBytes(NONCE_BYTES).toString('base64'),
  );
  const dialler = await openDialler(config, wheel, parts);
  const connections = openWarmPool(settings, dialler, dialogues, parts);
  stack.defer(() => connections.close());
  const accounts = createAccountLookup(view, ldap);
  const ownAddresses = new OwnAddresses();
  const foreign = await openForeign(config, wheel, ownAddresses, clock);
  const counts = createHealthCounts(metrics);
  const { probes: isProbing } = config.homes;
  const health = new HomeHealth({ clock, log, counts, probes: isProbing, random: Math.random });
  stack.defer(() => health.close());
  watchHostStates(metrics, health);
  const probes = createProbes({
    dialler,
    createDialogue: (protocol) => dialogues.createUpstreamDialogue(protocol),
    foreign: { ...foreign, clock },
  });
  const maintenance = await openMaintenance(config, directory, settings, parts, stack);
  const ports: ConversationPorts = {
    accounts,
    access: createClientAccess({
      rules: () => settings.values.clientAccess.rules,
      deniedNetworks: () => settings.values.throttle.denyNetworks,
    }),
    queues: {
      lookUp: new LoginQueue(clock, LOGIN_QUEUE_LIMITS),
      home: new LoginQueue(clock, LOGIN_QUEUE_LIMITS),
    },
    gate: openGate(directory, settings, parts),
    tokens,
    sharedSecrets: createSharedSecrets(
      directory.throttle,
      createCommonKey(config.tls.ticketKeysFile, clock),
    ),
    verifier: createSecretVerifier(passwords, createScramJudge(directory), uses),
    ldap,
    registry,
    addressRegistry,
    connections,
    foreign,
    health,
    probes,
    relay: createStreamRelay(wheel),
    ender: createEnder(config, accounts, settings, parts),
    maintenance,
    signer,
    dialogues,
    clock,
    log,
    protocolLog: {
      openSession: (facts) =>
        protocolLog.isOn(facts.protocol) ? new SessionLog(protocolLog, facts) : undefined,
    },
    metrics: createConversationCounts(metrics),
    settings,
  };
  metrics.gauge('homeward_frontend_passwords_in_queue').read({}, () => passwords.load);
  metrics.gauge('homeward_frontend_warm_connections').read({}, () => connections.waitingCount);
  const behind = metrics.gauge('homeward_frontend_directory_behind_seconds');
  behind.read({}, () => view.behindMs() / 1000);
  const conversations = new ConversationSet(ports);
  const revocations = new RevocationWatch({
    driver: directory,
    conversations,
    clock,
    onFault: (error) => log.log('revocation.failed', { error }),
  });
  stack.defer(() => revocations.close());
  const expiry = new TokenExpiry({ conversations, clock });
  stack.defer(() => expiry.close());
  maintenance.watch(conversations);
  const desk = new SessionEndDesk({
    driver: directory,
    leaseId: registry.id,
    frontEnd: config.name,
    conversations,
    log,
  });
  stack.defer(() => desk.close());
  await desk.look();
  const handshakeLimitMs = (): number => settings.values.tls.handshakeLimitSeconds * 1000;
  const isOpen = (): boolean => maintenance.isOpen;
  const reception = {
    ports,
    conversations,
    wheel,
    limits,
    tls,
    handshakeLimitMs,
    ownAddresses,
    isOpen,
    noticeMs: () => settings.values.draining.noticeSeconds * 1000,
  };
  return { reception, view, health, maintenance, followed };
}

async function openMaintenance(
  { name }: FrontEndConfig,
  directory: DirectoryDriver,
  settings: LiveSettings,
  { clock, log }: ProcessParts,
  stack: AsyncDisposableStack,
): Promise<Maintenance> {
  const states = await openComponentStates({
    driver: directory,
    onFault: (error) => log.log('session-end.failed', { error }),
  });
  stack.defer(() => states.close());
  const maintenance = new Maintenance({
    states,
    frontEnd: name,
    clock,
    random: Math.random,
    settings: () => settings.values.draining,
    log,
  });
  stack.defer(() => maintenance.close());
  return maintenance;
}

/** Without a certificate for control ports, sessions end when both sides are silent. */
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

function acceptLimitsOf({
  total,
  perAddress,
  exemptNetworks,
}: FrontEndConfig['connectionLimits']): ConnectionLimits {
  return { total, perAddress, isExempt: createNetworkTest(exemptNetworks) };
}

function openGate(
  directory: DirectoryDriver,
  settings: LiveSettings,
  { clock, log, metrics }: ProcessParts,
): TarpitGate {
  const throttled = metrics.counter('homeward_frontend_throttled_logins_total');
  const gate = createLoginGate({
    throttle: createLoginThrottle(directory.throttle),
    clock,
    log,
    metrics: { loginThrottled: (cause, action) => throttled.add({ cause, action }) },
    settings: () => settings.values.throttle,
  });
  metrics.gauge('homeward_frontend_held_logins').read({}, () => gate.heldCount);
  return gate;
}

async function openTls(
  config: FrontEndConfig,
  { clock, log, metrics }: ProcessParts,
  stack: AsyncDisposableStack,
): Promise<ServerTls> {
  const reloads = metrics.counter('homeward_tls_reloads_total');
  const opened = await openServerTls({
    certificates: config.tls.certificates,
    minVersion: config.tls.minVersion,
    ticketKeysFile: config.tls.ticketKeysFile,
    nowMs: () => clock.nowMs(),
    clock,
    onReload(outcome) {
      reloads.add({ outcome: outcome.ok ? 'loaded' : 'rejected' });
      if (outcome.ok) {
        const files = outcome.certificates.map(({ certFile }) => certFile);
        log.log('certificate.loaded', { files });
      } else {
        const { file, reason, detail } = outcome;
        log.log('certificate.rejected', { file, reason, detail });
      }
    },
  });
  if (!opened.ok) {
    throw new StartError('tls.certificates', `${opened.file}: ${opened.reason}, ${opened.detail}`);
  }
  const { tls } = opened;
  stack.defer(() => tls.close());
  const expiry = metrics.gauge('homeward_tls_certificate_expiry_timestamp_seconds');
  expiry.read({}, () => Math.min(...tls.certificates.map(({ notAfterMs }) => notAfterMs)) / 1000);
  return tls;
}

async function openSigner({ ticket }: FrontEndConfig, clock: Clock): Promise<TicketSigner> {
  return blame('ticket.keyFile', async () => {
    const privateKey = await readFile(ticket.keyFile, 'utf8');
    return createTicketSigner({ keyId: ticket.keyId, privateKey, nowMs: () => clock.nowMs() });
  });
}

async function openAccounts(
  config: DirectoryConfig,
  { log }: ProcessParts,
  stack: AsyncDisposableStack,
): Promise<DirectoryDriver> {
  let reason = 'it is not heard of';
  const onAvailability = (_isAvailable: boolean, why: string): void => void (reason = why);
  const directory = await blame('directory', async () =>
    openDirectory({ ...(await locateDirectory(config)), onAvailability }),
  );
  stack.defer(() => directory.close());
  const alarm = new DirectoryAlarm({
    driver: directory,
    onLost: () => log.log('directory.unavailable', { detail: reason }),
    onBack: (durationMs) => log.log('directory.recovered', { durationMs }),
  });
  stack.defer(() => alarm.close());
  return directory;
}

function openLdap(
  { ldap: settings }: FrontEndConfig,
  store: DirectoryDriver,
  { clock, log, metrics }: ProcessParts,
): LdapAccounts {
  const durations = metrics.histogram('homeward_frontend_ldap_duration_seconds');
  return new LdapAccounts({
    settings,
    store,
    nowMs: () => clock.nowMs(),
    elapsedMs: () => clock.elapsedMs(),
    readFile: (file) => readFile(file, 'utf8'),
    readSecretFile,
    rememberSecrets: (lifeMs) => new VerifiedSecrets(clock, lifeMs, REMEMBERED_SECRETS),
    onEvent: ({ name, ...fields }) => log.log(name, fields),
    onAsked: ({ operation, outcome, durationMs }) =>
      durations.observe({ operation, outcome }, durationMs / 1000),
  });
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
      get maxPerWorker() {
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
  wheel: DeadlineWheel,
  ownAddresses: OwnAddresses,
  clock: Clock,
): Promise<ForeignParts> {
  const certificates: Record<string, { readonly cert: string; readonly key: string }> = {};
  for (const [name, { certFile, keyFile }] of Object.entries(homes.clientCertificates)) {
    certificates[name] = await blame(`homes.clientCertificates.${name}`, async () => ({
      cert: await readFile(certFile, 'utf8'),
      key: await readFile(keyFile, 'utf8'),
    }));
  }
  return {
    dialler: createForeignDialler({
      wheel,
      certificates,
      ownAddresses,
      createTls: (options) => new ClientTls(options),
    }),
    secrets: createMasterSecrets(homes.secrets, clock),
    createDialogue: createForeignDialogue,
    dialBudgetMs: DIAL_BUDGET_MS,
  };
}

/** Opening a part throws only for what an operator gave: say where. */
async function blame<Part>(setting: string, open: () => Promise<Part>): Promise<Part> {
  try {
    return await open();
  } catch (error) {
    throw new StartError(setting, error instanceof Error ? error.message : 'unknown', error);
  }
}
