/** Calls between two workers, and what is left of them when a connection ends. */
import { createMemoryStreamPair, FakeClock } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { FrameStream } from './frame-stream.ts';
import { PeerClient } from './peer-client.ts';
import { type PeerObject, type PeerScope, servePeer } from './peer-server.ts';

type Methods = Readonly<Record<string, (...args: never[]) => unknown>>;

interface World {
  readonly peer: PeerClient;
  readonly clock: FakeClock;
  readonly faults: unknown[];
  /** Names of objects that were disposed of, in order. */
  readonly disposed: string[];
  readonly served: Promise<void>;
  readonly destroyCount: () => number;
}

function open(makeMethods: (scope: PeerScope, add: (name: string) => number) => Methods): World {
  const { client, server } = createMemoryStreamPair();
  const clock = new FakeClock();
  const faults: unknown[] = [];
  const disposed: string[] = [];
  const objectOf = (name: string, methods: Methods): PeerObject => ({
    methods: new Map(Object.entries(methods)),
    dispose: () => void disposed.push(name),
  });
  const served = servePeer({
    stream: server,
    makeRoot: (scope) =>
      objectOf(
        'root',
        makeMethods(scope, (name) => scope.add(objectOf(name, { hello: () => name }))),
      ),
    beforeAnswer: () => undefined,
    onFault: (error) => faults.push(error),
  });
  let destroyCount = 0;
  const destroy = (): void => {
    destroyCount += 1;
    client.destroy();
  };
  const peer = new PeerClient({ stream: client, clock, destroy });
  return { peer, clock, faults, disposed, served, destroyCount: () => destroyCount };
}

describe('a connection between workers', () => {
  it('answers calls with values of any plain kind, each its own', async () => {
    const { peer } = open(() => ({
      echo: (value: unknown) => value,
      later: async (value: unknown) => {
        await Promise.resolve();
        return value;
      },
    }));
    const values = [undefined, 'Ä', 7n, new Map([['a', new Uint8Array([1, 2])]]), new Set([1])];
    const answers = await Promise.all(
      values.flatMap((value) => [peer.call(0, 'echo', value), peer.call(0, 'later', value)]),
    );
    expect(answers).toEqual(
      values.flatMap((value) => [
        { isLost: false, value },
        { isLost: false, value },
      ]),
    );
  });

  it('does what is told in order, before what is called behind it', async () => {
    const order: number[] = [];
    const { peer } = open(() => ({
      note: async (number: number) => {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
        order.push(number);
      },
      read: () => [...order],
    }));
    for (const number of [1, 2, 3]) void peer.tell(0, 'note', number);
    expect(await peer.call(0, 'read')).toEqual({ isLost: false, value: [1, 2, 3] });
  });

  it('tells what happens to an object, until that is let go', async () => {
    const { peer, disposed } = open((scope, add) => ({
      add: () => add('thing'),
      happen: (object: number, what: string) => scope.tell(object, what),
      release: (object: number) => scope.remove(object),
    }));
    const added = await peer.call<number>(0, 'add');
    const object = added.isLost ? 0 : added.value;
    const heard: unknown[] = [];
    peer.listen(object, (event) => heard.push(event));
    await peer.call(0, 'happen', object, 'first');
    peer.forget(object);
    await peer.call(0, 'happen', object, 'second');
    expect(heard).toEqual(['first']);
    await peer.call(0, 'release', object);
    expect(disposed).toEqual(['thing']);
  });

  it('disposes of all objects when it ends, the youngest first', async () => {
    const { peer, disposed, served } = open((_scope, add) => ({
      add: (name: string) => add(name),
    }));
    for (const name of ['first', 'second']) await peer.call(0, 'add', name);
    peer.close();
    peer.close();
    await served;
    expect(disposed).toEqual(['second', 'first', 'root']);
    expect(await peer.call(0, 'add')).toEqual({ isLost: true });
    expect(peer.tell(0, 'add')).toBeUndefined();
  });

  it.each<[string, (peer: PeerClient) => Promise<unknown>]>([
    ['throws', (peer) => peer.call(0, 'fail')],
    ['is not there', (peer) => peer.call(0, 'nothing')],
    ['is of no object', (peer) => peer.call(99, 'fail')],
  ])('is lost, and the fault told, where a method %s', async (_what, call) => {
    const world = open(() => ({
      fail: () => {
        throw new Error('a bug');
      },
    }));
    let lostCount = 0;
    world.peer.onLost(() => (lostCount += 1));
    expect(await call(world.peer)).toEqual({ isLost: true });
    await world.served;
    expect(world.faults).toHaveLength(1);
    expect([lostCount, world.destroyCount()]).toEqual([1, 1]);
  });

  it('is lost when the other worker takes for ever', async () => {
    const { peer, clock } = open(() => ({ hang: () => new Promise(() => undefined) }));
    const answer = peer.call(0, 'hang');
    clock.advance(60_000);
    expect(await answer).toEqual({ isLost: true });
  });

  it('ends with what is no frame: a length beyond all bounds, octets that V8 did not write', async () => {
    for (const octets of [Buffer.from([255, 255, 255, 255]), Buffer.from([2, 0, 0, 0, 1, 2])]) {
      const { client, server } = createMemoryStreamPair();
      await client.write(octets);
      expect(await new FrameStream(server).read()).toBe('ended');
    }
  });

  it.each(['octets', { seed: 7 }, 'as-written'] as const)(
    'reads frames in pieces, %j',
    async (chunking) => {
      const { client, server } = createMemoryStreamPair({ chunking });
      const sender = new FrameStream(client);
      const reader = new FrameStream(server);
      const values = [{ a: 1 }, 'x'.repeat(1_000), undefined];
      for (const value of values) void sender.send(value);
      for (const value of values) expect(await reader.read()).toEqual({ value });
    },
  );
});
