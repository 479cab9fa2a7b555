/**
 * A connection that is opened a step at a time, for who wants to know how long each step takes:
 * name look-up, connect, TLS. Made for probes: one address, no resumption, no pool.
 */
import { lookup } from 'node:dns/promises';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, getCACertificates, TLSSocket } from 'node:tls';
import type { OctetStream, StreamEnd } from '@homeward/wire';
import { dialFailure, type DialFailure } from './dial-failure.ts';

/** Whom to believe. */
export interface SteppedTls {
  /** The name that the certificate must carry. */
  readonly serverName: string;
  /** PEM of authorities to trust. */
  readonly ca: readonly string[];
  /** Those of the system are trusted beside them. */
  readonly trustsSystem: boolean;
  /** Believes any certificate; for finding out alone. */
  readonly trustsAny: boolean;
}

export type StepOutcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: DialFailure; readonly detail: string };

/** @returns The first address of a name, or the address itself. */
export async function lookUpHost(host: string, signal: AbortSignal): Promise<StepOutcome<string>> {
  if (isIP(host) !== 0) return { ok: true, value: host };
  const given = Promise.withResolvers<never>();
  const giveUp = (): void => given.reject(new Error('no time left'));
  signal.addEventListener('abort', giveUp);
  try {
    const { address } = await Promise.race([lookup(host), given.promise]);
    return { ok: true, value: address };
  } catch (error) {
    return failed(error, false, signal);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/**
 * Connects without TLS.
 *
 * @param signal Aborting destroys the connection, also later, whatever it is doing then.
 * @returns The connection, which the caller must destroy.
 */
export async function connectStepped(
  address: string,
  port: number,
  signal: AbortSignal,
): Promise<StepOutcome<SteppedConnection>> {
  const socket = connectPlain({ host: address, port, noDelay: true, signal });
  const error = await settled(socket, 'connect');
  if (error === undefined) return { ok: true, value: new SteppedConnection(socket, signal) };
  socket.destroy();
  return failed(error, false, signal);
}

/** Reads and writes one at a time; destroy it. */
export class SteppedConnection implements OctetStream {
  #socket: Socket;
  readonly #signal: AbortSignal;

  /** Use `connectStepped`. */
  constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = own(socket);
    this.#signal = signal;
  }

  /** `TLSv1.3 TLS_AES_256_GCM_SHA384`; undefined without TLS. */
  get tls(): string | undefined {
    const socket = this.#socket;
    if (!(socket instanceof TLSSocket)) return undefined;
    return `${socket.getProtocol() ?? ''} ${socket.getCipher().name}`;
  }

  /** As the client; what came before and was not read is dropped. */
  async startTls({
    serverName,
    ca,
    trustsSystem,
    trustsAny,
  }: SteppedTls): Promise<StepOutcome<undefined>> {
    const socket = connectTls({
      socket: this.#socket,
      ca: trustsSystem ? [...getCACertificates('default'), ...ca] : [...ca],
      rejectUnauthorized: !trustsAny,
      // SNI carries names only (RFC 6066 §3); an address is verified all the same.
      servername: isIP(serverName) === 0 ? serverName : '',
      checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
    });
    const error = await settled(socket, 'secureConnect');
    if (error !== undefined) {
      this.destroy();
      return failed(error, true, this.#signal);
    }
    this.#socket = own(socket);
    return { ok: true, value: undefined };
  }

  async read(): Promise<Uint8Array | StreamEnd> {
    const socket = this.#socket;
    for (;;) {
      const octets = socket.read() as Buffer | null;
      if (octets !== null) return octets;
      if (socket.readableEnded) return 'ended';
      if (socket.destroyed) return 'broken';
      await news(socket);
    }
  }

  write(octets: Uint8Array | string): undefined {
    if (!this.#socket.destroyed) this.#socket.write(octets, 'latin1');
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** Its errors show as an end: nobody else hears them. */
function own(socket: Socket): Socket {
  return socket.on('error', () => {});
}

/** @returns undefined once `event` has come, or what came instead. */
function settled(socket: Socket, event: 'connect' | 'secureConnect'): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const settle = (error?: Error): void => {
      socket.off(event, succeed).off('close', lose).off('error', settle);
      // A late error of a socket that was given up must have somebody to hear it.
      if (error !== undefined) own(socket);
      resolve(error);
    };
    const succeed = (): void => settle();
    const lose = (): void => settle(new Error('closed before it was ready'));
    socket.on(event, succeed).on('close', lose).on('error', settle);
  });
}

/** Something to look at: octets, the end, or that it broke. */
function news(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      socket.off('readable', settle).off('end', settle).off('close', settle);
      resolve();
    };
    socket.on('readable', settle).on('end', settle).on('close', settle);
  });
}

function failed(
  error: unknown,
  isTls: boolean,
  signal?: AbortSignal,
): { readonly ok: false; readonly reason: DialFailure; readonly detail: string } {
  if (signal?.aborted === true) return { ok: false, reason: 'timed-out', detail: 'no time left' };
  return { ok: false, ...dialFailure(error instanceof Error ? error : new Error('failed'), isTls) };
}
