/**
 * Who hears of a socket's events. A socket's listeners are installed once, are the same
 * functions for every socket, and pass each event to the socket's present owner; handing a
 * connection from the login dialogue to the relay is then one assignment, and leaves no
 * closure and no listener behind on ten thousand idle connections.
 */
import type { Socket } from 'node:net';

/** Takes a socket's events. None of these may throw. */
export interface SocketOwner {
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
type OwnedSocket = Socket & { [OWNER]: SocketOwner };

function passOctets(this: OwnedSocket, octets: Uint8Array): void {
  this[OWNER].onOctets(octets, this);
}
function passEnd(this: OwnedSocket): void {
  this[OWNER].onEnd(this);
}
function passDrain(this: OwnedSocket): void {
  this[OWNER].onDrain(this);
}
function passError(this: OwnedSocket, error: Error): void {
  this[OWNER].onFault(error, this);
}
function passClose(this: OwnedSocket): void {
  this[OWNER].onClose(this);
}

/** Makes `owner` the one who hears of the socket from now on. The socket starts to flow. */
export function ownSocket(socket: Socket, owner: SocketOwner): void {
  const owned = socket as OwnedSocket;
  const isFirst = owned[OWNER] === undefined;
  owned[OWNER] = owner;
  if (!isFirst) return;
  owned.on('end', passEnd);
  owned.on('drain', passDrain);
  owned.on('error', passError);
  owned.on('close', passClose);
  owned.on('data', passOctets);
}

/** Drops everything: for the plain socket under a TLS one. */
export const DEAF_OWNER: SocketOwner = {
  onOctets() {},
  onEnd() {},
  onDrain() {},
  onFault() {},
  onClose() {},
};
