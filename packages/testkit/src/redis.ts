/**
 * A real Redis for tests: a private server on a free port, which the test may kill, freeze and
 * start again; or, for tests that do none of it, the one that HOMEWARD_TEST_REDIS_URL names.
 */
import { randomBytes } from 'node:crypto';
import { cp, rm } from 'node:fs/promises';
import type { Redis as Client } from 'ioredis';
import { findFreePort } from './free-port.ts';
import { type RunningProcess, startProcess } from './process-runner.ts';
import { ensureRedisBinary } from './redis-binary.ts';
import { createTempFolder } from './temp-folder.ts';

/** A Redis that answers. `await using` stops it, or removes what the test left in a shared one. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  /**
   * A prefix that no other test uses, of a-z, 0-9 and hyphens. In a shared Redis every key and
   * channel must contain it.
   */
  readonly keyPrefix: string;
  stop(): Promise<void>;
}

/** A Redis that belongs to one test, with its faults. */
export interface PrivateRedis extends TestRedis {
  readonly port: number;
  /** kill -9; settles when the process is gone. */
  kill(): Promise<void>;
  /** Starts it on the same port, after `kill`: empty, or with its data if it keeps them. */
  restart(): Promise<void>;
  /** Stops it in mid-step: connections stay open, nothing answers. */
  freeze(): void;
  /** Lets it go on after `freeze`. */
  thaw(): void;
  /**
   * Keeps what it has now; with `isDurable` alone.
   *
   * @returns Kills the server, takes away all that it learnt since, and starts it again.
   */
  keepState(): Promise<() => Promise<void>>;
}

/** How a private server is started. */
export interface PrivateRedisOptions {
  /** Keeps data over a restart, synced at every write; off by default. */
  readonly isDurable?: boolean;
  /** More arguments for the server, `['--maxmemory', '10mb']`. */
  readonly args?: readonly string[];
}

const startAttempts = 5;

/** The Redis of HOMEWARD_TEST_REDIS_URL if that is set, else a private one. */
export async function startRedis(): Promise<TestRedis> {
  const url = process.env['HOMEWARD_TEST_REDIS_URL'];
  return url === undefined || url === '' ? startPrivateRedis() : borrowRedis(url);
}

/** A server of the caller's own, in every case. */
export async function startPrivateRedis(options: PrivateRedisOptions = {}): Promise<PrivateRedis> {
  const program = await ensureRedisBinary();
  const folder = await createTempFolder('redis');
  let server = await startOnFreePort(program, folder.path, options);
  const stop = async (): Promise<void> => {
    await server.process.stop();
    await folder.remove();
  };
  const { port } = server;
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    keyPrefix: createKeyPrefix(),
    stop,
    kill: () => server.process.stop(),
    restart: async () => {
      await server.process.stop();
      server = { port, process: await startOnPort(program, folder.path, port, options) };
    },
    freeze: () => server.process.signal('SIGSTOP'),
    thaw: () => server.process.signal('SIGCONT'),
    keepState: async () => {
      const kept = await createTempFolder('redis-state');
      await cp(folder.path, kept.path, { recursive: true });
      return async () => {
        await server.process.stop();
        await rm(folder.path, { recursive: true });
        await cp(kept.path, folder.path, { recursive: true });
        await kept.remove();
        server = { port, process: await startOnPort(program, folder.path, port, options) };
      };
    },
    [Symbol.asyncDispose]: stop,
  };
}

interface StartedServer {
  readonly port: number;
  readonly process: RunningProcess;
}

/** Another process may take the port between the look and the start; then another port serves. */
async function startOnFreePort(
  program: string,
  folder: string,
  options: PrivateRedisOptions,
): Promise<StartedServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort();
    try {
      return { port, process: await startOnPort(program, folder, port, options) };
    } catch (error) {
      const isTaken = error instanceof Error && /Address already in use/.test(error.message);
      if (!isTaken || attempt === startAttempts) throw error;
    }
  }
}

async function startOnPort(
  program: string,
  folder: string,
  port: number,
  options: PrivateRedisOptions,
): Promise<RunningProcess> {
  const keep = options.isDurable === true ? ['yes', '--appendfsync', 'always'] : ['no'];
  const started = startProcess(program, {
    args: [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
      ...['--save', '', '--appendonly', ...keep, ...(options.args ?? [])],
    ],
  });
  try {
    await started.waitForLine(/Ready to accept connections/);
    return started;
  } catch (error) {
    await started.stop();
    throw error;
  }
}

async function borrowRedis(url: string): Promise<TestRedis> {
  const keyPrefix = createKeyPrefix();
  // Connects at once, so that a wrong URL is told here and not by the first test.
  await withClient(url, (client) => client.ping());
  const stop = (): Promise<void> => withClient(url, (client) => removeKeys(client, keyPrefix));
  return { url, keyPrefix, stop, [Symbol.asyncDispose]: stop };
}

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  // Loaded only here: with a private server nothing needs it.
  const { Redis } = await import('ioredis');
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown';
    throw new Error(`HOMEWARD_TEST_REDIS_URL does not lead to a Redis that can be used: ${why}`, {
      cause: error,
    });
  } finally {
    client.disconnect();
  }
}

async function removeKeys(client: Client, keyPrefix: string): Promise<void> {
  let cursor = '0';
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', `*${keyPrefix}*`, 'COUNT', 1000);
    cursor = next;
    // One by one: in a cluster the keys of one command must share a slot.
    await Promise.all(keys.map((key) => client.unlink(key)));
  } while (cursor !== '0');
}

function createKeyPrefix(): string {
  return `test-${process.pid}-${randomBytes(6).toString('hex')}`;
}
