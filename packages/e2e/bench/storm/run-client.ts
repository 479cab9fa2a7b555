/**
 * One mail program in a storm: connects over TLS, logs in, and stays. Refused, it comes back some
 * seconds later, as those do; cut, it connects anew.
 */
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { STORM_PASSWORD, type StormClient } from './storm-accounts.ts';

export interface StormTarget {
  readonly port: number;
  readonly ca: string;
  readonly servername: string;
}

/** How one client fared; times in milliseconds since the storm began. */
export interface StormResult {
  readonly client: StormClient;
  readonly inAtMs: number;
  readonly refusalCount: number;
  readonly cutCount: number;
}

const COME_BACK_MS = 5_000;
const CONNECT_AGAIN_MS = 1_000;

/** Resolves when it is in; its connection stays open in `sockets`. */
export async function runClient(
  client: StormClient,
  target: StormTarget,
  sockets: Set<TLSSocket>,
  signal: AbortSignal,
): Promise<StormResult | undefined> {
  const startedAtMs = performance.now();
  const tally = { refusalCount: 0, cutCount: 0 };
  while (!signal.aborted) {
    const socket = openSocket(client, target);
    sockets.add(socket);
    try {
      const isIn = await logIn(socket, client, tally, signal);
      if (isIn) return { client, inAtMs: performance.now() - startedAtMs, ...tally };
    } catch {
      tally.cutCount += 1;
    }
    sockets.delete(socket);
    socket.destroy();
    await pause(CONNECT_AGAIN_MS);
  }
  return undefined;
}

function openSocket({ from }: StormClient, { port, ca, servername }: StormTarget): TLSSocket {
  const options = { host: '127.0.0.1', port, ca, servername, localAddress: from };
  return connect(options).on('error', () => undefined);
}

async function logIn(
  socket: TLSSocket,
  { name }: StormClient,
  tally: { refusalCount: number },
  signal: AbortSignal,
): Promise<boolean> {
  const answers = linesOf(socket);
  await next(answers);
  while (!signal.aborted) {
    socket.write(`a LOGIN ${name} "${STORM_PASSWORD}"\r\n`);
    let answer = await next(answers);
    while (!answer.startsWith('a ')) answer = await next(answers);
    if (answer.startsWith('a OK')) return true;
    tally.refusalCount += 1;
    await pause(COME_BACK_MS);
  }
  return false;
}

/** The server's lines; ends with the connection. */
async function* linesOf(socket: TLSSocket): AsyncGenerator<string> {
  let rest = '';
  for await (const octets of socket.iterator({ destroyOnReturn: false })) {
    const lines = (rest + String(octets)).split('\r\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

async function next(lines: AsyncGenerator<string>): Promise<string> {
  const { done, value } = await lines.next();
  if (done === true) throw new Error('cut');
  return value;
}

/** With half as much again at random, so that they do not come back as one. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms * (1 + Math.random() / 2)));
}

/** A session that is there before the storm. */
export interface Bystander {
  /** Asks NOOP again and again. @returns How long each took, in milliseconds. */
  watch(signal: AbortSignal): Promise<readonly number[]>;
}

/** Resolves when it is in. */
export async function openBystander(client: StormClient, target: StormTarget): Promise<Bystander> {
  const socket = openSocket(client, target);
  await once(socket, 'secureConnect');
  const answers = linesOf(socket);
  await next(answers);
  socket.write(`a LOGIN ${client.name} "${STORM_PASSWORD}"\r\n`);
  let answer = await next(answers);
  while (!answer.startsWith('a ')) answer = await next(answers);
  if (!answer.startsWith('a OK')) throw new Error(`before the storm: ${answer}`);
  return {
    async watch(signal) {
      const timesMs: number[] = [];
      while (!signal.aborted) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        const startedAtMs = performance.now();
        socket.write('n NOOP\r\n');
        // It must not be cut: that would be a figure of its own.
        await next(answers);
        timesMs.push(performance.now() - startedAtMs);
      }
      socket.destroy();
      return timesMs;
    },
  };
}
