/** The doors: opens every configured listener and hands its clients to conversations. */
import {
  countedNetwork,
  formatEndpoint,
  openListener,
  type AcceptLimits,
  type DeadlineWheel,
  type Endpoint,
  type Listener,
  type ListenerOptions,
  type OwnAddresses,
  type ServerTls,
  type SocketStream,
} from '@homeward/net';
import { bypassWords, proxySteps } from '@homeward/login-guards';
import type { ClientListenerConfig } from '@homeward/service';
import { StreamClient } from './adapters/stream-client.ts';
import type { FrontEndConfig } from './config.ts';
import type { ConversationSet } from './conversation/conversation-set.ts';
import type { ConversationPorts } from './conversation/ports.ts';
import type { DoorRefusal } from './door-refusal.ts';
import { MAIL_PROTOCOLS, type MailProtocol } from './login/ports.ts';
import type { FrontEndLog } from './log-events.ts';
import { StartError } from './start-error.ts';

/** Everything behind the doors. */
export interface Reception {
  readonly ports: ConversationPorts;
  readonly conversations: ConversationSet;
  readonly wheel: DeadlineWheel;
  readonly limits: AcceptLimits;
  readonly tls: ServerTls;
  /** False while newcomers are to go to another front end. */
  readonly isOpen: () => boolean;
  /** How long load balancers have to see that. */
  readonly noticeMs: () => number;
  /** As it is set now. */
  readonly handshakeLimitMs: () => number;
  /** Told where the doors are. */
  readonly ownAddresses: OwnAddresses;
}

/** One open door. */
export interface OpenDoor {
  readonly protocol: MailProtocol;
  readonly tls: ClientListenerConfig['tls'];
  readonly listener: Listener;
}

/**
 * RFC 7301 §6: the names under which protocols are registered. Submission has none, so a client
 * that offers names of its own finds none here that it could take.
 */
const ALPN_NAMES: Readonly<Record<MailProtocol, string | undefined>> = {
  imap: 'imap',
  pop3: 'pop3',
  submission: undefined,
};

/** @throws StartError at the first one that cannot be opened; `stack` closes the others. */
export async function listenForClients(
  config: FrontEndConfig,
  reception: Reception,
  stack: AsyncDisposableStack,
): Promise<readonly OpenDoor[]> {
  const doors: OpenDoor[] = [];
  for (const protocol of MAIL_PROTOCOLS) {
    for (const door of config[protocol].listeners) {
      const listener = await openDoor(protocol, door, config, reception);
      stack.defer(() => listener.close());
      reception.ownAddresses.add(listener.local);
      doors.push({ protocol, tls: door.tls, listener });
    }
  }
  return doors;
}

async function openDoor(
  protocol: MailProtocol,
  { host, port, tls: mode, proxyProtocol }: ClientListenerConfig,
  { workers }: FrontEndConfig,
  { ports, isOpen, conversations, wheel, limits, tls, handshakeLimitMs }: Reception,
): Promise<Listener> {
  const { log, metrics, dialogues, settings } = ports;
  const alpn = ALPN_NAMES[protocol];
  const parts = {
    tls,
    wheel,
    ...(alpn !== undefined && { alpn }),
    get handshakeLimitMs(): number {
      return handshakeLimitMs();
    },
  };
  const upgrade = mode === 'starttls' ? parts : undefined;
  const words = dialogues.createLoginDialogue(protocol, mode, undefined);
  const onRefused = (
    reason: DoorRefusal,
    remote: Endpoint,
    detail?: string,
    via?: Endpoint,
  ): void => {
    metrics.connectionRefused(protocol, reason);
    logRefusal(log, reason, {
      protocol,
      clientAddress: remote.address,
      via: via && formatEndpoint(via),
      detail,
    });
  };
  const limitWords = (detail: string): string => words.farewell('limit', detail);
  const options: ListenerOptions = {
    host,
    port,
    reusePort: workers > 1,
    limits,
    steps: proxySteps(proxyProtocol, wheel),
    ...(mode === 'implicit' && { implicitTls: parts }),
    refusalWords(reason, { address }) {
      const { total, perAddress } = limits.current;
      if (reason === 'too-many-connections') return limitWords(`${total} (connectionLimits.total)`);
      if (reason === 'too-many-from-address') {
        const from = countedNetwork(address);
        return limitWords(`${perAddress} from ${from} (connectionLimits.perAddress)`);
      }
      return bypassWords(protocol, reason);
    },
    onRefused,
    onHandshake: (durationMs) => metrics.phaseEnded(protocol, 'tls', durationMs),
    onConnection(stream: SocketStream) {
      const client = new StreamClient(stream, upgrade, mode === 'balancer');
      // The balancer has not said that there is TLS: then there is none.
      const offered = mode === 'balancer' && client.tls === undefined ? 'none' : mode;
      const dialogue = dialogues.createLoginDialogue(protocol, offered, client);
      const isEnabled = settings.isProtocolEnabled(protocol);
      if (isEnabled && isOpen()) {
        conversations.begin({ protocol, client, dialogue });
        return;
      }
      const reason = isEnabled ? 'draining' : 'switched-off';
      onRefused(reason, stream.remote, undefined, stream.via);
      void client.write(dialogue.farewell(reason));
      void client.close();
    },
  };
  const opened = await openListener(options, wheel);
  if (opened.ok) return opened.listener;
  const { reason, detail } = opened;
  throw new StartError(`${protocol}.listeners`, `${host}:${port}: ${reason}, ${detail}`);
}

function logRefusal(
  log: FrontEndLog,
  reason: DoorRefusal,
  {
    detail,
    ...fields
  }: Readonly<Record<'protocol' | 'clientAddress' | 'via' | 'detail', string | undefined>>,
): void {
  // Nobody was turned away: balancers ask so, all day long, whether the port is open.
  if (reason === 'gone') log.log('connection.left', fields);
  else log.log('connection.refused', { ...fields, reason, detail });
}
