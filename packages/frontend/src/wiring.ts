/**
 * Joins the conversation's ports with the packages behind them. This file and those in `wiring/`
 * are the only ones that construct other packages' classes.
 */
import { randomBytes } from 'node:crypto';
import {
  createDirectoryView,
  createSettingsSource,
  type DirectoryDriver,
  type DirectoryView,
  type SessionLease,
} from '@homeward/directory';
import { createClientAccess, SessionEndDesk, TokenExpiry } from '@homeward/login-guards';
import { AcceptLimits, DeadlineWheel, OwnAddresses, type ServerTls } from '@homeward/net';
import { FollowedSettings, ProtocolLog, SessionLog } from '@homeward/service';
import { createAccountLookup } from './adapters/account-lookup.ts';
import { createStreamRelay } from './adapters/stream-relay.ts';
import { SETTING_FORMS, type FrontEndConfig, type SettingValues } from './config.ts';
import { ConversationSet } from './conversation/conversation-set.ts';
import type { ConversationPorts } from './conversation/ports.ts';
import { createDialogueFactory } from './dialogues.ts';
import { kickedFilter } from './ending/kicked-filter.ts';
import { DIRECTORY_COPY_LIFE_MS, FrontEndWorker } from './front-end-worker.ts';
import type { HomeHealth } from './health/home-health.ts';
import { listenForClients, type Reception } from './listeners.ts';
import { LiveSettings } from './live-settings.ts';
import { LoginQueue } from './login/login-queue.ts';
import type { Maintenance } from './maintenance/maintenance.ts';
import { AfterPeak } from './memory/after-peak.ts';
import { createConversationCounts } from './metrics/conversation-counts.ts';
import { RevocationWatch } from './revocation/revocation-watch.ts';
import { acceptLimitsOf, openTls } from './wiring/client-wiring.ts';
import { openAccounts, openMaintenance } from './wiring/directory-wiring.ts';
import { openLmtp } from './wiring/lmtp-wiring.ts';
import { openHomes } from './wiring/home-wiring.ts';
import type { ProcessParts } from './wiring/process-parts.ts';
import { openGate, openSecrets, openSigner, type SecretParts } from './wiring/secret-wiring.ts';

/** See `SaslSurroundings`: 144 bits. */
const NONCE_BYTES = 18;
/** What one core does well at once, and what people wait for. */
const LOGIN_QUEUE_LIMITS = { atOnce: 64, holdMs: 1_000, waitMs: 10_000 };

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
  const opened = await openReception(config, parts, stack);
  const { reception, view, settings, health, maintenance } = opened;
  const doors = await listenForClients(config, reception, stack);
  const { wheel, isOpen } = reception;
  const { useTls } = opened;
  const lmtp = await openLmtp(config, { view, wheel, settings, isOpen, useTls }, parts, stack);
  return new FrontEndWorker({
    doors,
    conversations: reception.conversations,
    lmtp,
    isLmtpEnabled: () => settings.values.lmtp.enabled,
    clock: parts.clock,
    directoryBehindMs: () => view.behindMs(),
    whyDirectoryAway: opened.whyAway,
    isProtocolEnabled: (protocol) => reception.ports.settings.isProtocolEnabled(protocol),
    homes: health,
    findMaintenanceFault: () => maintenance.findFault(),
    stopping: () => ({
      noticeMs: reception.noticeMs(),
      windowMs: config.stopWindowSeconds * 1000,
      random: Math.random,
    }),
    applyConfig: opened.applyConfig,
    stack: stack.move(),
  });
}

/** Everything behind the doors, and what tells how it is. */
interface OpenReception {
  readonly reception: Reception;
  readonly view: DirectoryView;
  readonly whyAway: () => string;
  readonly settings: LiveSettings;
  readonly health: HomeHealth;
  readonly maintenance: Maintenance;
  readonly applyConfig: (config: FrontEndConfig) => void;
  /** Has it follow the settings and the configuration, as those of clients do. */
  readonly useTls: (tls: ServerTls) => void;
}

async function openReception(
  config: FrontEndConfig,
  parts: ProcessParts,
  stack: AsyncDisposableStack,
): Promise<OpenReception> {
  const { clock, log, metrics } = parts;
  const wheel = new DeadlineWheel(clock);
  const tls = await openTls(config, parts, stack);
  const signer = await openSigner(config, clock);
  const { directory, whyAway } = await openAccounts(config.directory, parts, stack);
  const view = openView(directory, parts, stack);
  const registry = await directory.openLease(parts.workerName);
  stack.defer(() => registry.close());
  const addressRegistry = await directory.openAddressLease(parts.workerName);
  stack.defer(() => addressRegistry.close());
  const limits = new AcceptLimits(acceptLimitsOf(config.connectionLimits));
  const secrets = openSecrets(config, directory, parts, stack);
  const allTls = [tls];
  const live = await followSettings(config, directory, { allTls, limits, secrets }, parts, stack);
  const { followed, protocolLog, settings } = live;
  const dialogues = createDialogueFactory(settings, () =>
    randomBytes(NONCE_BYTES).toString('base64'),
  );
  const accounts = createAccountLookup(view, secrets.ldap);
  const ownAddresses = new OwnAddresses();
  const needs = { wheel, settings, dialogues, accounts, ownAddresses };
  const homes = await openHomes(config, needs, parts, stack);
  const maintenance = await openMaintenance(config, directory, settings, parts, stack);
  const ports: ConversationPorts = {
    ...secrets,
    ...homes,
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
    registry,
    addressRegistry,
    relay: createStreamRelay(wheel),
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
  const conversations = new ConversationSet(ports);
  maintenance.watch(conversations);
  await watchConversations(config, directory, { conversations, registry }, parts, stack);
  // The kind that gives V8's spare pages back as well; after others V8 keeps them as long as it is
  // quiet. There is none where a Node.js was started otherwise than by us.
  const collect = (): void => globalThis.gc?.({ type: 'major', flavor: 'last-resort' });
  const afterPeak = new AfterPeak({ clock, count: () => conversations.count, collect });
  stack.defer(() => afterPeak.close());
  const reception = {
    ports,
    conversations,
    wheel,
    limits,
    tls,
    ownAddresses,
    handshakeLimitMs: () => settings.values.tls.handshakeLimitSeconds * 1000,
    isOpen: () => maintenance.isOpen,
    noticeMs: () => settings.values.draining.noticeSeconds * 1000,
  };
  return {
    reception,
    view,
    whyAway,
    settings,
    health: homes.health,
    maintenance,
    applyConfig(other) {
      followed.setConfigured(other);
      homes.masterSecrets.setFiles(other.homes.secrets);
      const { certificates, ticketKeysFile } = other.tls;
      for (const one of allTls) {
        // Sessions of clients are not to be resumed where a certificate is asked for.
        void one.setFiles(one === tls ? { certificates, ticketKeysFile } : { certificates });
      }
    },
    useTls(one) {
      allTls.push(one);
      void one.setMinVersion(settings.values.tls.minVersion);
    },
  };
}

function openView(
  directory: DirectoryDriver,
  { metrics }: ProcessParts,
  stack: AsyncDisposableStack,
): DirectoryView {
  const view = createDirectoryView(directory, { maxAgeWhenAwayMs: DIRECTORY_COPY_LIFE_MS });
  stack.defer(() => view.close());
  const behind = metrics.gauge('homeward_frontend_directory_behind_seconds');
  behind.read({}, () => view.behindMs() / 1000);
  return view;
}

/** Settings, and what has to be told when one changes; everything else reads them. */
async function followSettings(
  config: FrontEndConfig,
  directory: DirectoryDriver,
  {
    allTls,
    limits,
    secrets,
  }: {
    readonly allTls: readonly ServerTls[];
    readonly limits: AcceptLimits;
    readonly secrets: SecretParts;
  },
  { clock, log, metrics }: ProcessParts,
  stack: AsyncDisposableStack,
): Promise<{
  readonly followed: FollowedSettings<SettingValues>;
  readonly protocolLog: ProtocolLog;
  readonly settings: LiveSettings;
}> {
  const followed = new FollowedSettings({
    forms: SETTING_FORMS,
    configured: config,
    source: createSettingsSource(directory),
    log,
    onChange(values) {
      secrets.tokens.setIssuers(values.oauth.issuers);
      secrets.ldap.configure(values.ldap);
      limits.setLimits(acceptLimitsOf(values.connectionLimits));
      protocolLog.settingsChanged();
      for (const tls of allTls) void tls.setMinVersion(values.tls.minVersion);
      log.setLevel?.(values.logging.level);
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
  return { followed, protocolLog, settings: new LiveSettings(followed) };
}

/** Whatever ends sessions that nobody here wanted to end. */
async function watchConversations(
  { name }: FrontEndConfig,
  directory: DirectoryDriver,
  {
    conversations,
    registry,
  }: { readonly conversations: ConversationSet; readonly registry: SessionLease },
  { clock, log }: ProcessParts,
  stack: AsyncDisposableStack,
): Promise<void> {
  const revocations = new RevocationWatch({
    driver: directory,
    conversations,
    clock,
    onFault: (error) => log.log('revocation.failed', { error }),
  });
  stack.defer(() => revocations.close());
  const expiry = new TokenExpiry({
    sessions: conversations,
    expiryOf: ({ session }) =>
      session?.secret.kind === 'token' ? session.secret.expiresAtMs : Infinity,
    end: (conversation) => conversation.end('token-expired'),
    clock,
  });
  stack.defer(() => expiry.close());
  const desk = new SessionEndDesk({
    driver: directory,
    leaseId: registry.id,
    frontEnd: name,
    end: (request) => conversations.end(kickedFilter(request), 'kicked'),
    log,
  });
  stack.defer(() => desk.close());
  await desk.look();
}
