/** News of changes over a connection that breaks again and again. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { startPrivateRedis } from '@homeward/testkit';
import { expect, it } from 'vitest';
import { createSite } from '../testing/driver-contract.ts';
import { openRedisDirectory } from './redis-directory.ts';

interface Cutter extends AsyncDisposable {
  readonly port: number;
  readonly cutCount: () => number;
  isCutting: boolean;
}

/** Passes connections on to a Redis; cuts those that subscribe as long as it is told to. */
async function openCutter(redisPort: number): Promise<Cutter> {
  const sockets = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(redisPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => void (client.destroy(), upstream.destroy()));
    }
    upstream.pipe(client);
    client.on('data', (octets) => {
      if (!cutter.isCutting || !/subscribe/i.test(octets.toString('latin1'))) {
        upstream.write(octets);
        return;
      }
      cuts += 1;
      client.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cutter = {
    port: (server.address() as AddressInfo).port,
    cutCount: () => cuts,
    isCutting: false,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      if (server.listening) await once(server, 'close');
    },
  };
  return cutter;
}

it('a connection that breaks while it subscribes again is no fault that nobody sees', async () => {
  await using redis = await startPrivateRedis({ isDurable: true });
  await using cutter = await openCutter(Number(new URL(redis.url).port));
  await using stack = new AsyncDisposableStack();
  const url = `redis://127.0.0.1:${cutter.port}`;
  const driver = await openRedisDirectory({ url, budgetMs: 500, foundsWhenEmpty: true });
  stack.defer(() => driver.close());
  const news: string[] = [];
  driver.subscribe(({ area }) => news.push(area));
  cutter.isCutting = true;
  await redis.restart();
  // What ioredis leaves unseen would fail this test: vitest tells of it.
  await expect.poll(() => cutter.cutCount()).toBeGreaterThan(3);
  cutter.isCutting = false;
  const put = (): Promise<boolean> =>
    driver.putSite(createSite('dublin', 1)).then(
      () => true,
      () => false,
    );
  await expect.poll(put).toBe(true);
  await expect.poll(() => news).toContain('everything');
  // A change from before it listens again is made up for by "everything".
  let value = 0;
  const hasNews = async (): Promise<boolean> => {
    await driver.setSetting('some.setting', (value += 1));
    return news.includes('settings');
  };
  await expect.poll(hasNews).toBe(true);
});
