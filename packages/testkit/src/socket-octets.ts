/**
 * A socket as an `OctetStream`, for the tests' own end of a connection. On purpose not the one of
 * `net`: a fault there must not hide itself by being at both ends.
 */
import type { Socket } from 'node:net';
import { TLSSocket, connect as connectTls } from 'node:tls';
import type { ConnectionOptions, TLSSocketOptions } from 'node:tls';
import type { OctetStream, StreamEnd } from '@homeward/wire';

/** One connection; plain, or TLS, or first the one and then the other. */
export class SocketOctets implements OctetStream {
  #socket: Socket;
  #isEnded = false;
  #isBroken = false;
  #wake: (() => void) | undefined;

  /** @param socket Connected; owned from now on. */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  /** The socket that the octets go through now. */
  get socket(): Socket {
    return this.#socket;
  }

  /** Whether both directions are over. */
  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  async read(): Promise<Uint8Array | StreamEnd> {
    for (;;) {
      const octets = this.#socket.read() as Buffer | null;
      if (octets !== null) return octets;
      if (this.#isBroken) return 'broken';
      if (this.#isEnded) return 'ended';
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  write(octets: Uint8Array | string): Promise<void> | undefined {
    if (this.#socket.destroyed || this.#socket.writableEnded) return undefined;
    const data = typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets;
    if (this.#socket.write(data)) return undefined;
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#socket.off('drain', settle).off('close', settle);
        resolve();
      };
      this.#socket.on('drain', settle).on('close', settle);
    });
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  /** Closes the sending side; what the peer still says can be read. */
  end(): void {
    this.#socket.end();
  }

  /** Cuts the connection: in order as the kernel sees it, but without waiting for anything. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Cuts the connection with a TCP reset. Plain sockets only. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Becomes the client of a TLS handshake. Rejects if that fails. */
  async startTlsAsClient(options: ConnectionOptions): Promise<void> {
    const plain = this.#release();
    await this.#secure(connectTls({ ...options, socket: plain }), 'secureConnect');
  }

  /** Becomes the server of a TLS handshake. Rejects if that fails. */
  async startTlsAsServer(options: TLSSocketOptions): Promise<void> {
    const plain = this.#release();
    await this.#secure(new TLSSocket(plain, { ...options, isServer: true }), 'secure');
  }

  #listen(): void {
    const wake = (): void => {
      const waiter = this.#wake;
      this.#wake = undefined;
      waiter?.();
    };
    this.#socket
      .on('readable', wake)
      .on('end', () => {
        this.#isEnded = true;
        wake();
      })
      .on('error', () => {
        this.#isBroken = true;
        wake();
      })
      .on('close', () => {
        this.#isBroken ||= !this.#isEnded;
        wake();
      });
  }

  #release(): Socket {
    const plain = this.#socket;
    for (const event of ['readable', 'end', 'error', 'close']) plain.removeAllListeners(event);
    return plain;
  }

  #secure(socket: TLSSocket, event: 'secure' | 'secureConnect'): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error?: Error): void => {
        socket.destroy();
        this.#socket = socket;
        this.#isBroken = true;
        reject(error ?? new Error('the connection closed during the TLS handshake'));
      };
      socket.once('error', fail).once('close', fail);
      socket.once(event, () => {
        socket.off('error', fail).off('close', fail);
        this.#socket = socket;
        this.#listen();
        resolve();
      });
    });
  }
}
