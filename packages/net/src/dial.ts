/**
 * Opens a connection to one of several addresses within a budget, with TLS verified against a
 * given authority and name. Every outcome is a value from a closed list.
 */
import { connect as connectPlain, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import {
  checkServerIdentity,
  connect as connectTls,
  type ConnectionOptions,
  type TLSSocket,
} from 'node:tls';
import type { ClientTls } from './client-tls.ts';
import type { DeadlineWheel } from './deadline-wheel.ts';
import { type DialFailure, dialFailure } from './dial-failure.ts';
import { STATIC_READ } from './socket-owner.ts';
import { KEEP_ALIVE_DELAY_MS, SocketStream } from './socket-stream.ts';

export interface DialAddress {
  /** Name or address. */
  readonly host: string;
  readonly port: number;
}

export interface DialOptions {
  /** At least one; tried in order. */
  readonly addresses: readonly DialAddress[];
  /** For the whole call, look-up of names and TLS included; at least 1. */
  readonly budgetMs: number;
  /** TLS from the first octet; the server's certificate must carry `serverName`. */
  readonly tls?: DialTls;
  /**
   * Sent before anything else, TLS too: what `formatProxyHeader` gives, for servers that are to
   * know the client. The server must expect it.
   */
  readonly proxyHeader?: Uint8Array;
  readonly signal?: AbortSignal;
}

export interface DialTls {
  readonly client: ClientTls;
  readonly serverName: string;
}

export interface DialAttempt {
  readonly address: DialAddress;
  readonly reason: DialFailure;
  /** The system's or OpenSSL's code. */
  readonly detail: string;
}

export type DialOutcome =
  | { readonly ok: true; readonly stream: SocketStream; readonly address: DialAddress }
  | {
      readonly ok: false;
      /** Why the last address failed. */
      readonly reason: DialFailure;
      readonly detail: string;
      readonly attempts: readonly DialAttempt[];
    };

/**
 * Connects. Addresses are tried in order, never in parallel; each may use an equal share of
 * the budget that is left, so that a dead first address leaves time for the second, and a
 * long list cannot keep the client waiting longer.
 *
 * @returns The stream, past its TLS handshake, which the caller must close; or why the last
 *   address failed. Never rejects. When it fails, no socket is left open.
 */
export async function dial(options: DialOptions, wheel: DeadlineWheel): Promise<DialOutcome> {
  const { addresses, budgetMs, signal } = options;
  const endMs = wheel.clock.elapsedMs() + budgetMs;
  const attempts: DialAttempt[] = [];
  for (const [index, address] of addresses.entries()) {
    const leftMs = endMs - wheel.clock.elapsedMs();
    if (leftMs <= 0 || signal?.aborted === true) break;
    const result = await attempt(address, leftMs / (addresses.length - index), options, wheel);
    if ('socket' in result) {
      return { ok: true, stream: new SocketStream(result.socket, wheel), address };
    }
    attempts.push({ address, ...result });
    if (result.reason === 'aborted') break;
  }
  const fallback: Failure =
    signal?.aborted === true
      ? { reason: 'aborted', detail: 'aborted before' }
      : { reason: 'unreachable', detail: 'no address' };
  const { reason, detail } = attempts.at(-1) ?? fallback;
  return { ok: false, reason, detail, attempts };
}

/** Sockets whose servers have a key that is pinned, or need none. */
const PROVED = new WeakSet<TLSSocket>();

interface Failure {
  readonly reason: DialFailure;
  readonly detail: string;
}

async function attempt(
  address: DialAddress,
  limitMs: number,
  { tls, proxyHeader, signal }: DialOptions,
  wheel: DeadlineWheel,
): Promise<Attempted> {
  const bounds = { limitMs, wheel, signal };
  if (proxyHeader === undefined) {
    if (tls === undefined) return awaitReady(connectPlain(whereTo(address)), 'connect', bounds);
    return attemptTls(whereTo(address), address, tls, bounds);
  }
  const beganMs = wheel.clock.elapsedMs();
  const plain = await awaitReady(connectPlain(whereTo(address)), 'connect', bounds);
  if (!('socket' in plain)) return plain;
  // Under TLS it has no owner who would hear of this; its end reaches the TLS socket.
  plain.socket.on('error', ignoreError);
  plain.socket.write(proxyHeader);
  if (tls === undefined) return plain;
  const spentMs = wheel.clock.elapsedMs() - beganMs;
  const left = { ...bounds, limitMs: Math.max(1, limitMs - spentMs) };
  return attemptTls({ socket: plain.socket }, address, tls, left);
}

/** TLS over `where`: an address, or a socket that is connected. */
export async function attemptTls(
  where: ConnectionOptions,
  address: DialAddress,
  tls: DialTls,
  bounds: Bounds,
): Promise<{ readonly socket: TLSSocket } | Failure> {
  const key = peerKey(address, tls.serverName);
  const earlier = tls.client.findSession(key);
  const socket = openTls(where, key, tls, earlier, bounds.wheel.clock.elapsedMs());
  const result = await awaitReady(socket, 'secureConnect', bounds);
  const isProved = 'socket' in result && PROVED.has(socket);
  // The session may be what the server did not like.
  const isLiked = isProved && (earlier === undefined || socket.isSessionReused());
  if (!isLiked) tls.client.forgetSession(key);
  if (isProved) return { socket };
  if (!('socket' in result)) return result;
  socket.on('error', ignoreError);
  socket.destroy();
  return { reason: 'tls-wrong-key', detail: 'key is not pinned' };
}

/** What bounds one attempt. */
export interface Bounds {
  readonly limitMs: number;
  readonly wheel: DeadlineWheel;
  readonly signal: AbortSignal | undefined;
}

/** A socket that is ready, or why there is none. */
export type Attempted = { readonly socket: Socket } | Failure;

/** The socket once `event` has come, or why not; it is destroyed then. */
function awaitReady(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  { limitMs, wheel, signal }: Bounds,
): Promise<Attempted> {
  return new Promise((resolve) => {
    const isTls = event === 'secureConnect';
    let isTcpUp = !socket.connecting;
    const settle = (result: Attempted): void => {
      cancelTimer();
      signal?.removeEventListener('abort', abort);
      socket.off(event, succeed);
      socket.off('connect', noteTcp);
      socket.off('error', fail);
      socket.off('close', lose);
      // A late error of a socket that was given up must have somebody to hear it.
      if (!('socket' in result)) {
        socket.on('error', ignoreError);
        socket.destroy();
      }
      resolve(result);
    };
    const succeed = (): void => settle({ socket });
    const noteTcp = (): void => {
      isTcpUp = true;
    };
    const fail = (error: Error): void => settle(dialFailure(error, isTcpUp && isTls));
    const lose = (): void => settle({ reason: 'broken', detail: 'closed before it was ready' });
    const abort = (): void => settle({ reason: 'aborted', detail: 'aborted' });
    const cancelTimer = wheel.clock.after(limitMs, () => {
      settle({ reason: 'timed-out', detail: isTcpUp ? 'in the handshake' : 'connecting' });
    });
    signal?.addEventListener('abort', abort);
    socket.on(event, succeed);
    socket.on('connect', noteTcp);
    socket.on('error', fail);
    socket.on('close', lose);
    if (signal?.aborted === true) abort();
  });
}

function whereTo({ host, port }: DialAddress): TcpNetConnectOpts {
  const tuning = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS };
  return { host, port, allowHalfOpen: true, onread: STATIC_READ, ...tuning };
}

function openTls(
  where: ConnectionOptions,
  key: string,
  { client, serverName }: DialTls,
  earlier: Buffer | undefined,
  nowMs: number,
): TLSSocket {
  const socket: TLSSocket = connectTls({
    ...where,
    secureContext: client.context,
    rejectUnauthorized: client.isVerifying,
    // SNI carries names only (RFC 6066 §3); an address is verified all the same.
    ...(isIP(serverName) === 0 ? { servername: serverName } : { servername: '' }),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
    ...(earlier === undefined ? {} : { session: earlier }),
  });
  let session: Buffer | undefined;
  let hasProved = false;
  // Before `awaitReady` hears of it. Later on Node does not know the certificate any more.
  socket.once('secureConnect', () => {
    // A resumed session shows none; it was kept because its first one was the right one.
    hasProved = socket.isSessionReused() || client.isPinned(socket.getPeerX509Certificate());
    if (hasProved) PROVED.add(socket);
    if (hasProved && session !== undefined) client.keepSession(key, session, nowMs);
    session = undefined;
  });
  if (!client.wantsSession(key, nowMs)) return socket;
  socket.on('session', (fresh: Buffer) => {
    if (hasProved) client.keepSession(key, fresh, nowMs);
    else session = fresh;
  });
  return socket;
}

// The authority is the client's own; a session is good for one name at one address.
function peerKey({ host, port }: DialAddress, serverName: string): string {
  return `${serverName} ${host} ${port}`;
}

function ignoreError(): void {}
