/** The ports of a worker, and which service is behind each. */
import { bypassWords, proxySteps } from '@homeward/login-guards';
import {
  type AcceptLimits,
  formatEndpoint,
  openListener,
  type ServerTls,
  type SocketStream,
} from '@homeward/net';
import type { WorkerConfig, WorkerDoorConfig } from '../config.ts';
import type { LiveSession, LiveSessions } from '../connection/live-sessions.ts';
import type { ServedProtocol } from '../metrics/metric-labels.ts';
import type { BackEndSettings } from '../settings.ts';
import { StartError } from '../start-error.ts';
import type { ListenerName, OpenListener } from '../worker.ts';
import type { WorkerParts } from './process-parts.ts';

/** Begins to serve a connection. */
export type Service = (stream: SocketStream) => LiveSession;

/** What listeners are made of beside what the worker has. */
export interface ListenerNeeds {
  readonly ports: WorkerConfig;
  readonly services: Readonly<Record<ServedProtocol, Service>>;
  readonly sessions: LiveSessions;
  readonly limits: AcceptLimits;
  readonly tls: ServerTls;
  readonly deliveryTls: ServerTls | undefined;
  /** Those in force. */
  readonly settings: () => BackEndSettings;
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
/** In the order in which they are opened. */
const LISTENER_NAMES = [
  'imaps',
  'pop3s',
  'imap',
  'pop3',
  'submissions',
  'submission',
  'lmtps',
] as const satisfies readonly ListenerName[];

/**
 * Opens those that are configured; the stack closes them.
 *
 * @throws StartError when one cannot listen.
 */
export async function openListeners(
  needs: ListenerNeeds,
  parts: WorkerParts,
  stack: AsyncDisposableStack,
): Promise<readonly OpenListener[]> {
  const { limits, ports } = needs;
  const connections = parts.metrics.gauge('homeward_backend_connections');
  connections.read({}, () => limits.connectionCount);
  const listeners: OpenListener[] = [];
  for (const name of LISTENER_NAMES) {
    const address = ports[name];
    if (address === undefined) continue;
    const opened = await open(name, address, needs, parts);
    stack.defer(() => opened.listener.close());
    listeners.push(opened);
  }
  return listeners;
}

async function open(
  name: ListenerName,
  { proxyProtocol, ...address }: WorkerDoorConfig,
  needs: ListenerNeeds,
  { workerIndex, wheel, log, metrics }: WorkerParts,
): Promise<OpenListener> {
  const { limits, services, sessions } = needs;
  const protocol = PROTOCOL_OF[name];
  const refused = metrics.counter('homeward_backend_connections_refused_total');
  const opened = await openListener(
    {
      ...address,
      limits,
      ...(proxyProtocol !== undefined && { steps: proxySteps(proxyProtocol, wheel) }),
      ...(name.endsWith('s') && { implicitTls: implicitTlsOf(name, needs) }),
      onConnection: (stream) => sessions.add(services[protocol](stream)),
      refusalWords: (reason) => (protocol === 'lmtp' ? undefined : bypassWords(protocol, reason)),
      onRefused: (reason, remote, detail, via) => {
        refused.add({ protocol, reason });
        const fields = {
          protocol: name,
          clientAddress: remote.address,
          via: via && formatEndpoint(via),
        };
        if (reason === 'gone') log.log('connection.left', fields);
        else log.log('connection.refused', { ...fields, reason, detail });
      },
    },
    wheel,
  );
  if (opened.ok) return { name, listener: opened.listener };
  const where = `${address.host}:${address.port}`;
  throw new StartError(
    `workers[${workerIndex}].${name}: cannot listen on ${where}: ${opened.reason} ` +
      `(${opened.detail})`,
  );
}

function implicitTlsOf(
  name: ListenerName,
  { tls, deliveryTls, settings }: ListenerNeeds,
): { readonly tls: ServerTls; readonly handshakeLimitMs: number } {
  return {
    tls: name === 'lmtps' ? (deliveryTls ?? tls) : tls,
    get handshakeLimitMs() {
      return settings().tls.handshakeLimitSeconds * 1_000;
    },
  };
}
