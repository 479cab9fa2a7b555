/**
 * Listens on one address and hands over connections that are worth talking to. What happens
 * between the kernel's accept and that moment is a row of steps: the limit on all
 * connections, the given steps (a PROXY protocol header is one: it may replace the client's
 * address and put octets back), the limit per address, then TLS. Each step may refuse.
 *
 * Every socket that was accepted is known here until it is closed, whoever owns it by then,
 * so that `close` leaves none behind.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { AcceptLimits } from './accept-limits.ts';
import type { AcceptRefusal, AcceptStep, ArrivingConnection } from './accepting.ts';
import type { DeadlineWheel } from './deadline-wheel.ts';
import { refuseLateHeader } from './late-header.ts';
import { type Endpoint, remoteEndpoint } from './peer-facts.ts';
import { KEEP_ALIVE_DELAY_MS, SocketStream } from './socket-stream.ts';
import type { ServerTls } from './tls-context.ts';
import { shakeHands } from './tls-upgrade.ts';

export interface ListenerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Several processes may listen on the same port (SO_REUSEPORT). */
  readonly reusePort?: boolean;
  /** Default 4,096; the system may have a lower limit (net.core.somaxconn). */
  readonly backlog?: number;
  /** TLS from the first octet (RFC 8314 §3); without it the connection starts in plaintext. */
  readonly implicitTls?: {
    readonly tls: ServerTls;
    /** Read at each connection. */
    readonly handshakeLimitMs: number;
    /** See `ServerTls.socketOptions`. */
    readonly alpn?: string;
  };
  readonly limits: AcceptLimits;
  readonly steps?: readonly AcceptStep[];
  /** Takes over the stream and everything that goes wrong with it; must not throw. */
  readonly onConnection: (stream: SocketStream) => void;
  /** Told how long each implicit TLS handshake took that succeeded, before `onConnection`. */
  readonly onHandshake?: (durationMs: number) => void;
  /**
   * @property remote The client, or the peer when it was refused before it could announce one.
   * @property via The balancer that announced the client.
   */
  readonly onRefused?: (
    reason: AcceptRefusal,
    remote: Endpoint,
    detail: string | undefined,
    via: Endpoint | undefined,
  ) => void;
  /** A protocol's last words to a connection refused in plaintext, if it has any. */
  readonly refusalWords?: (reason: AcceptRefusal, remote: Endpoint) => string | undefined;
}

/**
 * Connections that wait to be accepted. When there is no room the system drops their first packet,
 * and they try again after one second, three, seven…: a minute later where thousands come at once.
 */
const DEFAULT_BACKLOG = 4_096;

/** Why listening failed; closed list. */
export type ListenFailure = 'address-in-use' | 'not-permitted' | 'no-such-address' | 'other';

export type OpenedListener =
  | { readonly ok: true; readonly listener: Listener }
  | { readonly ok: false; readonly reason: ListenFailure; readonly detail: string };

/** Starts to listen; the caller closes what it gets. */
export async function openListener(
  options: ListenerOptions,
  wheel: DeadlineWheel,
): Promise<OpenedListener> {
  const server = createServer({
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
  });
  const { host, port, reusePort = false, backlog = DEFAULT_BACKLOG } = options;
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve({ ok: false, reason: listenFailure(error.code), detail: error.message });
    });
    server.listen({ host, port, reusePort, backlog }, () => {
      server.removeAllListeners('error');
      resolve({ ok: true, listener: new Listener(server, options, wheel) });
    });
  });
}

export class Listener {
  readonly local: Endpoint;
  readonly #server: Server;
  readonly #options: ListenerOptions;
  readonly #wheel: DeadlineWheel;
  /** As what each open connection is counted, '' before its address is known. */
  readonly #connections: Map<Socket, string> = new Map();
  #stopped: Promise<void> | undefined;
  readonly #emptyWaiters: Set<() => void> = new Set();

  /** Use `openListener`. */
  constructor(server: Server, options: ListenerOptions, wheel: DeadlineWheel) {
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('not listening on TCP');
    this.local = { address: bound.address, port: bound.port };
    this.#server = server;
    this.#options = options;
    this.#wheel = wheel;
    // Running out of file descriptors shows here; the next accept may succeed again.
    server.on('error', () => {});
    server.on('connection', (socket) => {
      this.#accept(socket);
    });
  }

  /** Connections that are open, handed over or not. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /**
   * Takes no more connections; open ones stay. Those that the kernel has accepted for us and
   * that we have not seen are reset: leave the load balancer first. Idempotent.
   */
  stop(): Promise<void> {
    this.#stopped ??= new Promise((resolve) => {
      // Server.close calls back when all connections are gone; the port is free at once.
      this.#server.close();
      resolve();
    });
    return this.#stopped;
  }

  /**
   * Stops, waits up to `graceMs` for the connections to end, then cuts those that are left. May
   * be called again meanwhile with a shorter limit.
   */
  async close(graceMs: number = 0): Promise<void> {
    await this.stop();
    if (this.#connections.size > 0 && graceMs > 0) await this.#waitUntilEmpty(graceMs);
    for (const socket of this.#connections.keys()) socket.destroy();
    if (this.#connections.size > 0) await this.#waitUntilEmpty(undefined);
  }

  async #waitUntilEmpty(limitMs: number | undefined): Promise<void> {
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        cancel?.();
        this.#emptyWaiters.delete(settle);
        resolve();
      };
      const cancel = limitMs === undefined ? undefined : this.#wheel.clock.after(limitMs, settle);
      this.#emptyWaiters.add(settle);
    });
  }

  #accept(socket: Socket): void {
    const { limits, steps } = this.#options;
    // The socket's owner hears of errors; until it has one, and after, nobody else must.
    socket.on('error', ignoreError);
    const connection: ArrivingConnection = {
      socket,
      clientSpeaksFirst: this.#options.implicitTls !== undefined,
      remote: remoteEndpoint(socket),
      proxy: undefined,
      refusesLateHeader: false,
    };
    if (!limits.claimConnection()) {
      this.#refuse(connection, 'too-many-connections');
      return;
    }
    this.#connections.set(socket, '');
    socket.on('close', this.#onSocketClose);
    // Reset before we looked, as HAProxy ends its checks: the system has forgotten who it was.
    if (connection.remote.address === '') this.#refuse(connection, 'gone');
    else if (steps === undefined || steps.length === 0) this.#admit(connection);
    else void this.#runSteps(connection, steps);
  }

  async #runSteps(connection: ArrivingConnection, steps: readonly AcceptStep[]): Promise<void> {
    for (const step of steps) {
      const verdict = await step(connection);
      if (verdict === undefined) continue;
      if (typeof verdict === 'string') this.#refuse(connection, verdict);
      else this.#refuse(connection, verdict.reason, verdict.detail);
      return;
    }
    this.#admit(connection);
  }

  #admit(connection: ArrivingConnection): void {
    const { limits, implicitTls } = this.#options;
    const { socket, remote } = connection;
    if (socket.destroyed) {
      this.#refuse(connection, 'gone');
      return;
    }
    const counted = limits.claimAddress(remote.address);
    if (counted === undefined) {
      this.#refuse(connection, 'too-many-from-address');
    } else {
      this.#connections.set(socket, counted);
      if (implicitTls === undefined) this.#handOver(connection, socket);
      else void this.#encrypt(connection, implicitTls);
    }
  }

  #handOver(connection: ArrivingConnection, socket: Socket): void {
    const { remote, proxy, refusesLateHeader } = connection;
    const { onConnection, onRefused } = this.#options;
    const stream = new SocketStream(socket, this.#wheel, remote, proxy);
    if (refusesLateHeader) {
      refuseLateHeader(socket, stream, () => {
        const detail = 'it came late, and the address is not in the trusted networks';
        onRefused?.('proxy-header-from-stranger', remote, detail, undefined);
      });
    }
    onConnection(stream);
  }

  async #encrypt(
    connection: ArrivingConnection,
    { tls, handshakeLimitMs, alpn }: NonNullable<ListenerOptions['implicitTls']>,
  ): Promise<void> {
    const { clock } = this.#wheel;
    const startedAtMs = clock.elapsedMs();
    const outcome = await shakeHands(connection.socket, tls, handshakeLimitMs, this.#wheel, alpn);
    if (outcome.ok) {
      this.#options.onHandshake?.(clock.elapsedMs() - startedAtMs);
      this.#handOver(connection, outcome.socket);
      return;
    }
    const { reason, detail } = outcome;
    // A balancer's check that TCP answers is no handshake that failed.
    const isCheck = reason === 'closed' && connection.proxy?.command === 'local';
    this.#report(connection, isCheck ? 'gone' : `tls-${reason}`, detail);
  }

  #refuse(connection: ArrivingConnection, reason: AcceptRefusal, detail?: string): void {
    const { socket, remote } = connection;
    const { implicitTls, refusalWords } = this.#options;
    const words = implicitTls === undefined ? refusalWords?.(reason, remote) : undefined;
    // No lingering for those who are too many: one write, and gone.
    if (words === undefined || socket.destroyed) socket.destroy();
    else socket.end(words, 'latin1', () => socket.destroy());
    this.#report(connection, reason, detail);
  }

  #report({ remote, proxy }: ArrivingConnection, reason: AcceptRefusal, detail?: string): void {
    const via = proxy?.command === 'proxy' ? proxy.via : undefined;
    this.#options.onRefused?.(reason, remote, detail, via);
  }

  // One function for all sockets of the listener: `this` is the socket.
  readonly #onSocketClose = ((listener: Listener) =>
    function (this: Socket): void {
      const counted = listener.#connections.get(this);
      listener.#connections.delete(this);
      listener.#options.limits.releaseConnection();
      if (counted !== undefined && counted !== '') listener.#options.limits.releaseAddress(counted);
      if (listener.#connections.size > 0) return;
      for (const settle of listener.#emptyWaiters) settle();
    })(this);
}

function ignoreError(): void {}

/** The address as `host:port`, IPv6 in brackets. */
export function formatEndpoint({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function listenFailure(code: string | undefined): ListenFailure {
  switch (code) {
    case 'EADDRINUSE':
      return 'address-in-use';
    case 'EACCES':
    case 'EPERM':
      return 'not-permitted';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAFNOSUPPORT':
      return 'no-such-address';
    default:
      return 'other';
  }
}
