/**
 * A mail client of raw octets on a real socket: it sends what no real client would, and sees
 * what no client library shows. Plain, with TLS from the start, or upgraded on the way.
 */
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { DialoguePeer, type DialoguePeerOptions } from './dialogue-peer.ts';
import { SocketOctets } from './socket-octets.ts';

/** How to verify a server: as `tls.connect` takes it, normally `{ ca, servername }`. */
export type ClientTls = ConnectionOptions;

/** Where to connect. */
export interface RawClientOptions extends DialoguePeerOptions {
  readonly port: number;
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  /** TLS from the first octet. */
  readonly tls?: ClientTls;
  /** The client's own address, to look like another one: 127.0.0.2 works on Linux. */
  readonly localAddress?: string;
}

/** Connects; rejects when that, or the TLS handshake, fails. The caller closes the client. */
export async function connectRaw(options: RawClientOptions): Promise<RawClient> {
  const { port, host = '127.0.0.1', tls, localAddress } = options;
  const socket = connectPlain({ port, host, ...(localAddress && { localAddress }) });
  socket.setNoDelay(true);
  await once(socket, 'connect');
  const octets = new SocketOctets(socket);
  if (tls !== undefined) await octets.startTlsAsClient(tls);
  return new RawClient(octets, options);
}

/** A connected client. `await using` cuts the connection. */
export class RawClient extends DialoguePeer implements AsyncDisposable {
  readonly #octets: SocketOctets;

  /** Use `connectRaw`. */
  constructor(octets: SocketOctets, options: DialoguePeerOptions) {
    super(octets, options);
    this.#octets = octets;
  }

  /** The stream below, to watch its socket or to stop reading. */
  get octets(): SocketOctets {
    return this.#octets;
  }

  /** The client's own port, as the server sees it. */
  get localPort(): number {
    return this.#octets.socket.localPort ?? 0;
  }

  /** The TLS handshake after the server's go-ahead to STARTTLS or STLS. Rejects if it fails. */
  startTls(tls: ClientTls): Promise<void> {
    return this.#octets.startTlsAsClient(tls);
  }

  /** Closes the sending side. */
  end(): void {
    this.#octets.end();
  }

  /** Cuts the connection with a TCP reset. */
  reset(): void {
    this.#octets.reset();
  }

  /** Cuts the connection and waits until the socket is gone; may be called twice. */
  async close(): Promise<void> {
    const { socket } = this.#octets;
    if (socket.closed) return;
    const closed = once(socket, 'close');
    socket.destroy();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
