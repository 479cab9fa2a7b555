/**
 * The server's side of a TLS handshake over a connection that was accepted in plaintext: at
 * once for implicit TLS, after STARTTLS or STLS otherwise. Bounded in time; a client that
 * speaks plaintext to a TLS port is told apart from other failures.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { hasVerifiedPeer } from './peer-certificate.ts';
import type { DeadlineEntry, DeadlineWheel } from './deadline-wheel.ts';
import type { SocketStream } from './socket-stream.ts';
import type { ServerTls } from './tls-context.ts';

/** Why no TLS connection came about; closed list, goes to logs and metrics. */
export type HandshakeFailure =
  /** The client speaks something else: plaintext IMAP, HTTP, a port scanner. */
  | 'not-tls'
  | 'timed-out'
  /** The client went away. */
  | 'closed'
  /** No common version or cipher, or one side refuses the other's certificate. */
  | 'failed';

export type HandshakeOutcome =
  | { readonly ok: true; readonly socket: TLSSocket }
  | { readonly ok: false; readonly reason: HandshakeFailure; readonly detail: string };

export type UpgradeOutcome = { readonly ok: true } | (HandshakeOutcome & { readonly ok: false });

const NOT_TLS_CODES: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_HTTPS_PROXY_REQUEST',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_UNEXPECTED_MESSAGE',
  'ERR_SSL_BAD_RECORD_TYPE',
  'ERR_SSL_RECORD_LAYER_FAILURE',
]);

/**
 * Encrypts a stream whose client asked for it. What came in plaintext and was not read yet is
 * dropped (RFC 3501 §6.2.1: a man in the middle may have put it there). The answer to
 * STARTTLS must be written before; it leaves first.
 *
 * On failure the stream is destroyed.
 *
 * @param alpn See `ServerTls.socketOptions`.
 */
export async function upgradeToTls(
  stream: SocketStream,
  tls: ServerTls,
  limitMs: number,
  wheel: DeadlineWheel,
  alpn?: string,
): Promise<UpgradeOutcome> {
  const plain = stream.surrenderForTls();
  if (plain === undefined) return { ok: false, reason: 'closed', detail: 'closed before' };
  const outcome = await shakeHands(plain, tls, limitMs, wheel, alpn);
  if (!outcome.ok) {
    stream.destroy(`tls-${outcome.reason}`);
    return outcome;
  }
  stream.resumeOverTls(outcome.socket);
  return { ok: true };
}

/**
 * Runs the handshake over an accepted socket. On failure both sockets are destroyed. What the
 * client sends behind its handshake waits in the socket that is returned.
 *
 * Many at once take turns (see `TurnPacer`), in the order in which they came; the limit begins
 * with a handshake's turn.
 *
 * @param limitMs Late by up to half a second.
 */
export function shakeHands(
  plain: Socket,
  tls: ServerTls,
  limitMs: number,
  wheel: DeadlineWheel,
  alpn?: string,
): Promise<HandshakeOutcome> {
  return new Promise((resolve) => {
    tls.pacer.run(() => {
      if (plain.destroyed) {
        resolve({ ok: false, reason: 'closed', detail: 'closed before its turn' });
        return;
      }
      const socket = new TLSSocket(plain, tls.socketOptions(alpn));
      const handshake = new Handshake(plain, socket, wheel, resolve, tls.wantsClientCertificate);
      handshake.begin(limitMs);
    });
  });
}

class Handshake implements DeadlineEntry {
  deadlineSlot = 0;
  readonly #plain: Socket;
  readonly #socket: TLSSocket;
  readonly #wheel: DeadlineWheel;
  readonly #settle: (outcome: HandshakeOutcome) => void;
  readonly #wantsCertificate: boolean;

  constructor(
    plain: Socket,
    socket: TLSSocket,
    wheel: DeadlineWheel,
    settle: (outcome: HandshakeOutcome) => void,
    wantsCertificate: boolean,
  ) {
    this.#plain = plain;
    this.#socket = socket;
    this.#wheel = wheel;
    this.#settle = settle;
    this.#wantsCertificate = wantsCertificate;
  }

  begin(limitMs: number): void {
    const socket = this.#socket;
    // An error is followed by a close; this one stays so that none is ever unhandled.
    socket.on('error', ignoreError);
    // Before the handshake is done, errors come only by this event of TLSSocket's.
    socket.on('_tlsError', this.#onError);
    socket.on('close', this.#onClose);
    // Half-open sockets do not close by themselves.
    socket.on('end', this.#onClose);
    socket.on('secure', this.#onSecure);
    this.#wheel.add(this, limitMs);
    // The end came before there was TLS; it will not come again.
    if (this.#plain.readableEnded) this.#onClose();
    else this.#plain.on('end', this.#onClose);
  }

  onDeadline(): undefined {
    this.#fail('timed-out', 'no handshake within the limit');
  }

  readonly #onSecure = (): void => {
    if (this.#wantsCertificate && !hasVerifiedPeer(this.#socket)) {
      this.#fail('failed', 'a certificate that is not of the authority');
      return;
    }
    this.#release();
    // Later TLS faults, a broken record say, come by the same event and close nothing.
    this.#socket.on('_tlsError', destroySocket);
    this.#settle({ ok: true, socket: this.#socket });
  };

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    const code = error.code ?? error.name;
    if (NOT_TLS_CODES.has(code)) this.#fail('not-tls', code);
    else this.#fail(code === 'ECONNRESET' || code === 'EPIPE' ? 'closed' : 'failed', code);
  };

  readonly #onClose = (): void => {
    this.#fail('closed', 'closed during the handshake');
  };

  #fail(reason: HandshakeFailure, detail: string): void {
    this.#release();
    this.#socket.destroy();
    this.#settle({ ok: false, reason, detail });
  }

  #release(): void {
    this.#wheel.remove(this);
    this.#socket.off('_tlsError', this.#onError);
    this.#socket.off('close', this.#onClose);
    this.#socket.off('end', this.#onClose);
    this.#plain.off('end', this.#onClose);
    this.#socket.off('secure', this.#onSecure);
  }
}

function ignoreError(): void {}

function destroySocket(this: TLSSocket, error: Error): void {
  this.destroy(error);
}
