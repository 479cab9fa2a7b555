/**
 * Opens a connection to one of several addresses within a budget, with TLS verified against a
 * given authority and name. Every outcome is a value from a closed list.
 */
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls';
import type { ClientTls } from './client-tls.ts';
import type { DeadlineWheel } from './deadline-wheel.ts';
import { type DialFailure, dialFailure } from './dial-failure.ts';
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
  readonly tls?: { readonly client: ClientTls; readonly serverName: string };
  readonly signal?: AbortSignal;
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

interface Failure {
  readonly reason: DialFailure;
  readonly detail: string;
}

function attempt(
  address: DialAddress,
  limitMs: number,
  options: DialOptions,
  wheel: DeadlineWheel,
): Promise<{ readonly socket: Socket } | Failure> {
  return new Promise((resolve) => {
    const socket = openSocket(address, options);
    const { signal, tls } = options;
    let isTcpUp = false;
    const settle = (result: { readonly socket: Socket } | Failure): void => {
      cancelTimer();
      signal?.removeEventListener('abort', abort);
      socket.off(tls === undefined ? 'connect' : 'secureConnect', succeed);
      socket.off('connect', noteTcp);
      socket.off('error', fail);
      socket.off('close', lose);
      // A late error of a socket that was given up must have somebody to hear it.
      if (!('socket' in result)) {
        socket.on('error', ignoreError);
        socket.destroy();
        if (tls !== undefined) tls.client.forgetSession(peerKey(address, tls.serverName));
      }
      resolve(result);
    };
    const succeed = (): void => settle({ socket });
    const noteTcp = (): void => {
      isTcpUp = true;
    };
    const fail = (error: Error): void => settle(dialFailure(error, isTcpUp && tls !== undefined));
    const lose = (): void => settle({ reason: 'broken', detail: 'closed before it was ready' });
    const abort = (): void => settle({ reason: 'aborted', detail: 'aborted' });
    const cancelTimer = wheel.clock.after(limitMs, () => {
      settle({ reason: 'timed-out', detail: isTcpUp ? 'in the handshake' : 'connecting' });
    });
    signal?.addEventListener('abort', abort);
    socket.on(tls === undefined ? 'connect' : 'secureConnect', succeed);
    socket.on('connect', noteTcp);
    socket.on('error', fail);
    socket.on('close', lose);
  });
}

function openSocket(address: DialAddress, { tls }: DialOptions): Socket {
  const shared = {
    host: address.host,
    port: address.port,
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
  };
  if (tls === undefined) return connectPlain(shared);
  const { client, serverName } = tls;
  const key = peerKey(address, serverName);
  const session = client.findSession(key);
  const socket: TLSSocket = connectTls({
    ...shared,
    secureContext: client.context,
    // SNI carries names only (RFC 6066 §3); an address is verified all the same.
    ...(isIP(serverName) === 0 ? { servername: serverName } : { servername: '' }),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
    ...(session === undefined ? {} : { session }),
  });
  socket.on('session', (fresh: Buffer) => {
    client.keepSession(key, fresh);
  });
  return socket;
}

// The authority is the client's own; a session is good for one name at one address.
function peerKey({ host, port }: DialAddress, serverName: string): string {
  return `${serverName} ${host} ${port}`;
}

function ignoreError(): void {}
