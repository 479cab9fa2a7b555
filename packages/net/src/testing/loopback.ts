/**
 * Real sockets and real certificates on loopback for this package's tests. A fixture closes
 * everything that was made through it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { AcceptLimits } from '../accept-limits.ts';
import type { NetClock } from '../clock-port.ts';
import { DeadlineWheel } from '../deadline-wheel.ts';
import { type Listener, type ListenerOptions, openListener } from '../listener.ts';
import {
  createCertificateAuthority,
  issueCertificate,
  type PemPair,
  writePemPair,
} from '../pki/index.ts';
import type { SocketStream } from '../socket-stream.ts';
import { openServerTls, type ServerTls, type ServerTlsOptions } from '../tls-context.ts';

export const realClock: NetClock = {
  elapsedMs: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

const DAY_MS = 86_400_000;
const VALID = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };

let authority: Promise<PemPair> | undefined;
/** One authority for all tests of a file. */
export function testAuthority(): Promise<PemPair> {
  authority ??= createCertificateAuthority({ name: 'Test authority', ...VALID });
  return authority;
}

export async function testCertificate(...names: readonly string[]): Promise<PemPair> {
  const commonName = names[0] ?? 'test';
  return issueCertificate(await testAuthority(), {
    use: 'server',
    commonName,
    names,
    ...VALID,
  });
}

export class Loopback {
  readonly wheel: DeadlineWheel;
  readonly #closers: (() => unknown)[] = [];
  #folder: Promise<string> | undefined;

  constructor(clock: NetClock = realClock) {
    this.wheel = new DeadlineWheel(clock);
  }

  /** A folder that goes with the fixture. */
  folder(): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), 'homeward-net-'));
    return this.#folder;
  }

  onClose(close: () => unknown): void {
    this.#closers.push(close);
  }

  async serverTls(
    names: readonly (readonly string[])[] = [['mail.example']],
    options: Partial<ServerTlsOptions> = {},
  ): Promise<ServerTls> {
    const folder = await this.folder();
    const certificates = names.map((_, index) => ({
      certFile: join(folder, `${index}.crt`),
      keyFile: join(folder, `${index}.key`),
    }));
    for (const [index, files] of certificates.entries()) {
      await writePemPair(files, await testCertificate(...(names[index] ?? [])));
    }
    const opened = await openServerTls({
      certificates,
      nowMs: () => Date.now(),
      clock: this.wheel.clock,
      isWatching: false,
      ...options,
    });
    if (!opened.ok) throw new Error(`${opened.reason}: ${opened.detail}`);
    this.onClose(() => opened.tls.close());
    return opened.tls;
  }

  async listen(options: Partial<ListenerOptions> = {}): Promise<Listener> {
    const opened = await openListener(
      {
        host: '127.0.0.1',
        port: 0,
        limits: new AcceptLimits(),
        onConnection: () => {},
        ...options,
      },
      this.wheel,
    );
    if (!opened.ok) throw new Error(`${opened.reason}: ${opened.detail}`);
    this.onClose(() => opened.listener.close());
    return opened.listener;
  }

  /** A plain client socket that is connected. */
  async client(port: number, allowHalfOpen = true): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen });
    this.#keep(socket);
    await once(socket, 'connect');
    return socket;
  }

  /** A TLS client socket past its handshake. */
  async tlsClient(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
    const ca = (await testAuthority()).cert;
    // Node takes it, its types do not know it.
    const halfOpen = { allowHalfOpen: true };
    const socket = connectTls({
      ...halfOpen,
      port,
      host: '127.0.0.1',
      servername: 'mail.example',
      ca,
      ...options,
    });
    this.#keep(socket);
    await once(socket, 'secureConnect');
    return socket;
  }

  /** Both ends of a connection: a stream here, a plain socket there. */
  async pair(): Promise<{ readonly stream: SocketStream; readonly socket: Socket }> {
    const accepted = Promise.withResolvers<SocketStream>();
    const listener = await this.listen({ onConnection: accepted.resolve });
    const socket = await this.client(listener.local.port);
    return { stream: await accepted.promise, socket };
  }

  async close(): Promise<void> {
    for (const close of this.#closers.toReversed()) await close();
    if (this.#folder !== undefined) await rm(await this.#folder, { recursive: true });
  }

  #keep(socket: Socket): void {
    socket.on('error', () => {});
    this.onClose(() => socket.destroy());
  }
}

/** Rejects when the socket fails first. */
export function once(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (value: unknown): void => {
      socket.off('error', reject);
      resolve(value);
    };
    socket.once(event, settle);
    socket.once('error', reject);
  });
}

/** All that a socket gives until it ends or breaks. */
export function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.resume();
    socket.once('end', () => resolve(Buffer.concat(chunks)));
    socket.once('close', () => resolve(Buffer.concat(chunks)));
  });
}

/** What the socket gives, up to this text and with it. */
export function readUntil(socket: Socket, text: string): Promise<string> {
  let seen = '';
  return new Promise((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      seen += chunk.toString('latin1');
      if (!seen.includes(text)) return;
      socket.off('data', take);
      resolve(seen);
    };
    socket.on('data', take);
    socket.once('close', () => reject(new Error(`closed after ${JSON.stringify(seen)}`)));
  });
}

/** Settles when the condition holds; turns of the event loop, not time. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
