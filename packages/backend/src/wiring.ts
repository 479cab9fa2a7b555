/**
 * Joins the back end's ports with the packages behind them. The only file that constructs other
 * packages' classes.
 */
import { randomBytes } from 'node:crypto';
import {
  DirectoryAlarm,
  AppPasswordUses,
  createDirectoryView,
  createPasswordService,
  createScramJudge,
  createSettingsSource,
  type DirectoryDriver,
  openDirectory,
  type SiteName,
  type SiteRecord,
} from '@homeward/directory';
import type { SessionEvent as ImapEvent } from '@homeward/imap/session';
import {
  AcceptLimits,
  type ConnectionLimits,
  DeadlineWheel,
  openListener,
  openServerTls,
  type ServerTls,
  type SocketStream,
  upgradeToTls,
} from '@homeward/net';
import type { QueueDesk } from '@homeward/mail-queue';
import type { MailStore } from '@homeward/mailstore';
import type { SessionEvent as Pop3Event } from '@homeward/pop3/session';
import type { LoginType, MechanismName } from '@homeward/sasl';
import {
  type Clock,
  FollowedSettings,
  liveView,
  locateDirectory,
  type Logger,
  type Metrics,
  ProtocolLog,
  SessionLog,
} from '@homeward/service';
import type { BackEndConfig, WorkerAddressConfig, WorkerConfig } from './config.ts';
import { createReminders } from './connection/reminders.ts';
import { createImapService } from './connection/imap-service.ts';
import { LiveSessions } from './connection/live-sessions.ts';
import { createConnectionLog } from './connection/logger-log.ts';
import { createPop3Service } from './connection/pop3-service.ts';
import { SessionsByConversation } from './connection/sessions-by-conversation.ts';
import { type ServeParts, serveConnection } from './connection/serve-connection.ts';
import { openControl } from './control/open-control.ts';
import { DirectoryWatch } from './directory/directory-watch.ts';
import { createWorkerDirectory } from './directory/worker-directory.ts';
import { createDelivery } from './delivery/create-delivery.ts';
import { createLmtp, createSubmission } from './intake-wiring.ts';
import { serveLmtp } from './lmtp/serve-lmtp.ts';
import type { BackEndLogEvents } from './log-events.ts';
import { openMailQueue } from './mail-wiring.ts';
import { findScramParameters, type DirectLoginParts } from './login/direct-login.ts';
import { AccountWatch } from './login/account-watch.ts';
import { createLoginJudge } from './login/judge-login.ts';
import type { Login } from './login/login.ts';
import type { WorkerDirectory } from './login/ports.ts';
import { createTicketJudge } from './login/ticket-judge.ts';
import { SentCopies } from './submission/sent-copies.ts';
import { SentSink } from './submission/sent-sink.ts';
import { openStore } from './mail/open-store.ts';
import { openMailboxFor } from './mail/open-mailbox.ts';
import { SessionMailboxes } from './mail/session-mailboxes.ts';
import type { BackEndMetrics } from './metrics/back-end-metrics.ts';
import type { ServedProtocol } from './metrics/metric-labels.ts';
import {
  countConnections,
  countImapCommands,
  countPop3Commands,
} from './metrics/connection-counts.ts';
import { BACK_END_SETTING_FORMS, type BackEndSettings } from './settings.ts';
import { WorkerPeers } from './peers/worker-peers.ts';
import { StartError } from './start-error.ts';
import { BackEndWorker, type ListenerName, type OpenListener } from './worker.ts';

/** What the process gives to the worker in it. */
export interface ProcessParts {
  readonly clock: Clock;
  readonly log: Logger<BackEndLogEvents>;
  readonly metrics: Metrics<BackEndMetrics>;
}

/** How people log in at a home itself, where they may. */
const DIRECT_MECHANISMS: readonly MechanismName[] = [
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-256',
  'PLAIN',
  'LOGIN',
];
const NONCE_BYTES = 18;
const BANNER = 'Homeward is ready.';
const BAD_COMMAND_LIMIT = 10;
const EARLY_BYTES = 65_536;

function acceptLimitsOf({ limits }: Pick<BackEndSettings, 'limits'>): ConnectionLimits {
  return { total: limits.connectionsPerWorker, perAddress: Infinity };
}

/** Everything of one worker; the caller closes it. When it cannot start nothing is left open. */
export async function openBackEndWorker(
  config: BackEndConfig,
  workerIndex: number,
  process: ProcessParts,
): Promise<BackEndWorker> {
  const ports = config.workers[workerIndex];
  if (ports === undefined) throw new StartError(`workers: there is no entry ${workerIndex}`);
  await using stack = new AsyncDisposableStack();
  const wheel = new DeadlineWheel(process.clock);
  const tls = await openTls(config, process, stack);
  const deliveryTls = await openDeliveryTls(config, ports, process, stack);
  const limits = new AcceptLimits(acceptLimitsOf(config));
  const onSettings = (values: BackEndSettings): void => {
    limits.setLimits(acceptLimitsOf(values));
    void tls.setMinVersion(values.tls.minVersion);
    void deliveryTls?.setMinVersion(values.tls.minVersion);
    process.log.setLevel(values.logging.level);
  };
  const parts = { ...process, wheel, onSettings };
  const services = await openServices(config, workerIndex, parts, stack);
  const { settings } = services;
  const upgrade = async (stream: SocketStream): Promise<boolean> => {
    const limitMs = settings().tls.handshakeLimitSeconds * 1_000;
    return (await upgradeToTls(stream, tls, limitMs, wheel)).ok;
  };
  const serve: ServeParts = { ...services.serve, upgrade };
  const sessions = new LiveSessions();
  const connections = process.metrics.gauge('homeward_backend_connections');
  connections.read({}, () => limits.connectionCount);
  const refused = process.metrics.counter('homeward_backend_connections_refused_total');
  const listeners: OpenListener[] = [];
  for (const { name, address, service } of listenersOf(ports, services)) {
    const isImplicitTls = name.endsWith('s');
    const opened = await openListener(
      {
        ...address,
        limits,
        ...(isImplicitTls && {
          implicitTls: {
            tls: name === 'lmtps' ? (deliveryTls ?? tls) : tls,
            get handshakeLimitMs() {
              return settings().tls.handshakeLimitSeconds * 1_000;
            },
          },
        }),
        onConnection: (stream) => sessions.add(service(stream, serve)),
        onRefused: (reason, remote, detail) => {
          refused.add({ protocol: PROTOCOL_OF[name], reason });
          const fields = { protocol: name, clientAddress: remote.address };
          if (reason === 'gone') process.log.log('connection.left', fields);
          else process.log.log('connection.refused', { ...fields, reason, detail });
        },
      },
      wheel,
    );
    if (!opened.ok) {
      const where = `${address.host}:${address.port}`;
      throw new StartError(
        `workers[${workerIndex}].${name}: cannot listen on ${where}: ${opened.reason} ` +
          `(${opened.detail})`,
      );
    }
    stack.defer(() => opened.listener.close());
    listeners.push({ name, listener: opened.listener });
  }
  const { store, queue, findOwnSite } = services;
  const named = serve.sessions;
  await openControl(
    { config, workerIndex, store, queue, findOwnSite, sessions: named, ...process },
    stack,
  );
  return new BackEndWorker(
    listeners,
    sessions,
    stack.move(),
    (delayMs, run) => process.clock.after(delayMs, run, { keepsProcess: true }),
    services.isDirectoryKnown,
    services.applyConfig,
  );
}

const PROTOCOL_OF: Readonly<Record<ListenerName, ServedProtocol>> = {
  imaps: 'imap',
  imap: 'imap',
  pop3s: 'pop3',
  pop3: 'pop3',
  submissions: 'submission',
  submission: 'submission',
  lmtps: 'lmtp',
};

/** For the port where mail is delivered: who has no certificate of the authority is refused. */
async function openDeliveryTls(
  { tls, control: { clientCaFile } }: BackEndConfig,
  { lmtps }: WorkerConfig,
  { clock }: ProcessParts,
  stack: AsyncDisposableStack,
): Promise<ServerTls | undefined> {
  if (lmtps === undefined || clientCaFile === undefined) return undefined;
  const { certificates, minVersion } = tls;
  const nowMs = (): number => clock.nowMs();
  const opened = await openServerTls({ certificates, minVersion, clientCaFile, nowMs, clock });
  if (!opened.ok) {
    const { file, reason, detail } = opened;
    throw new StartError(`control.clientCaFile: ${file}: ${reason} (${detail})`);
  }
  stack.defer(() => opened.tls.close());
  return opened.tls;
}

async function openTls(
  config: BackEndConfig,
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
    onReload: (outcome) => {
      reloads.add({ outcome: outcome.ok ? 'loaded' : 'rejected' });
      if (outcome.ok) {
        log.log('certificate.loaded', {
          names: outcome.certificates.flatMap(({ names }) => names),
        });
      } else {
        const { file, reason, detail } = outcome;
        log.log('certificate.rejected', { file, reason, detail });
      }
    },
  });
  if (!opened.ok) {
    throw new StartError(`tls.certificates: ${opened.file}: ${opened.reason} (${opened.detail})`);
  }
  const { tls } = opened;
  stack.defer(() => tls.close());
  const expiry = metrics.gauge('homeward_tls_certificate_expiry_timestamp_seconds');
  expiry.read({}, () => Math.min(...tls.certificates.map(({ notAfterMs }) => notAfterMs)) / 1_000);
  return tls;
}

interface Services {
  readonly store: MailStore;
  readonly queue: QueueDesk;
  /** Those in force. */
  readonly settings: () => BackEndSettings;
  readonly applyConfig: (config: BackEndConfig) => void;
  readonly findOwnSite: () => SiteRecord | undefined;
  readonly isDirectoryKnown: () => boolean;
  readonly serve: Omit<ServeParts, 'upgrade'>;
  readonly imap: (stream: SocketStream, serve: ServeParts) => ReturnType<typeof serveConnection>;
  readonly pop3: (stream: SocketStream, serve: ServeParts) => ReturnType<typeof serveConnection>;
  readonly submission: Services['imap'];
  readonly lmtp: Services['imap'];
}

async function openServices(
  config: BackEndConfig,
  workerIndex: number,
  process: ProcessParts & {
    readonly wheel: DeadlineWheel;
    readonly onSettings: (values: BackEndSettings) => void;
  },
  stack: AsyncDisposableStack,
): Promise<Services> {
  const { clock, log, metrics, wheel } = process;
  const site = config.site as SiteName;
  let reason = 'it is not heard of';
  const onAvailability = (_isAvailable: boolean, why: string): void => void (reason = why);
  const driver = await openDirectory({
    ...(await locateDirectory(config.directory)),
    onAvailability,
  });
  stack.defer(() => driver.close());
  const alarm = new DirectoryAlarm({
    driver,
    onLost: () => log.log('directory.unavailable', { detail: reason }),
    onBack: (durationMs) => log.log('directory.recovered', { durationMs }),
  });
  stack.defer(() => alarm.close());
  const watch = new DirectoryWatch({
    driver,
    site,
    clock,
    onFault: (error) => log.log('directory.read-failed', { error }),
  });
  stack.defer(() => watch.close());
  await watch.read();
  const view = createDirectoryView(driver);
  stack.defer(() => view.close());
  const directory = createWorkerDirectory({ driver, view, watch });
  const settings = new FollowedSettings({
    forms: BACK_END_SETTING_FORMS,
    configured: config,
    source: createSettingsSource(driver),
    log,
    onChange(values) {
      protocolLog.settingsChanged();
      process.onSettings(values);
    },
  });
  const protocolLog = new ProtocolLog({
    half: 'backend',
    settings: () => settings.values.protocolLog,
    clock,
    log,
    metrics,
  });
  stack.defer(() => protocolLog.close());
  stack.defer(() => settings.close());
  await settings.open();
  const accounts = new AccountWatch({
    driver,
    directory,
    site,
    elapsedMs: () => clock.elapsedMs(),
    onFault: (error) => log.log('account-watch.failed', { error }),
  });
  stack.defer(() => accounts.close());
  const limits = liveView(() => settings.values.limits);
  const store = await openStore({ volumeFolder: config.volumeFolder, limits }, clock, log);
  stack.defer(() => store.close());
  const mailboxes = metrics.gauge('homeward_backend_open_mailboxes');
  mailboxes.read({}, () => store.openMailboxCount);
  const direct = config.directLogin
    ? openDirectLogin(site, { directory, driver }, process, stack)
    : undefined;
  const judge = createLoginJudge({
    judgeTicket: createTicketJudge(site, watch, clock),
    direct,
    directory,
    workerIndex,
  });
  const openMailbox = (
    login: Pick<Login, 'accountId' | 'epoch' | 'quota'>,
  ): ReturnType<typeof openMailboxFor> => openMailboxFor(login, { store, directory, site });
  const appended = metrics.counter('homeward_backend_appended_octets_total');
  const peers =
    config.workers.length === 1
      ? undefined
      : new WorkerPeers({
          volumeFolder: config.volumeFolder,
          workerIndex,
          wheel,
          clock,
          openHere: ({ owner, grantee }) => sessionMailboxes.openForPeer(owner, grantee),
          onFault: (error) => log.log('peer.failed', { error }),
        });
  const sentCopies = new SentCopies(() => clock.elapsedMs());
  const sessionMailboxes = new SessionMailboxes({
    site,
    workerIndex,
    volumeFolder: config.volumeFolder,
    openAtPeer: peers && ((index, request) => peers.open(index, request)),
    driver,
    view,
    findOwnSite: () => watch.ownSite,
    openMailbox,
    elapsedMs: () => clock.elapsedMs(),
    onAppended: (byteCount) => appended.add({}, byteCount),
    watchAppend: (sink, mailbox, path) =>
      settings.values.submission.saveSentCopy || sentCopies.hasHad(mailbox.accountId)
        ? new SentSink(sink, mailbox, path, sentCopies)
        : sink,
    onFault: (error) => log.log('share-index.failed', { error }),
  });
  const delivery = createDelivery({
    site,
    workerIndex,
    view,
    settings: () => settings.values.mail,
    findOwnSite: () => watch.ownSite,
    openMailbox,
    onDelivered: (byteCount) => appended.add({}, byteCount),
  });
  const serverName = (): string =>
    watch.ownSite?.serverName ?? settings.values.submission.serverName;
  const queue = await openMailQueue(
    {
      config,
      workerIndex,
      settings: () => settings.values,
      delivery,
      view,
      driver,
      serverName,
      wheel,
      clock,
      log,
      metrics,
    },
    stack,
  );
  if (peers !== undefined) {
    stack.defer(() => peers.close());
    await peers.listen();
  }
  const intake = {
    settings: () => settings.values,
    loginOptions: { ...loginOptionsOf(config), offersStartTls: true },
    openMailbox,
    delivery,
    queue: queue.intake,
    serverName,
    view,
    sentCopies,
    breathe,
    clock,
    log,
    metrics,
  };
  const submission = createSubmission(intake);
  const lmtp = createLmtp(intake);
  return {
    store,
    queue: queue.desk,
    settings: () => settings.values,
    applyConfig: (other) => settings.setConfigured(other),
    findOwnSite: () => watch.ownSite,
    isDirectoryKnown: () => watch.isKnown,
    serve: {
      judge,
      findScramParameters: async (names) =>
        direct === undefined ? 'direct-login-off' : findScramParameters(names, direct),
      makeNonce: () => randomBytes(NONCE_BYTES).toString('base64'),
      log: countConnections(metrics, createConnectionLog(log, config.site)),
      openLines: ({ protocol, conversationId, client }, server) =>
        new SessionLog(protocolLog, {
          protocol,
          sessionId: conversationId,
          server,
          client,
        }),
      elapsedMs: () => clock.elapsedMs(),
      watchAccount: (login, session) => accounts.watch(login, session),
      sessions: new SessionsByConversation(),
      limits: {
        get preAuthMs() {
          return settings.values.idleLimits.preAuthenticatedSeconds * 1_000;
        },
        get authenticatedMs() {
          return settings.values.idleLimits.authenticatedSeconds * 1_000;
        },
      },
    },
    ...createProtocolServices({ config, settings, openMailbox, sessionMailboxes }, process),
    submission: (stream, serve) => serveConnection(stream, submission, serve),
    lmtp: (stream) => serveLmtp(stream, lmtp),
  };
}

interface ServiceParts {
  readonly config: BackEndConfig;
  readonly settings: FollowedSettings<BackEndSettings>;
  readonly openMailbox: (login: Login) => ReturnType<typeof openMailboxFor>;
  readonly sessionMailboxes: SessionMailboxes;
}

function createProtocolServices(
  { config, settings, openMailbox, sessionMailboxes }: ServiceParts,
  { clock, log, metrics }: ProcessParts,
): Pick<Services, 'imap' | 'pop3'> {
  const shared = loginOptionsOf(config);
  const limits = liveView(() => settings.values.limits);
  const countImap = countImapCommands(metrics);
  const countPop3 = countPop3Commands(metrics);
  const imap = createImapService({
    login: { ...shared, offersStartTls: true },
    limits,
    openMailbox,
    nowMs: () => clock.nowMs(),
    breathe,
    remindRegularly: createReminders(new DeadlineWheel(clock)),
    observe(event) {
      countImap(event);
      logSessionEvent(log, event);
    },
    mailboxFor: (login, mailbox) => sessionMailboxes.createFor(login, mailbox),
  });
  const pop3 = createPop3Service({
    login: { ...shared, offersStls: true, offersUser: config.directLogin },
    limits,
    settings: () => settings.values.pop3,
    clock,
    openMailbox,
    breathe,
    observe(event) {
      countPop3(event);
      logSessionEvent(log, event);
    },
  });
  return {
    imap: (stream, serve) => serveConnection(stream, imap, serve),
    pop3: (stream, serve) => serveConnection(stream, pop3, serve),
  };
}

function loginOptionsOf(config: BackEndConfig): LoginOptions {
  return {
    banner: BANNER,
    // A plain port is there for measurements and closed networks, or not at all.
    loginType: config.directLogin || config.plainFrontEnds ? 'PlainTextLogin' : 'SecureLogin',
    mechanisms: config.directLogin ? ['OAUTHBEARER', ...DIRECT_MECHANISMS] : ['OAUTHBEARER'],
    earlyBytes: EARLY_BYTES,
    badCommandLimit: BAD_COMMAND_LIMIT,
  };
}

interface LoginOptions {
  readonly banner: string;
  readonly loginType: LoginType;
  readonly mechanisms: readonly MechanismName[];
  readonly earlyBytes: number;
  readonly badCommandLimit: number;
}

function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function logSessionEvent(log: Logger<BackEndLogEvents>, event: ImapEvent | Pop3Event): void {
  if (event.kind === 'failed') {
    log.log('session.failed', { command: event.command, error: event.error });
  } else if (event.kind === 'client-id') {
    log.log('session.client-identified', {
      name: event.fields.get('name'),
      version: event.fields.get('version'),
    });
  }
}

function openDirectLogin(
  site: SiteName,
  { directory, driver }: { readonly directory: WorkerDirectory; readonly driver: DirectoryDriver },
  { clock, log }: ProcessParts,
  stack: AsyncDisposableStack,
): DirectLoginParts {
  const passwords = createPasswordService({
    onFault: (error) => log.log('password-thread.failed', { error }),
  });
  stack.defer(() => passwords.close());
  const scram = createScramJudge(driver);
  const uses = new AppPasswordUses({
    driver,
    clock,
    onFault: (error) => log.log('directory.read-failed', { error }),
  });
  return {
    site,
    directory,
    judgePassword: (record, password) => passwords.verifyPassword(record, password),
    judgeProof: (record, proof, protocol) => scram.verify(record, proof, protocol),
    noteAppPasswordUse: (id, appPasswordId) => uses.note(id, appPasswordId),
    scram,
    makeConversationId: () => randomBytes(9).toString('base64url'),
  };
}

interface PlannedListener {
  readonly name: ListenerName;
  readonly address: WorkerAddressConfig;
  readonly service: Services['imap'];
}

function listenersOf(
  ports: WorkerConfig,
  { imap, pop3, submission, lmtp }: Services,
): readonly PlannedListener[] {
  const plan: PlannedListener[] = [
    { name: 'imaps', address: ports.imaps, service: imap },
    { name: 'pop3s', address: ports.pop3s, service: pop3 },
  ];
  if (ports.imap !== undefined) plan.push({ name: 'imap', address: ports.imap, service: imap });
  if (ports.pop3 !== undefined) plan.push({ name: 'pop3', address: ports.pop3, service: pop3 });
  const mail = [
    ['submissions', ports.submissions, submission],
    ['submission', ports.submission, submission],
    ['lmtps', ports.lmtps, lmtp],
  ] as const;
  for (const [name, address, service] of mail) {
    if (address !== undefined) plan.push({ name, address, service });
  }
  return plan;
}
