/**
 * Waits for a PROXY protocol header on a socket that nobody reads yet, within a limit, and leaves
 * the socket as if the header had never been there: what follows it is put back, not copied, for
 * the TLS handshake or the protocol.
 */
import type { Socket } from 'node:net';
import type { DeadlineEntry, DeadlineWheel } from './deadline-wheel.ts';
import {
  type ProxyHeader,
  type ProxyHeaderFault,
  ProxyHeaderReader,
} from './proxy-protocol/index.ts';

export type AwaitedHeader =
  | { readonly kind: 'header'; readonly header: ProxyHeader }
  /** What came is something else; it is put back. */
  | { readonly kind: 'other-octets' }
  /** Nothing came within the limit. */
  | { readonly kind: 'silence' }
  | { readonly kind: 'malformed'; readonly fault: ProxyHeaderFault }
  /** The peer left without having said anything. */
  | { readonly kind: 'gone' };

/** @param limitMs Late by up to half a second. The socket is paused afterwards. */
export function awaitProxyHeader(
  socket: Socket,
  limitMs: number,
  wheel: DeadlineWheel,
): Promise<AwaitedHeader> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve({ kind: 'gone' });
    else new HeaderWait(socket, wheel, resolve).begin(limitMs);
  });
}

class HeaderWait implements DeadlineEntry {
  deadlineSlot = 0;
  readonly #socket: Socket;
  readonly #wheel: DeadlineWheel;
  readonly #settle: (awaited: AwaitedHeader) => void;
  readonly #reader: ProxyHeaderReader = new ProxyHeaderReader();

  constructor(socket: Socket, wheel: DeadlineWheel, settle: (awaited: AwaitedHeader) => void) {
    this.#socket = socket;
    this.#wheel = wheel;
    this.#settle = settle;
  }

  begin(limitMs: number): void {
    this.#wheel.add(this, limitMs);
    this.#socket.on('close', this.#onLoss);
    this.#socket.on('end', this.#onLoss);
    this.#socket.on('data', this.#onOctets);
  }

  onDeadline(): undefined {
    const hasBegun = this.#reader.heldByteCount > 0;
    this.#finish(hasBegun ? { kind: 'malformed', fault: 'timed-out' } : { kind: 'silence' });
  }

  readonly #onOctets = (octets: Buffer): void => {
    const reading = this.#reader.push(octets);
    switch (reading.kind) {
      case 'need-more':
        return;
      case 'header':
        this.#finish({ kind: 'header', header: reading.header }, reading.rest);
        return;
      case 'no-header':
        this.#finish({ kind: 'other-octets' }, reading.octets);
        return;
      case 'malformed':
        this.#finish(reading);
    }
  };

  readonly #onLoss = (): void => {
    const hasBegun = this.#reader.heldByteCount > 0;
    this.#finish(hasBegun ? { kind: 'malformed', fault: 'cut-short' } : { kind: 'gone' });
  };

  #finish(awaited: AwaitedHeader, rest?: Uint8Array): void {
    const socket = this.#socket;
    this.#wheel.remove(this);
    socket.off('close', this.#onLoss);
    socket.off('end', this.#onLoss);
    // Paused first: a flowing socket would drop what is put back.
    socket.pause();
    socket.off('data', this.#onOctets);
    if (rest !== undefined && rest.length > 0) socket.unshift(rest);
    this.#settle(awaited);
  }
}
