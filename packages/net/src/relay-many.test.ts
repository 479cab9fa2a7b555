/**
 * Many relays at once, whose homes are all read into one buffer: each client gets what its own home
 * has sent, octet for octet, whatever the others' clients do meanwhile.
 */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { isUnasked } from '@homeward/wire';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClientTls } from './client-tls.ts';
import { dial } from './dial.ts';
import { type Relay, startRelay } from './relay.ts';
import type { SocketStream } from './socket-stream.ts';
import { Loopback, testAuthority } from './testing/loopback.ts';

let loopback: Loopback;
beforeEach(() => {
  loopback = new Loopback();
});
afterEach(() => loopback.close());

/** What happens to one relay. */
interface Course {
  /** Octets from the home, in pieces of `pieceBytes`. */
  readonly byteCount: number;
  readonly pieceBytes: number;
  /** The client stops reading for a turn behind so many octets; 0 for never. */
  readonly pauseEvery: number;
  /** Comes when half of the octets are sent, if it is not in order. */
  readonly end: 'in-order' | 'destroy-relay' | 'client-dies' | 'home-dies' | 'stop';
  readonly clientTls: boolean;
  readonly homeTls: boolean;
  /** The client has closed its side before the home sends anything. */
  readonly closesEarly: boolean;
}

const courses = fc.record<Course>({
  byteCount: fc.integer({ min: 1, max: 600_000 }),
  pieceBytes: fc.constantFrom(1_500, 4_096, 16_384, 65_536, 200_000),
  pauseEvery: fc.constantFrom(0, 10_000, 100_000),
  end: fc.constantFrom('in-order', 'in-order', 'destroy-relay', 'client-dies', 'home-dies', 'stop'),
  clientTls: fc.boolean(),
  homeTls: fc.boolean(),
  closesEarly: fc.boolean(),
});

/** Octets that no other session has, and that differ at each place. */
function octetsOf(session: number, byteCount: number): Buffer {
  const octets = Buffer.alloc(byteCount);
  const seed = createHash('sha256').update(String(session)).digest();
  for (let at = 0; at < byteCount; at += 1) {
    octets[at] = (seed[(at >> 8) & 31] ?? 0) ^ (seed[at & 31] ?? 0) ^ (at >> 13);
  }
  return octets;
}

interface Doors {
  open(clientTls: boolean, homeTls: boolean): Promise<Legs>;
}

interface Legs {
  readonly relay: Relay;
  readonly client: Socket;
  readonly home: Socket;
}

async function openDoors(): Promise<Doors> {
  const tls = await loopback.serverTls([['mail.example']]);
  const trust = new ClientTls({ ca: (await testAuthority()).cert });
  let onStream: (stream: SocketStream) => void = () => undefined;
  const onConnection = (stream: SocketStream): void => onStream(stream);
  const implicitTls = { tls, handshakeLimitMs: 10_000 };
  const [plain, secure] = [
    await loopback.listen({ onConnection }),
    await loopback.listen({ onConnection, implicitTls }),
  ];
  const next = (): Promise<SocketStream> =>
    new Promise((resolve) => {
      onStream = resolve;
    });
  return {
    async open(clientTls, homeTls) {
      const outer = next();
      const client = clientTls
        ? await loopback.tlsClient(secure.local.port)
        : await loopback.client(plain.local.port);
      const left = await outer;
      const inner = next();
      const dialled = await dial(
        {
          addresses: [{ host: '127.0.0.1', port: (homeTls ? secure : plain).local.port }],
          budgetMs: 5_000,
          ...(homeTls && { tls: { client: trust, serverName: 'mail.example' } }),
        },
        loopback.wheel,
      );
      if (!dialled.ok) throw new Error(dialled.reason);
      const home = (await inner).detach()?.socket;
      if (home === undefined) throw new Error('the home is gone');
      home.removeAllListeners('data');
      const relay = startRelay(
        left,
        dialled.stream,
        { idleLimitMs: 0, isAnswered: isUnasked },
        loopback.wheel,
      );
      return { relay, client, home };
    },
  };
}

/** Leads one relay to its end, and looks at what came to either side. */
async function run(course: Course, session: number, legs: Legs): Promise<void> {
  const { relay, client, home } = legs;
  const down = octetsOf(session, course.byteCount);
  const up = octetsOf(session + 1_000, Math.min(course.byteCount, 50_000));
  const [atClient, atHome] = [collect(client, course.pauseEvery), collect(home, 0)];
  if (course.closesEarly) client.end(up);
  else client.write(up);
  const half = Math.floor(down.length / 2);
  await sendPieces(home, down.subarray(0, half), course.pieceBytes);
  if (course.end === 'destroy-relay') relay.destroy();
  if (course.end === 'client-dies') client.destroy();
  if (course.end === 'home-dies') home.destroy();
  if (course.end === 'stop') void relay.stop('* BYE\r\n', 200);
  await sendPieces(home, down.subarray(half), course.pieceBytes);
  home.end();
  if (course.end === 'in-order' && !course.closesEarly) client.end();
  const [got, heard] = [await atClient, await atHome];
  if (course.end !== 'stop') client.destroy();
  home.destroy();
  client.destroy();
  await relay.ended;
  if (course.end === 'in-order') {
    expect([got.equals(down), heard.equals(up)]).toEqual([true, true]);
    return;
  }
  const words = course.end === 'stop' ? Buffer.from('* BYE\r\n') : Buffer.alloc(0);
  const isWhole = got.subarray(-words.length).equals(words) && words.length > 0;
  const own = isWhole ? got.subarray(0, -words.length) : got;
  expect(own.equals(down.subarray(0, own.length))).toBe(true);
  expect(heard.equals(up.subarray(0, heard.length))).toBe(true);
}

async function sendPieces(socket: Socket, octets: Buffer, pieceBytes: number): Promise<void> {
  for (let at = 0; at < octets.length; at += pieceBytes) {
    if (!socket.writable) return;
    if (socket.write(octets.subarray(at, at + pieceBytes))) continue;
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        socket.off('drain', settle).off('close', settle);
        resolve();
      };
      socket.on('drain', settle).on('close', settle);
    });
  }
}

function collect(socket: Socket, pauseEvery: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let count = 0;
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      chunks.push(Buffer.from(chunk));
      count += chunk.length;
      if (pauseEvery === 0 || count < pauseEvery) return;
      count = 0;
      socket.pause();
      setImmediate(() => setImmediate(() => socket.resume()));
    });
    const settle = (): void => resolve(Buffer.concat(chunks));
    socket.once('end', settle).once('close', settle);
    socket.on('error', settle);
    socket.resume();
  });
}

test('no session sees another’s octets, and none is changed on its way', async () => {
  const doors = await openDoors();
  await fc.assert(
    fc.asyncProperty(fc.array(courses, { minLength: 2, maxLength: 6 }), async (many) => {
      const legs: Legs[] = [];
      for (const { clientTls, homeTls } of many) legs.push(await doors.open(clientTls, homeTls));
      await Promise.all(
        many.map(async (course, session) => {
          const own = legs[session];
          if (own !== undefined) await run(course, session, own);
        }),
      );
    }),
    { numRuns: 40 },
  );
}, 60_000);
