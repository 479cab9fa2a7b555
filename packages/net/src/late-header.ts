/**
 * Cuts a connection whose first octets turn out to be a PROXY protocol header that nobody may
 * send here. Where the server speaks first, waiting for them would keep every client from its
 * greeting; so they are looked at when they come, after the connection was handed over.
 */
import type { Socket } from 'node:net';
import { detectVersion } from './proxy-protocol/index.ts';
import { ownSocket, type SocketOwner } from './socket-owner.ts';
import type { SocketStream } from './socket-stream.ts';

/**
 * Stands between socket and stream until the first octets are known, then steps aside.
 *
 * @param onHeader Told after the stream was destroyed.
 */
export function refuseLateHeader(socket: Socket, stream: SocketStream, onHeader: () => void): void {
  ownSocket(socket, new LateHeaderSentry(stream, onHeader));
}

class LateHeaderSentry implements SocketOwner {
  readonly #stream: SocketStream;
  readonly #onHeader: () => void;
  #seen: Buffer = Buffer.alloc(0);

  constructor(stream: SocketStream, onHeader: () => void) {
    this.#stream = stream;
    this.#onHeader = onHeader;
  }

  onOctets(octets: Uint8Array, socket: Socket): void {
    this.#seen = Buffer.concat([this.#seen, octets]);
    const version = detectVersion(this.#seen);
    if (version === 1 || version === 2) {
      this.#stream.destroy('proxy-header-from-stranger');
      this.#onHeader();
      return;
    }
    if (version === 'none') ownSocket(socket, this.#stream);
    // The beginning of a signature is no command yet, of any protocol.
    this.#stream.onOctets(octets, socket);
  }

  onEnd(): void {
    this.#stream.onEnd();
  }

  onDrain(): void {
    this.#stream.onDrain();
  }

  onFault(error: Error): void {
    this.#stream.onFault(error);
  }

  onClose(): void {
    this.#stream.onClose();
  }
}
