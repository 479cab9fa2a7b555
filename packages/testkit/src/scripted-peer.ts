/**
 * A throw-away server on a real socket whose every step the test states. With it a test shows
 * both ends of a dialogue, also with a back end that lies, stalls, or dies in mid-word.
 */
import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { createSecureContext, type TLSSocketOptions } from 'node:tls';
import { DialoguePeer, type DialoguePeerOptions } from './dialogue-peer.ts';
import { SocketOctets } from './socket-octets.ts';

/** A certificate and its key, as `tls` takes them. */
export type ServerTls = TLSSocketOptions & { readonly key: string; readonly cert: string };

/** Plays one connection. When it returns the connection is closed in order; see `hold`. */
export type PeerScript = (peer: ScriptedPeer, connectionNumber: number) => Promise<void>;

/** Settings of a server. */
export interface ScriptedServerOptions extends DialoguePeerOptions {
  /** TLS from the first octet. */
  readonly tls?: ServerTls;
}

/** The server's end of one connection. */
export class ScriptedPeer extends DialoguePeer {
  readonly #octets: SocketOctets;

  /** Made by `startScriptedServer`. */
  constructor(octets: SocketOctets, options: DialoguePeerOptions) {
    super(octets, { otherName: 'client', ...options });
    this.#octets = octets;
  }

  /** The stream below. */
  get octets(): SocketOctets {
    return this.#octets;
  }

  /** The TLS handshake after the answer to STARTTLS. */
  startTls(tls: ServerTls): Promise<void> {
    return this.#octets.startTlsAsServer(tls);
  }

  /** Cuts the connection with a TCP reset. */
  reset(): void {
    this.#octets.reset();
  }

  /** Says nothing more and keeps the connection, until the client or the test ends it. */
  async hold(): Promise<void> {
    if (!this.#octets.socket.closed) await once(this.#octets.socket, 'close');
  }
}

/** A listening scripted server. `await using` closes it, and throws what a script threw. */
export interface ScriptedServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Connections that came so far. */
  readonly connectionCount: number;
  /** Waits until the scripts of all connections so far are over; throws what they threw. */
  finished(): Promise<void>;
  /** Stops listening and cuts every connection, without looking at the scripts. */
  kill(): Promise<void>;
  /** `kill`, and then throws the first error of a script unless `finished` has told it. */
  close(): Promise<void>;
}

/** Listens on a free port of the loopback address; each connection runs the script. */
export async function startScriptedServer(
  script: PeerScript,
  options: ScriptedServerOptions = {},
): Promise<ScriptedServer> {
  const { tls } = options;
  // One for all connections, as servers have it: else no client could resume its TLS session.
  const secureContext =
    tls && createSecureContext({ key: tls.key, cert: tls.cert, sessionIdContext: 'scripted' });
  const served = tls === undefined ? options : { ...options, tls: { ...tls, secureContext } };
  const plays: Promise<void>[] = [];
  const sockets = new Set<Socket>();
  let failure: Error | undefined;
  let isKilled = false;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const number = plays.length + 1;
    plays.push(
      play(script, socket, number, served).catch((error: Error) => {
        // Cutting a connection makes its script fail; that is no news.
        if (!isKilled) failure ??= error;
      }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const throwFailure = (): void => {
    const error = failure;
    failure = undefined;
    if (error !== undefined) throw error;
  };
  const kill = async (): Promise<void> => {
    isKilled = true;
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
    await Promise.all(plays);
  };
  const close = async (): Promise<void> => {
    await kill();
    throwFailure();
  };
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    get connectionCount() {
      return plays.length;
    },
    finished: async () => {
      await Promise.all(plays);
      throwFailure();
    },
    kill,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function play(
  script: PeerScript,
  socket: Socket,
  connectionNumber: number,
  options: ScriptedServerOptions,
): Promise<void> {
  socket.setNoDelay(true);
  const octets = new SocketOctets(socket);
  try {
    if (options.tls !== undefined) await octets.startTlsAsServer(options.tls);
    await script(new ScriptedPeer(octets, options), connectionNumber);
    octets.end();
  } catch (error) {
    octets.destroy();
    throw error;
  }
}
