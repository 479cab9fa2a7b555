/**
 * Redis as it runs where it must not fail: a main with replicas watched by three Sentinels, and a
 * Cluster of three mains with a replica each. Real processes on free ports of the loopback
 * address, with short limits, so that a failover takes two or three seconds.
 */
import { setTimeout } from 'node:timers/promises';
import { writeFile } from 'node:fs/promises';
import type { Redis as Client } from 'ioredis';
import { findFreePort } from './free-port.ts';
import { type RunningProcess, startProcess } from './process-runner.ts';
import { type PrivateRedis, startPrivateRedis } from './redis.ts';
import { ensureRedisBinary } from './redis-binary.ts';
import { createTempFolder } from './temp-folder.ts';

/** Several servers that stand in for each other. `await using` stops them. */
export interface RedisGroup extends AsyncDisposable {
  /** In the form of `directory.url`. */
  readonly url: string;
  /** Of Sentinels and servers. */
  readonly password: string | undefined;
  /** The main that has the key; the only one of a Sentinel group. */
  findMain(key: string): Promise<PrivateRedis>;
  /** Settles when `url` leads to a main for the key that is not this one. */
  waitForFailover(key: string, from: PrivateRedis): Promise<void>;
  /** Settles when every server is there and every replica has what its main has. */
  waitUntilWhole(): Promise<void>;
  stop(): Promise<void>;
}

const GROUP_NAME = 'main';
/** A server that is silent for so long counts as dead. */
const DOWN_AFTER_MS = 1_000;
/** Twice this has to pass between two failovers. */
const FAILOVER_TIMEOUT_MS = 2_000;
/**
 * What Sentinel has as constants, a tenth of each: how often it looks at servers and tells others
 * of itself. An old main that is back becomes a replica after four of the latter.
 */
const SENTINEL_PERIODS = { 'INFO-PERIOD': 1_000, 'PUBLISH-PERIOD': 200 } as const;
const POLL_MS = 50;
const POLL_LIMIT_MS = 30_000;

/** @param password Asked of everybody, if given. */
export async function startRedisSentinels(password?: string): Promise<RedisGroup> {
  await using stack = new AsyncDisposableStack();
  const secrets =
    password === undefined ? [] : ['--requirepass', password, '--masterauth', password];
  const main = stack.use(await startPrivateRedis({ isDurable: true, args: secrets }));
  const replicas: PrivateRedis[] = [];
  for (let count = 0; count < 2; count += 1) {
    const args = ['--replicaof', `127.0.0.1 ${main.port}`, ...secrets];
    replicas.push(stack.use(await startPrivateRedis({ isDurable: true, args })));
  }
  const servers = [main, ...replicas];
  const ports: number[] = [];
  for (let count = 0; count < 3; count += 1) {
    const sentinel = await startSentinel(main.port, password);
    stack.defer(() => sentinel.stop());
    ports.push(sentinel.port);
  }
  const askForMain = (): Promise<number> =>
    withClient(ports[0] ?? 0, password, async (client) => {
      const answer = (await client.call('SENTINEL', 'get-master-addr-by-name', GROUP_NAME)) as
        | readonly string[]
        | null;
      return Number(answer?.[1]);
    });
  const waitUntilWhole = (): Promise<void> =>
    until('the Sentinels know each other, and the replicas are up to date', async () => {
      const info = await withClient(ports[0] ?? 0, password, async (client) =>
        String(await client.call('SENTINEL', 'MASTER', GROUP_NAME)),
      );
      const isKnown = /num-slaves,2,/.test(info) && /num-other-sentinels,2,/.test(info);
      return isKnown && (await countCurrentReplicas(servers, password)) === 2;
    });
  await waitUntilWhole();
  const parts = stack.move();
  const findMain = async (): Promise<PrivateRedis> => {
    const port = await askForMain();
    return servers.find((server) => server.port === port) ?? main;
  };
  const stop = (): Promise<void> => parts.disposeAsync();
  return {
    url: `redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/${GROUP_NAME}`,
    password,
    findMain,
    waitForFailover: (_key, from) =>
      until('another main', async () => (await findMain()).port !== from.port),
    waitUntilWhole,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/**
 * Three mains and a replica of each.
 *
 * @param options `hasReplicas`: without them nobody takes over from a main that is lost.
 */
export async function startRedisCluster({
  hasReplicas = true,
}: { readonly hasReplicas?: boolean } = {}): Promise<RedisGroup> {
  await using stack = new AsyncDisposableStack();
  const servers: PrivateRedis[] = [];
  for (let count = 0; count < (hasReplicas ? 6 : 3); count += 1) {
    const args = [
      ...['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
      ...['--cluster-port', String(await findFreePort())],
      ...['--cluster-node-timeout', String(DOWN_AFTER_MS)],
      ...['--cluster-replica-validity-factor', '0'],
    ];
    servers.push(stack.use(await startPrivateRedis({ isDurable: true, args })));
  }
  await joinCluster(servers);
  const waitUntilWhole = (): Promise<void> =>
    until('the Cluster has all its nodes', async () => {
      const states = await askAll(servers, undefined, async (client) =>
        String(await client.cluster('INFO')),
      );
      const isUp = states.every((state) => state?.includes('cluster_state:ok') === true);
      return isUp && (await countCurrentReplicas(servers, undefined)) === servers.length - 3;
    });
  await waitUntilWhole();
  const parts = stack.move();
  const findMain = async (key: string): Promise<PrivateRedis> => {
    const port = await findOwner(servers, key);
    const owner = servers.find((server) => server.port === port);
    if (owner === undefined) throw new Error(`no node owns the slot of ${key}`);
    return owner;
  };
  const stop = (): Promise<void> => parts.disposeAsync();
  return {
    url: `redis+cluster://${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    password: undefined,
    findMain,
    waitForFailover: (key, from) =>
      until('another owner of the slot', async () => {
        const port = await findOwner(
          servers.filter((server) => server !== from),
          key,
        );
        return port !== undefined && port !== from.port;
      }),
    waitUntilWhole,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function startSentinel(
  mainPort: number,
  password: string | undefined,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const program = await ensureRedisBinary();
  const folder = await createTempFolder('sentinel');
  const port = await findFreePort();
  const file = folder.join('sentinel.conf');
  const secrets =
    password === undefined
      ? ''
      : `requirepass ${password}\nsentinel auth-pass ${GROUP_NAME} ${password}\nsentinel sentinel-pass ${password}\n`;
  // Sentinel writes what it learns into its own file.
  await writeFile(
    file,
    `port ${port}
bind 127.0.0.1
dir ${folder.path}
sentinel monitor ${GROUP_NAME} 127.0.0.1 ${mainPort} 2
sentinel down-after-milliseconds ${GROUP_NAME} ${DOWN_AFTER_MS}
sentinel failover-timeout ${GROUP_NAME} ${FAILOVER_TIMEOUT_MS}
${secrets}`,
  );
  const sentinel: RunningProcess = startProcess(program, { args: [file, '--sentinel'] });
  const stop = async (): Promise<void> => {
    await sentinel.stop();
    await folder.remove();
  };
  try {
    await sentinel.waitForLine(/\+monitor/);
    const periods = Object.entries(SENTINEL_PERIODS).flat().map(String);
    await withClient(port, password, (client) => client.call('SENTINEL', 'DEBUG', ...periods));
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, stop };
}

async function joinCluster(servers: readonly PrivateRedis[]): Promise<void> {
  const mains = servers.slice(0, 3);
  const [first] = mains;
  const bounds = [0, 5461, 10_923, 16_384];
  for (const [index, { port }] of mains.entries()) {
    await withClient(port, undefined, (client) =>
      client.cluster('ADDSLOTSRANGE', bounds[index] ?? 0, (bounds[index + 1] ?? 0) - 1),
    );
  }
  // A node's other port is not the usual one above its own, so it has to be said.
  const busPorts = await Promise.all(
    servers.map(({ port }) =>
      withClient(port, undefined, async (client) => {
        const nodes = String(await client.cluster('NODES'));
        return Number(/@(\d+)/.exec(nodes)?.[1]);
      }),
    ),
  );
  for (const [index, { port }] of servers.entries()) {
    await withClient(first?.port ?? 0, undefined, (client) =>
      client.call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPorts[index])),
    );
  }
  const ids = await Promise.all(
    mains.map(({ port }) =>
      withClient(port, undefined, async (client) => String(await client.cluster('MYID'))),
    ),
  );
  for (const [index, { port }] of servers.slice(3).entries()) {
    await until('a replica knows its main', () =>
      withClient(port, undefined, async (client) => {
        try {
          await client.cluster('REPLICATE', ids[index] ?? '');
          return true;
        } catch {
          return false;
        }
      }),
    );
  }
}

/** Replicas that follow their main, and have all that it had when this was asked. */
async function countCurrentReplicas(
  servers: readonly PrivateRedis[],
  password: string | undefined,
): Promise<number> {
  const ask = (): Promise<readonly (string | undefined)[]> =>
    askAll(servers, password, (client) => client.info('replication'));
  const mains = await ask();
  const sent = new Map(
    servers.map(({ port }, index) => [port, readNumber(mains[index], 'master_repl_offset')]),
  );
  return (await ask()).filter((state) => {
    const isLinked = state?.includes('master_link_status:up') === true;
    const wanted = sent.get(readNumber(state, 'master_port') ?? 0) ?? Infinity;
    return isLinked && (readNumber(state, 'slave_repl_offset') ?? -1) >= wanted;
  }).length;
}

/** From Redis's INFO. */
function readNumber(state: string | undefined, field: string): number | undefined {
  const digits = new RegExp(`^${field}:(\\d+)`, 'm').exec(state ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** What each answers; undefined of one that does not. */
function askAll(
  servers: readonly PrivateRedis[],
  password: string | undefined,
  ask: (client: Client) => Promise<string>,
): Promise<readonly (string | undefined)[]> {
  return Promise.all(
    servers.map(({ port }) => withClient(port, password, ask).catch(() => undefined)),
  );
}

/** The port of the main that the first living node names for the key's slot. */
async function findOwner(
  servers: readonly PrivateRedis[],
  key: string,
): Promise<number | undefined> {
  for (const { port } of servers) {
    try {
      return await withClient(port, undefined, async (client) => {
        if (!String(await client.cluster('INFO')).includes('cluster_state:ok')) return undefined;
        const slot = Number(await client.cluster('KEYSLOT', key));
        const table = await client.cluster('SLOTS');
        return table.find(([from, to]) => from <= slot && slot <= to)?.[2]?.[1];
      });
    } catch {
      // It is one of those that were killed or frozen.
    }
  }
  return undefined;
}

async function withClient<T>(
  port: number,
  password: string | undefined,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const { Redis } = await import('ioredis');
  const client = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    retryStrategy: () => null,
    commandTimeout: 1_000,
    connectTimeout: 1_000,
    ...(password === undefined ? {} : { password }),
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    client.disconnect();
  }
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + POLL_LIMIT_MS;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`waited ${POLL_LIMIT_MS} ms until ${what}`);
    await setTimeout(POLL_MS);
  }
}
