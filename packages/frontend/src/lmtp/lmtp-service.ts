/** LMTP at a front end: its doors, who may come in, and the connections that are served. */
import { createNetworkSetting } from '@homeward/login-guards';
import {
  type AcceptLimits,
  type AcceptRefusal,
  createProxyProtocolStep,
  type DeadlineWheel,
  type Listener,
  openListener,
  type ServerTls,
  type SocketStream,
} from '@homeward/net';
import { formatReply } from '@homeward/smtp/grammar';
import type { FrontEndLog } from '../log-events.ts';
import { StartError } from '../start-error.ts';
import type { LmtpListenerConfig, LmtpSettings } from './lmtp-settings.ts';
import { type LmtpConnection, serveLmtp, type ServeLmtpParts } from './serve-lmtp.ts';

export interface LmtpServiceParts extends ServeLmtpParts {
  readonly limits: AcceptLimits;
  readonly wheel: DeadlineWheel;
  /** Wants certificates of `lmtp.clientCaFile`; undefined where no door has TLS. */
  readonly tls: ServerTls | undefined;
  readonly handshakeLimitMs: () => number;
  readonly sharesPorts: boolean;
  readonly nextConversationId: () => string;
  readonly log: FrontEndLog;
  readonly onRefused: (reason: AcceptRefusal | 'untrusted') => void;
}

/** One open door. */
export interface LmtpDoor {
  readonly tls: LmtpListenerConfig['tls'];
  readonly listener: Listener;
}

export class LmtpService {
  readonly #parts: LmtpServiceParts;
  readonly #trusted = createNetworkSetting();
  readonly #connections = new Set<LmtpConnection>();
  readonly #doors: LmtpDoor[] = [];

  constructor(parts: LmtpServiceParts) {
    this.#parts = parts;
  }

  get doors(): readonly LmtpDoor[] {
    return this.#doors;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** @throws StartError if it cannot be opened. The caller closes the listener. */
  async open(config: LmtpListenerConfig): Promise<Listener> {
    const { host, port, tls: mode, proxyProtocol } = config;
    const { limits, wheel, tls, handshakeLimitMs, sharesPorts, onRefused, log } = this.#parts;
    const { mode: proxyMode, trustedNetworks, headerLimitSeconds } = proxyProtocol;
    const headerLimitMs = headerLimitSeconds * 1_000;
    const opened = await openListener(
      {
        host,
        port,
        reusePort: sharesPorts,
        limits,
        steps:
          proxyMode === 'off'
            ? []
            : [createProxyProtocolStep({ mode: proxyMode, trustedNetworks, headerLimitMs }, wheel)],
        ...(mode === 'implicit' &&
          tls !== undefined && {
            implicitTls: {
              tls,
              get handshakeLimitMs(): number {
                return handshakeLimitMs();
              },
            },
          }),
        refusalWords: (reason) =>
          reason.startsWith('too-many')
            ? formatReply(421, '4.3.2', 'Too many connections')
            : undefined,
        onRefused: (reason, { address: clientAddress }, detail) => {
          onRefused(reason);
          if (reason === 'gone') return;
          log.log('lmtp.refused', { clientAddress, reason, detail });
        },
        onConnection: (stream) => this.#take(stream, mode === 'implicit'),
      },
      wheel,
    );
    if (!opened.ok) {
      throw new StartError('lmtp.listeners', `${host}:${port}: ${opened.reason}, ${opened.detail}`);
    }
    this.#doors.push({ tls: mode, listener: opened.listener });
    return opened.listener;
  }

  /** Connections end at their next safe point. Settles when all are gone. */
  async stopAll(): Promise<void> {
    for (const connection of this.#connections) connection.requestEnd('shutting-down');
    await Promise.all([...this.#connections].map(({ done }) => done));
  }

  destroyAll(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  #take(stream: SocketStream, isTls: boolean): void {
    const { settings, fanOut, log, onRefused } = this.#parts;
    const { enabled, trustedNetworks }: LmtpSettings = settings();
    const { address } = stream.remote;
    if (!isTls && !this.#trusted.has(trustedNetworks, address)) {
      onRefused('untrusted');
      log.log('lmtp.refused', { clientAddress: address, reason: 'untrusted', detail: undefined });
      sayAndEnd(stream, formatReply(554, '5.7.1', 'Mail is not taken from your address'));
      return;
    }
    if (!enabled || !fanOut.isOpen()) {
      sayAndEnd(stream, formatReply(421, '4.3.2', 'This front end takes no mail now'));
      return;
    }
    const client = { conversationId: this.#parts.nextConversationId(), address, isTls };
    const connection = serveLmtp(stream, client, this.#parts);
    this.#connections.add(connection);
    void connection.done.then(() => this.#connections.delete(connection));
  }
}

function sayAndEnd(stream: SocketStream, text: string): void {
  void stream.write(text);
  void stream.end();
}
