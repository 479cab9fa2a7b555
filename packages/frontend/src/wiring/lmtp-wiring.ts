/** Mail from MTAs: what takes it, and the way to homes. */
import { createMailAddresses, type DirectoryView } from '@homeward/directory';
import { createDeliveryTls, LmtpLinks } from '@homeward/home-delivery';
import {
  AcceptLimits,
  ClientTls,
  type DeadlineWheel,
  openServerTls,
  type ServerTls,
} from '@homeward/net';
import type { SessionEvent } from '@homeward/smtp/session';
import type { FrontEndConfig } from '../config.ts';
import { createConversationIds } from '../conversation/conversation-id.ts';
import type { LiveSettings } from '../live-settings.ts';
import type { FanOutClient } from '../lmtp/fan-out-port.ts';
import { HomeFinder } from '../lmtp/find-homes.ts';
import { LmtpService } from '../lmtp/lmtp-service.ts';
import { StartError } from '../start-error.ts';
import type { ProcessParts } from './process-parts.ts';

/** What it is made of beside what the process gives. */
export interface LmtpNeeds {
  readonly view: DirectoryView;
  readonly wheel: DeadlineWheel;
  readonly settings: LiveSettings;
  readonly isOpen: () => boolean;
  /** Has it follow settings and configuration. */
  readonly useTls: (tls: ServerTls) => void;
}

/** An MTA waits for five minutes for an answer (RFC 5321 §4.5.3.2), and for ten behind a message. */
/** A connection is an MTA's for a whole transaction; Postfix has 20 of them at once. */
const PER_DOOR = 32;
const LIMITS = { answerMs: 20_000, finalMs: 120_000, stallMs: 10_000 };

/** Opens its doors; the stack closes them. @returns undefined where it has none. */
export async function openLmtp(
  config: FrontEndConfig,
  { view, wheel, settings, isOpen, useTls }: LmtpNeeds,
  parts: ProcessParts,
  stack: AsyncDisposableStack,
): Promise<LmtpService | undefined> {
  const { lmtp, control, homes, workers } = config;
  if (lmtp.listeners.length === 0 || control === undefined) return undefined;
  const { clock, log, metrics } = parts;
  const files = { caFile: homes.caFile, ...control };
  const links = new LmtpLinks({
    tls: createDeliveryTls(files, (options) => new ClientTls(options)),
    wheel,
    clientName: lmtp.serverName,
    perDoor: PER_DOOR,
    limits: LIMITS,
  });
  stack.defer(() => links.close());
  const addresses = createMailAddresses({ directory: view, settings: () => settings.values.mail });
  const recipients = metrics.counter('homeward_frontend_lmtp_recipients_total');
  const refused = metrics.counter('homeward_frontend_lmtp_connections_refused_total');
  const ids = createConversationIds();
  const elapsedMs = (): number => clock.elapsedMs();
  const tls = await openLmtpTls(config, parts, stack);
  if (tls !== undefined) useTls(tls);
  const service = new LmtpService({
    fanOut: {
      homes: new HomeFinder({ addresses, view }),
      links,
      events: {
        onRecipient: (outcome) => recipients.add({ outcome }),
        onAway: (site, detail) => log.log('lmtp.site-away', { site, detail }),
      },
      isOpen,
      serverName: () => settings.values.lmtp.serverName,
      nowMs: () => clock.nowMs(),
      elapsedMs,
    },
    settings: () => settings.values.lmtp,
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
    observe: (client, event) => observe(client, event, parts),
    onEnded: ({ conversationId, address }, reason, durationMs) =>
      log.log('lmtp.ended', { conversationId, clientAddress: address, reason, durationMs }),
    onFault: (error) => log.log('lmtp.failed', { error }),
    limits: new AcceptLimits({
      get total() {
        return settings.values.lmtp.maxConnections;
      },
      perAddress: Infinity,
    }),
    wheel,
    tls,
    handshakeLimitMs: () => settings.values.tls.handshakeLimitSeconds * 1_000,
    sharesPorts: workers > 1,
    nextConversationId: () => ids.next(),
    log,
    onRefused: (reason) => refused.add({ reason }),
  });
  for (const listener of lmtp.listeners) {
    const opened = await service.open(listener);
    stack.defer(() => opened.close());
  }
  metrics.gauge('homeward_frontend_lmtp_connections').read({}, () => service.connectionCount);
  return service;
}

/** The certificates are those that clients see. */
async function openLmtpTls(
  { lmtp, tls }: FrontEndConfig,
  { clock, log }: ProcessParts,
  stack: AsyncDisposableStack,
): Promise<ServerTls | undefined> {
  const { clientCaFile } = lmtp;
  if (clientCaFile === undefined) return undefined;
  const opened = await openServerTls({
    certificates: tls.certificates,
    minVersion: tls.minVersion,
    clientCaFile,
    nowMs: () => clock.nowMs(),
    clock,
    onReload: (outcome) => {
      if (outcome.ok) return;
      const { file, reason, detail } = outcome;
      log.log('certificate.rejected', { file, reason, detail });
    },
  });
  if (!opened.ok) {
    throw new StartError('lmtp.clientCaFile', `${opened.file}: ${opened.reason}, ${opened.detail}`);
  }
  stack.defer(() => opened.tls.close());
  return opened.tls;
}

function observe(
  { conversationId, address }: FanOutClient,
  event: SessionEvent,
  { log }: ProcessParts,
): void {
  if (event.kind === 'failed') log.log('lmtp.failed', { conversationId, error: event.error });
  if (event.kind !== 'message') return;
  const { reference, sizeBytes, recipientCount, refusedCount } = event;
  const counts = { sizeBytes, recipientCount, refusedCount };
  log.log('lmtp.message', { conversationId, clientAddress: address, reference, ...counts });
}
