/**
 * Connections between processes of one host, over a socket in the file system: whoever may open
 * its folder may connect, nobody else can. No TLS, no limits of clients: both ends are ours.
 */
import { unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { DeadlineWheel } from './deadline-wheel.ts';
import { SocketStream } from './socket-stream.ts';

/** Linux takes 107 octets and a NUL, macOS 103. */
export const LOCAL_PATH_LIMIT_BYTES = 103;

export interface LocalListenerOptions {
  /** Not longer than `LOCAL_PATH_LIMIT_BYTES`; its folder must be there, for us alone. */
  readonly path: string;
  /** Takes over the stream; must not throw. */
  readonly onConnection: (stream: SocketStream) => void;
}

export type OpenedLocalListener =
  | { readonly ok: true; readonly listener: LocalListener }
  | { readonly ok: false; readonly detail: string };

/** Takes the place of a socket that a process left behind which is no more. */
export async function openLocalListener(
  { path, onConnection }: LocalListenerOptions,
  wheel: DeadlineWheel,
): Promise<OpenedLocalListener> {
  await unlink(path).catch(ignoreError);
  const server = createServer({ allowHalfOpen: true });
  return new Promise((resolve) => {
    server.once('error', (error) => resolve({ ok: false, detail: error.message }));
    server.listen({ path }, () => {
      server.removeAllListeners('error');
      server.on('error', ignoreError);
      resolve({ ok: true, listener: new LocalListener(server, onConnection, wheel) });
    });
  });
}

/** Use `openLocalListener`; close it. */
export class LocalListener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(server: Server, onConnection: (stream: SocketStream) => void, wheel: DeadlineWheel) {
    this.#server = server;
    server.on('connection', (socket) => {
      socket.on('error', ignoreError);
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      onConnection(new SocketStream(socket, wheel));
    });
  }

  /** Cuts what is connected, and takes the socket out of its folder. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** @returns undefined if nobody listens there, or not within the budget. Never rejects. */
export async function dialLocal(
  path: string,
  budgetMs: number,
  wheel: DeadlineWheel,
): Promise<SocketStream | undefined> {
  const socket = connect({ path, allowHalfOpen: true });
  const isConnected = await new Promise<boolean>((resolve) => {
    const cancel = wheel.clock.after(budgetMs, () => resolve(false));
    socket.once('connect', () => {
      cancel();
      resolve(true);
    });
    socket.on('error', () => {
      cancel();
      resolve(false);
    });
  });
  if (isConnected) return new SocketStream(socket, wheel);
  socket.destroy();
  return undefined;
}

function ignoreError(): void {
  // Its owner hears of its end.
}
