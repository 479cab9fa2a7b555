/**
 * One TCP or TLS connection as an `OctetStream`: pulled reads, back-pressure both ways, an
 * idle limit, and an end that is bounded in time. Owns the socket until `detach` or until it
 * is closed; never lets a socket's error escape. STARTTLS replaces the socket underneath
 * while the stream stays the same object (`tls-upgrade.ts`).
 *
 * What nobody reads stays in the kernel but for at most one chunk here and one high-water
 * mark (64 KB) in Node's stream.
 */
import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { OctetStream, StreamEnd } from '@homeward/wire';
import type { DeadlineEntry, DeadlineWheel } from './deadline-wheel.ts';
import {
  type Endpoint,
  localEndpoint,
  type ProxyFacts,
  type ProxyTlsFacts,
  remoteEndpoint,
  type TlsFacts,
  tlsFacts,
} from './peer-facts.ts';
import { DEAF_OWNER, ownSocket, type SocketOwner } from './socket-owner.ts';

/** How a connection came to its end. */
export interface StreamClosure {
  readonly how:
    /** In order, whoever began. */
    | 'ended'
    /** Reset by the peer, or the network gave up. */
    | 'broken'
    /** Somebody here called `destroy`, or `end` ran into its limit. */
    | 'destroyed'
    /** The socket was taken over by `detach`. */
    | 'handed-over';
  /** The reason given to `destroy`, or the system's error code. */
  readonly detail: string | undefined;
}

/** How long `end` waits for the peer by default. */
export const DEFAULT_LINGER_MS: number = 5_000;
/** Idle time before the kernel probes whether the peer still is there. */
export const KEEP_ALIVE_DELAY_MS: number = 60_000;

type State = 'open' | 'lingering' | 'closed';

export class SocketStream implements OctetStream, SocketOwner, DeadlineEntry {
  /** What a balancer said of this connection; nothing when the peer is the client itself. */
  readonly proxy: ProxyFacts | undefined;
  /** The wheel's own; see `DeadlineEntry`. */
  deadlineSlot = 0;
  readonly #wheel: DeadlineWheel;
  #socket: Socket;
  #remote: Endpoint | undefined;
  #local: Endpoint | undefined;
  #state: State = 'open';
  #queue: Uint8Array[] = [];
  #end: StreamEnd | undefined;
  #waiter: ((result: Uint8Array | StreamEnd) => void) | undefined;
  #drain: { readonly promise: Promise<void>; readonly settle: () => void } | undefined;
  #idleLimitMs = 0;
  #lastActiveMs: number;
  #faultCode: string | undefined;
  #closure: StreamClosure | undefined;
  #closing: PromiseWithResolvers<StreamClosure> | undefined;
  #peerEnding: PromiseWithResolvers<void> | undefined;

  /**
   * @param socket Connected (and, if it is TLS, past its handshake); owned from now on.
   * @param remote The client's true address: when the socket's peer is a balancer, or whenever it
   *   is known already.
   * @param proxy What the balancer said.
   */
  constructor(socket: Socket, wheel: DeadlineWheel, remote?: Endpoint, proxy?: ProxyFacts) {
    this.#socket = socket;
    this.#wheel = wheel;
    this.#remote = remote;
    this.proxy = proxy;
    this.#lastActiveMs = wheel.clock.elapsedMs();
    if (!(socket instanceof TLSSocket)) tuneSocket(socket);
    ownSocket(socket, this);
    // The end came while the accept steps took their time, and nobody heard it.
    if (socket.readableEnded) this.onEnd();
    if (socket.destroyed) this.#finish();
  }

  /**
   * The client, also behind a balancer that announced it. Asked of the system once, when it is
   * wanted: a socket that is gone by then has none (`remoteEndpoint`).
   */
  get remote(): Endpoint {
    return (this.#remote ??= remoteEndpoint(this.#socket));
  }

  /** As `remote`. */
  get local(): Endpoint {
    return (this.#local ??= localEndpoint(this.#socket));
  }

  /** The balancer's own end when it passes on a client; `remote` is that client then. */
  get via(): Endpoint | undefined {
    return this.proxy?.command === 'proxy' ? this.proxy.via : undefined;
  }

  /** TLS between the client and the balancer; nothing when it did not end there. */
  get proxyTls(): ProxyTlsFacts | undefined {
    return this.proxy?.command === 'proxy' ? this.proxy.tls : undefined;
  }

  /** Resolves once, never rejects. */
  get closed(): Promise<StreamClosure> {
    if (this.#closure !== undefined) return Promise.resolve(this.#closure);
    this.#closing ??= Promise.withResolvers();
    return this.#closing.promise;
  }

  /**
   * Resolves once the peer sends no more: it closed its side, or the connection is gone. Seen also
   * while nobody reads, unless octets came that nobody has read yet. Never rejects.
   */
  get peerEnded(): Promise<void> {
    if (this.#end === 'ended' || this.#closure !== undefined) return Promise.resolve();
    this.#peerEnding ??= Promise.withResolvers();
    return this.#peerEnding.promise;
  }

  /** Neither closed nor closing; the peer may have closed its side already. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Nothing without TLS. Worth keeping: it is asked of OpenSSL at every call. */
  get tls(): TlsFacts | undefined {
    return this.#socket instanceof TLSSocket ? tlsFacts(this.#socket) : undefined;
  }

  /** The certificate that this end has shown; nothing without TLS, or for a client without one. */
  get ownCertificate(): X509Certificate | undefined {
    const socket = this.#socket;
    if (!(socket instanceof TLSSocket) || socket.destroyed) return undefined;
    return socket.getX509Certificate();
  }

  /** Keying material bound to this TLS connection (RFC 5705 §4); nothing without TLS. */
  exportKeyingMaterial(byteCount: number, label: string): Uint8Array | undefined {
    const socket = this.#socket;
    if (!(socket instanceof TLSSocket) || socket.destroyed) return undefined;
    return socket.exportKeyingMaterial(byteCount, label, Buffer.alloc(0));
  }

  read(): Promise<Uint8Array | StreamEnd> {
    if (this.#waiter !== undefined) throw new Error('a read is outstanding on this stream');
    const octets = this.#queue.shift();
    if (octets !== undefined) return Promise.resolve(octets);
    if (this.#end !== undefined) return Promise.resolve(this.#end);
    this.#lastActiveMs = this.#wheel.clock.elapsedMs();
    return new Promise((resolve) => {
      this.#waiter = resolve;
      if (this.#socket.isPaused()) this.#socket.resume();
    });
  }

  /** Puts octets back, to be read first. */
  unread(octets: Uint8Array): void {
    if (octets.length === 0 || this.#state !== 'open') return;
    if (this.#waiter === undefined) this.#queue.unshift(octets);
    else this.#answerRead(octets);
  }

  write(octets: Uint8Array | string): Promise<void> | undefined {
    const socket = this.#socket;
    if (this.#state !== 'open' || socket.destroyed) return undefined;
    const keepsUp =
      typeof octets === 'string' ? socket.write(octets, 'latin1') : socket.write(octets);
    if (keepsUp) return undefined;
    if (socket.writableCorked > 0) this.#flushCorked();
    if (this.#drain === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#drain = { promise, settle: resolve };
      this.#lastActiveMs = this.#wheel.clock.elapsedMs();
    }
    return this.#drain.promise;
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  /**
   * Sets how long the peer may keep a read waiting, or a write that has met back-pressure. A
   * read that waits too long gives `timed-out` and the stream goes on; a write that waits too
   * long breaks the connection. Late by up to five seconds (see `DeadlineWheel`).
   *
   * @param limitMs 0 for no limit.
   */
  setIdleLimit(limitMs: number): void {
    this.#idleLimitMs = limitMs;
    if (this.#state !== 'open') return;
    if (limitMs > 0) this.#wheel.add(this, limitMs);
    else this.#wheel.remove(this);
  }

  /**
   * Sends what is written and closes in order: FIN, then what the peer still sends is read
   * and dropped until its FIN, since closing on unread octets would reset the connection and
   * could destroy our last words on their way (RFC 2525 §2.17). After `lingerMs` the
   * connection is cut. May be called again, with a shorter limit too.
   *
   * @returns Settles when the connection is gone; never rejects.
   */
  async end(lingerMs: number = DEFAULT_LINGER_MS): Promise<void> {
    if (this.#state !== 'closed') {
      this.#state = 'lingering';
      this.#queue = [];
      this.#answerRead('broken');
      while (this.#socket.writableCorked > 0) this.#socket.uncork();
      if (!this.#socket.writableEnded) this.#socket.end();
      this.#socket.resume();
      this.#wheel.add(this, lingerMs);
    }
    await this.closed;
  }

  /** Cuts the connection at once; what is not sent yet is lost. Idempotent. */
  destroy(reason: string): void {
    if (this.#state === 'closed') return;
    this.#socket.destroy();
    this.#finish({ how: 'destroyed', detail: reason });
  }

  /**
   * Gives up the socket: the caller owns it, and what was received and not read. The stream
   * is closed for everyone else; a read that was pending ends as `broken`.
   *
   * @returns Nothing when the connection is closed or closing.
   */
  detach(): DetachedSocket | undefined {
    if (this.#state !== 'open' || this.#socket.destroyed) return undefined;
    while (this.#socket.writableCorked > 0) this.#socket.uncork();
    const received = this.#queue;
    const hasEnded = this.#end === 'ended';
    this.#queue = [];
    this.#finish({ how: 'handed-over', detail: undefined });
    return { socket: this.#socket, received, hasEnded };
  }

  /**
   * Forgets what was received and not read, in every buffer above the kernel, and hands out
   * the plain socket: the first half of STARTTLS (RFC 3501 §6.2.1). For `tls-upgrade.ts` only.
   */
  surrenderForTls(): Socket | undefined {
    if (this.#state !== 'open' || this.#socket.destroyed) return undefined;
    while (this.#socket.writableCorked > 0) this.#socket.uncork();
    this.#queue = [];
    ownSocket(this.#socket, DEAF_OWNER);
    this.#socket.pause();
    while (this.#socket.read() !== null);
    return this.#socket;
  }

  /** The other half: goes on over the socket that is now encrypted. */
  resumeOverTls(socket: TLSSocket): void {
    this.#socket = socket;
    ownSocket(socket, this);
    if (socket.destroyed) this.#finish();
  }

  onOctets(octets: Uint8Array, socket: Socket): void {
    if (this.#state !== 'open') return;
    const kept = Buffer.from(octets);
    if (this.#waiter === undefined) {
      this.#queue.push(kept);
      socket.pause();
      return;
    }
    this.#lastActiveMs = this.#wheel.clock.elapsedMs();
    this.#answerRead(kept);
  }

  onEnd(): void {
    this.#end ??= 'ended';
    this.#answerRead('ended');
    this.#peerEnding?.resolve();
  }

  onDrain(): void {
    this.#lastActiveMs = this.#wheel.clock.elapsedMs();
    this.#settleDrain();
  }

  onFault(error: NodeJS.ErrnoException): void {
    this.#faultCode = error.code ?? error.name;
  }

  onClose(): void {
    this.#finish();
  }

  onDeadline(nowMs: number): number | undefined {
    if (this.#state === 'lingering') {
      this.destroy('linger-limit');
      return undefined;
    }
    const isWaiting = this.#waiter !== undefined || this.#drain !== undefined;
    const leftMs = isWaiting ? this.#lastActiveMs + this.#idleLimitMs - nowMs : this.#idleLimitMs;
    if (leftMs > 0) return leftMs;
    if (this.#drain !== undefined) {
      this.destroy('peer-does-not-read');
      return undefined;
    }
    this.#answerRead('timed-out');
    return this.#idleLimitMs;
  }

  #answerRead(result: Uint8Array | StreamEnd): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.(result);
  }

  #settleDrain(): void {
    const drain = this.#drain;
    this.#drain = undefined;
    drain?.settle();
  }

  // Whoever waits for a drain while corked would wait for ever.
  #flushCorked(): void {
    const depth = this.#socket.writableCorked;
    for (let level = 0; level < depth; level++) this.#socket.uncork();
    for (let level = 0; level < depth; level++) this.#socket.cork();
  }

  #finish(closure?: StreamClosure): void {
    if (this.#state === 'closed') return;
    const inOrder =
      this.#faultCode === undefined && (this.#end === 'ended' || this.#state === 'lingering');
    this.#state = 'closed';
    this.#wheel.remove(this);
    if (closure?.how === 'destroyed') this.#queue = [];
    if (this.#end === undefined || closure !== undefined) this.#end = 'broken';
    this.#answerRead(this.#end);
    this.#settleDrain();
    this.#closure = closure ?? { how: inOrder ? 'ended' : 'broken', detail: this.#faultCode };
    this.#closing?.resolve(this.#closure);
    this.#peerEnding?.resolve();
  }
}

/** A socket without its stream, for the relay. */
export interface DetachedSocket {
  readonly socket: Socket;
  /** Came in and was not read; goes before anything that the socket still gives. */
  readonly received: readonly Uint8Array[];
  /** The peer has closed its side already; no further `end` event will come. */
  readonly hasEnded: boolean;
}

// Nagle's algorithm would hold small answers back for a delayed ACK: 40 ms for each login.
function tuneSocket(socket: Socket): void {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
}
