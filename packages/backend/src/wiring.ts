/**
 * Joins the back end's ports with the packages behind them. This file and those in `wiring/` are
 * the only ones that construct other packages' classes.
 */
import type { SiteRecord } from '@homeward/directory';
import type { QueueDesk } from '@homeward/mail-queue';
import type { MailStore } from '@homeward/mailstore';
import { AcceptLimits, type ConnectionLimits, DeadlineWheel, type ServerTls } from '@homeward/net';
import type { BackEndConfig } from './config.ts';
import { claimedService } from './connection/claimed-service.ts';
import { LiveSessions } from './connection/live-sessions.ts';
import type { ProtocolService } from './connection/protocol-service.ts';
import { serveConnection, type ServeParts } from './connection/serve-connection.ts';
import { openControl } from './control/open-control.ts';
import { createDelivery } from './delivery/create-delivery.ts';
import { serveLmtp } from './lmtp/serve-lmtp.ts';
import type { ServedProtocol } from './metrics/metric-labels.ts';
import type { BackEndSettings } from './settings.ts';
import { StartError } from './start-error.ts';
import { createServeParts } from './wiring/connection-wiring.ts';
import { followSettings, openAccountWatch, openDirectoryParts } from './wiring/directory-wiring.ts';
import { openListeners, type Service } from './wiring/listener-wiring.ts';
import { createLmtp } from './wiring/lmtp-wiring.ts';
import { type CountParts, openCounts } from './wiring/count-wiring.ts';
import { createLogin } from './wiring/login-wiring.ts';
import { openDirectLogin } from './wiring/secret-wiring.ts';
import { createMailboxes, openMailStore } from './wiring/mailbox-wiring.ts';
import type { ProcessParts, WorkerParts } from './wiring/process-parts.ts';
import { openMailQueue } from './wiring/queue-wiring.ts';
import { createImap, createPop3 } from './wiring/reader-wiring.ts';
import { createSubmission } from './wiring/submission-wiring.ts';
import { openDeliveryTls, openTls } from './wiring/tls-wiring.ts';
import { BackEndWorker } from './worker.ts';

/** Everything of one worker; the caller closes it. When it cannot start nothing is left open. */
export async function openBackEndWorker(
  config: BackEndConfig,
  workerIndex: number,
  process: ProcessParts,
): Promise<BackEndWorker> {
  const ports = config.workers[workerIndex];
  if (ports === undefined) throw new StartError(`workers: there is no entry ${workerIndex}`);
  await using stack = new AsyncDisposableStack();
  const { clock, log } = process;
  const parts = { ...process, config, workerIndex, wheel: new DeadlineWheel(clock) };
  const tls = await openTls(parts, stack);
  const deliveryTls = await openDeliveryTls(parts, stack);
  const limits = new AcceptLimits(acceptLimitsOf(config));
  const onSettings = (values: BackEndSettings): void => {
    limits.setLimits(acceptLimitsOf(values));
    void tls.setMinVersion(values.tls.minVersion);
    void deliveryTls?.setMinVersion(values.tls.minVersion);
    log.setLevel(values.logging.level);
  };
  const opened = await openServices({ tls, onSettings }, parts, stack);
  const { services, settings, store, queue, findOwnSite } = opened;
  const sessions = new LiveSessions();
  const reception = { ports, services, sessions, limits, tls, deliveryTls, settings };
  const listeners = await openListeners(reception, parts, stack);
  const controlParts = { ...parts, store, queue, findOwnSite, sessions: opened.named };
  const controlTls = await openControl(controlParts, stack);
  return new BackEndWorker({
    listeners,
    sessions,
    clock,
    random: Math.random,
    stopWindowMs: config.stopWindowSeconds * 1000,
    isDirectoryKnown: opened.isDirectoryKnown,
    applyConfig(other) {
      opened.applyConfig(other);
      const { certificates, ticketKeysFile } = other.tls;
      void tls.setFiles({ certificates, ticketKeysFile });
      void deliveryTls?.setFiles({ certificates });
      void controlTls?.setFiles({ certificates });
    },
    stack: stack.move(),
  });
}

function acceptLimitsOf({ limits }: Pick<BackEndSettings, 'limits'>): ConnectionLimits {
  return { total: limits.connectionsPerWorker, perAddress: Infinity };
}

/** What is behind the ports, and what tells how it is. */
interface OpenServices {
  readonly services: Readonly<Record<ServedProtocol, Service>>;
  readonly store: MailStore;
  readonly queue: QueueDesk;
  /** Those in force. */
  readonly settings: () => BackEndSettings;
  readonly applyConfig: (config: BackEndConfig) => void;
  readonly findOwnSite: () => SiteRecord | undefined;
  readonly isDirectoryKnown: () => boolean;
  /** Sessions by the names that front ends gave to them. */
  readonly named: ServeParts['sessions'];
}

async function openServices(
  {
    tls,
    onSettings,
  }: { readonly tls: ServerTls; readonly onSettings: (values: BackEndSettings) => void },
  parts: WorkerParts,
  stack: AsyncDisposableStack,
): Promise<OpenServices> {
  const { config, workerIndex } = parts;
  const directory = await openDirectoryParts(parts, stack);
  const { site, driver, view, watch } = directory;
  const direct = config.directLogin
    ? openDirectLogin(directory, () => live.settings(), parts, stack)
    : undefined;
  const onChange = (values: BackEndSettings): void => {
    onSettings(values);
    direct?.configure(values);
  };
  const live = await followSettings(driver, onChange, parts, stack);
  const { settings } = live;
  const accounts = openAccountWatch(directory, parts, stack);
  const store = await openMailStore(settings, parts, stack);
  const login = createLogin(directory, direct?.login, settings, parts);
  const mailboxes = createMailboxes({ store, directory, settings }, parts);
  const { openMailbox, onAppended, peers } = mailboxes;
  const findOwnSite = (): SiteRecord | undefined => watch.ownSite;
  const delivery = createDelivery({
    site,
    workerIndex,
    view,
    settings: () => settings().mail,
    findOwnSite,
    openMailbox,
    onDelivered: onAppended,
  });
  const serverName = (): string => watch.ownSite?.serverName ?? settings().submission.serverName;
  const mail = { ...parts, settings, delivery, view, driver, serverName };
  const queue = await openMailQueue(mail, stack);
  if (peers !== undefined) {
    stack.defer(() => peers.close());
    await peers.listen();
  }
  const intake = { ...mail, queue: queue.intake };
  const submission = createSubmission({ ...intake, ...mailboxes });
  const lmtp = createLmtp(intake);
  const imap = createImap({ settings, ...mailboxes }, parts);
  const pop3 = createPop3({ settings, ...mailboxes }, parts);
  const counts = config.directLogin
    ? await openCounts(directory, settings, parts, stack)
    : undefined;
  const needs = { ...live, login, accounts, tls, directSessions: counts?.sessions };
  const serve = createServeParts(needs, parts, stack);
  return {
    services: {
      imap: serviceOf(imap, serve, counts),
      pop3: serviceOf(pop3, serve, counts),
      submission: serviceOf(submission, serve, counts),
      lmtp: (stream) => serveLmtp(stream, lmtp),
    },
    store,
    queue: queue.desk,
    settings,
    applyConfig: (other) => live.followed.setConfigured(other),
    findOwnSite,
    isDirectoryKnown: () => watch.isKnown,
    named: serve.sessions,
  };
}

/** @param counts Undefined: front ends count their sessions. */
function serviceOf<Resource>(
  service: ProtocolService<Resource>,
  serve: ServeParts,
  counts: CountParts | undefined,
): Service {
  if (counts === undefined) return (stream) => serveConnection(stream, service, serve);
  const claimed = claimedService(service, counts.claim);
  return (stream) => serveConnection(stream, claimed, serve);
}
