/**
 * Who hears of a socket's events. A socket's listeners are installed once, are the same
 * functions for every socket, and pass each event to the socket's present owner; handing a
 * connection from the login dialogue to the relay is then one assignment, and leaves no
 * closure and no listener behind on ten thousand idle connections.
 */
import type { OnReadOpts, Socket } from 'node:net';

/** Takes a socket's events. None of these may throw. */
export interface SocketOwner {
  /** @param octets Good until this returns: whoever keeps them copies them. */
  onOctets(octets: Uint8Array, socket: Socket): void;
  /** The peer closed its side in order. */
  onEnd(socket: Socket): void;
  /** All that was written has left; worth writing again. */
  onDrain(socket: Socket): void;
  /** Follows in `onClose` as well. */
  onFault(error: Error, socket: Socket): void;
  /** The last event. */
  onClose(socket: Socket): void;
}

const OWNER: unique symbol = Symbol('owner');
/** What a socket with `STATIC_READ` received before it had an owner. */
const EARLY: unique symbol = Symbol('early');
type OwnedSocket = Socket & { [OWNER]?: SocketOwner; [EARLY]?: Uint8Array[] };

function passOctets(this: OwnedSocket, octets: Uint8Array): void {
  this[OWNER]?.onOctets(octets, this);
}
function passEnd(this: OwnedSocket): void {
  this[OWNER]?.onEnd(this);
}
function passDrain(this: OwnedSocket): void {
  this[OWNER]?.onDrain(this);
}
function passError(this: OwnedSocket, error: Error): void {
  this[OWNER]?.onFault(error, this);
}
function passClose(this: OwnedSocket): void {
  this[OWNER]?.onClose(this);
}

/** libuv's own size for one reading. */
const STATIC_READ_BYTES = 65_536;

/**
 * Given to a socket that we open: all such sockets of the process read into one buffer, which
 * the owner has handed on when `onOctets` returns. A download allocates nothing then; a buffer
 * for each chunk made the collector work as long as the encryption did.
 */
export const STATIC_READ: OnReadOpts = {
  buffer: Buffer.allocUnsafeSlow(STATIC_READ_BYTES),
  callback(this: OwnedSocket, byteCount: number, buffer: Uint8Array): boolean {
    const octets = buffer.subarray(0, byteCount);
    const owner = this[OWNER];
    if (owner === undefined) (this[EARLY] ??= []).push(Uint8Array.from(octets));
    else owner.onOctets(octets, this);
    return true;
  },
};

/** Makes `owner` the one who hears of the socket from now on. The socket starts to flow. */
export function ownSocket(socket: Socket, owner: SocketOwner): void {
  const owned: OwnedSocket = socket;
  const isFirst = owned[OWNER] === undefined;
  owned[OWNER] = owner;
  if (!isFirst) return;
  owned.on('end', passEnd);
  owned.on('drain', passDrain);
  owned.on('error', passError);
  owned.on('close', passClose);
  // With `STATIC_READ` there is no such event; listening makes both kinds flow.
  owned.on('data', passOctets);
  const early = owned[EARLY];
  delete owned[EARLY];
  for (const octets of early ?? []) owner.onOctets(octets, socket);
}

/** Drops everything: for the plain socket under a TLS one. */
export const DEAF_OWNER: SocketOwner = {
  onOctets() {},
  onEnd() {},
  onDrain() {},
  onFault() {},
  onClose() {},
};
