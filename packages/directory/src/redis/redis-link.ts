/**
 * One connection to Redis (server, Sentinel group or Cluster) that every call of the driver goes
 * through. It owns the bounds: a call ends within the budget or rejects as unavailable, nothing
 * waits in a queue while the connection is down, a connection that stays silent is dropped, and
 * reconnecting goes on for ever, with growing pauses and jitter.
 *
 * ioredis puts the arguments of a failed command on its errors. They hold credentials, so no
 * error of ioredis leaves this file: only the first word of a server's answer does.
 */
import { createHash } from 'node:crypto';
import { Cluster, Redis } from 'ioredis';
import type { Clock } from '../clock.ts';
import { DirectoryUnavailableError } from '../ports.ts';
import { ClusterClient, type ClusterClientOptions, type SilenceOptions } from './cluster-client.ts';
import type { RedisAddress } from './connection-url.ts';

/** What the driver may ask of ioredis: a single server's client and a Cluster's alike. */
export type RedisClient = Redis | Cluster;

export interface RedisLinkOptions {
  readonly address: RedisAddress;
  /** Limit for each command. */
  readonly budgetMs: number;
  /** Shown in Redis's CLIENT LIST. */
  readonly connectionName: string;
  /** Of the Sentinels, which may have another one than the servers, or none. */
  readonly sentinelPassword?: string | undefined;
  /** PEM of the authorities to trust; the system's if undefined. */
  readonly tlsCa: string | undefined;
  readonly clock: Clock;
  /** 0 ≤ x < 1, for the jitter. */
  readonly random: () => number;
  /** Told when the link begins or ceases to work, with why; must not throw. */
  readonly onAvailability?: ((isAvailable: boolean, reason: string) => void) | undefined;
  /** Run on every new connection before calls may use it; its failure keeps calls out. */
  readonly onConnected: (client: RedisClient) => Promise<void>;
}

/** A node of a Cluster came, went or failed; a single server's client tells of none of these. */
const CLUSTER_EVENTS = ['+node', '-node', 'node error'] as const;

/** Between checks of a connection that calls may not use yet. */
const RECHECK_MS = 500;
/** A failover of the Cluster is known so soon, also where nothing is asked. */
const SLOTS_REFRESH_MS = 1_000;
/**
 * Least time for one node to say who has which slots. Nodes are asked one after another, in an
 * order of chance: one that is silent must leave time for others within the same budget.
 */
const SLOTS_LIMIT_MS = 250;

/** A Lua script, sent whole only where Redis does not know it yet. */
export interface RedisScript {
  readonly source: string;
  readonly sha1: string;
}

/** A command's name and its arguments. */
export type RedisCommand = readonly [name: string, ...args: string[]];

export function createScript(source: string): RedisScript {
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
}

export class RedisLink {
  readonly #client: RedisClient;
  readonly #clock: Clock;
  readonly #budgetMs: number;
  readonly #onConnected: (client: RedisClient) => Promise<void>;
  readonly #onAvailability: ((isAvailable: boolean, reason: string) => void) | undefined;
  readonly #waiting = new Set<() => void>();
  #refusal: string | undefined = 'connecting';
  /** Where it is, for messages: the user and the password stay out of them. */
  readonly #place: string;
  /** What the connection died of, if ioredis said. */
  #fault: string | undefined;
  #isClosed = false;
  /** Counts connections, so that a slow check of an old one has no effect. */
  #connectionNumber = 0;
  #disturbanceCount = 0;
  /** Corked until the end of this turn of the event loop. */
  #gathering: Redis['stream'] | undefined;

  constructor(options: RedisLinkOptions) {
    this.#clock = options.clock;
    this.#budgetMs = options.budgetMs;
    this.#onConnected = options.onConnected;
    this.#onAvailability = options.onAvailability;
    this.#place = options.address.nodes.map(formatNode).join(', ');
    this.#client = createClient({ ...options, onSilence: (places) => this.#tellSilence(places) });
    this.#client.on('ready', () => void this.#beginConnection());
    this.#client.on('close', () => this.#markAway(this.#fault ?? 'the connection was lost'));
    this.#client.on('error', (error: Error) => (this.#fault = describeFault(error)));
    for (const event of CLUSTER_EVENTS) this.#client.on(event, () => (this.#disturbanceCount += 1));
  }

  /**
   * Grows whenever another server may have taken over since: what was written just before may be
   * lost, and what was read may be older than what was read before.
   */
  get disturbanceCount(): number {
    return this.#disturbanceCount;
  }

  /** Why calls are refused at the moment; undefined while the link works. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** Runs commands. Rejects with `DirectoryUnavailableError` and nothing else. */
  async run<Result>(task: (client: RedisClient) => Promise<Result>): Promise<Result> {
    if (this.#refusal !== undefined) {
      throw new DirectoryUnavailableError(
        `Redis at ${this.#place} cannot be used: ${this.#refusal}`,
      );
    }
    this.#gather();
    try {
      const running = task(this.#client);
      return await (this.#client.isCluster ? this.#withinBudget(running) : running);
    } catch (error) {
      throw toUnavailable(error);
    }
  }

  /**
   * What is asked within one turn of the event loop leaves in one packet at its end: a packet costs
   * more than the commands in it. A Cluster's client has a connection to each node, and they stay
   * as they are.
   */
  #gather(): void {
    if (this.#client instanceof Cluster || this.#gathering !== undefined) return;
    const { stream } = this.#client;
    this.#gathering = stream;
    stream.cork();
    setImmediate(() => {
      this.#gathering = undefined;
      stream.uncork();
    });
  }

  /** A Cluster's client asks other nodes after the first; all of them share one budget. */
  async #withinBudget<Result>(running: Promise<Result>): Promise<Result> {
    const late = Promise.withResolvers<never>();
    const cancel = this.#clock.after(this.#budgetMs, () => {
      late.reject(new DirectoryUnavailableError('Redis Cluster did not answer in time'));
    });
    running.catch(() => undefined);
    try {
      return await Promise.race([running, late.promise]);
    } finally {
      cancel();
    }
  }

  async runScript(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    return this.run((client) => evalScript(client, script, keys, args));
  }

  /**
   * Runs commands that do not depend on each other's outcome, in one packet where one server has
   * all the keys. Rejects, as `run` does, if any of them failed; others may have been done.
   */
  async runTogether(commands: readonly RedisCommand[]): Promise<void> {
    await this.run(async (client) => {
      if (client instanceof Cluster) {
        await Promise.all(commands.map(([name, ...args]) => client.call(name, ...args)));
        return;
      }
      const outcomes = await client.pipeline(commands.map((command) => [...command])).exec();
      for (const [error] of outcomes ?? []) if (error !== null) throw error;
    });
  }

  /** Settles when the link works, or after `limitMs`, whichever is first. Never rejects. */
  async waitUntilUsable(limitMs: number): Promise<void> {
    if (this.#refusal === undefined) return;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        cancel();
        this.#waiting.delete(finish);
        resolve();
      };
      const cancel = this.#clock.after(limitMs, finish, { keepsProcess: true });
      this.#waiting.add(finish);
    });
  }

  /** Keeps calls out, with this reason, until `onConnected` finds the data in order again. */
  doubt(reason: string): void {
    if (this.#refusal !== undefined) return;
    this.#disturbanceCount += 1;
    this.#connectionNumber += 1;
    this.#setRefusal(reason);
    this.#recheckLater(this.#connectionNumber);
  }

  close(): void {
    this.#isClosed = true;
    this.#connectionNumber += 1;
    this.#refusal = 'it was closed';
    this.#client.disconnect();
    for (const finish of this.#waiting) finish();
  }

  async #beginConnection(): Promise<void> {
    this.#disturbanceCount += 1;
    await this.#checkConnection(++this.#connectionNumber);
  }

  /** Again and again where it fails: a Cluster whose nodes are all there may not be whole yet. */
  async #checkConnection(number: number): Promise<void> {
    let refusal: string | undefined;
    try {
      await this.#onConnected(this.#client);
    } catch (error) {
      refusal = toUnavailable(error).message;
    }
    if (number !== this.#connectionNumber) return;
    this.#fault = undefined;
    this.#setRefusal(refusal);
    if (refusal === undefined) {
      for (const finish of this.#waiting) finish();
      return;
    }
    this.#recheckLater(number);
  }

  #recheckLater(number: number): void {
    this.#clock.after(RECHECK_MS, () => {
      if (number === this.#connectionNumber) void this.#checkConnection(number);
    });
  }

  #markAway(reason: string): void {
    if (this.#isClosed) return;
    this.#connectionNumber += 1;
    this.#setRefusal(reason);
  }

  /** Calls for other nodes go on, and no call for these waits: the link is as usable as it can be. */
  #tellSilence(places: readonly string[]): void {
    if (this.#refusal !== undefined) return;
    const reason = places.length === 0 ? 'connected' : `no answer from ${places.join(', ')}`;
    this.#onAvailability?.(places.length === 0, reason);
  }

  /** A try to reconnect that fails is no news, unless it fails for another reason. */
  #setRefusal(refusal: string | undefined): void {
    if (refusal === this.#refusal) return;
    this.#refusal = refusal;
    this.#onAvailability?.(refusal === undefined, refusal ?? 'connected');
  }
}

/** EVALSHA, and EVAL where the server has forgotten (restart, failover, other node). */
export async function evalScript(
  client: RedisClient,
  script: RedisScript,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await client.evalsha(script.sha1, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return client.eval(script.source, keys.length, ...keys, ...args);
  }
}

/** Pauses of 50 ms doubling to 2 s, each shortened by up to half. */
export function reconnectPauseMs(attempt: number, random: () => number): number {
  const pauseMs = Math.min(50 * 2 ** Math.min(attempt - 1, 10), 2_000);
  return Math.round(pauseMs * (1 - random() / 2));
}

/** A client that neither queues nor repeats commands by itself. Used for subscribing, too. */
export function createClient(
  options: Pick<
    RedisLinkOptions,
    'address' | 'budgetMs' | 'clock' | 'connectionName' | 'sentinelPassword' | 'tlsCa' | 'random'
  > & { readonly onSilence?: SilenceOptions['onSilence'] },
): RedisClient {
  const { address, budgetMs, connectionName, tlsCa, clock } = options;
  const pause = (attempt: number): number => reconnectPauseMs(attempt, options.random);
  const tls = address.hasTls ? { tls: tlsCa === undefined ? {} : { ca: tlsCa } } : {};
  const shared = {
    ...(address.username === undefined ? {} : { username: address.username }),
    ...(address.password === undefined ? {} : { password: address.password }),
    ...tls,
    connectionName,
    commandTimeout: budgetMs,
    connectTimeout: budgetMs,
    socketTimeout: budgetMs,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
  };
  if (address.kind === 'cluster') {
    const clusterOptions: ClusterClientOptions = {
      redisOptions: shared,
      enableOfflineQueue: false,
      clusterRetryStrategy: pause,
      slotsRefreshTimeout: Math.min(budgetMs, Math.max(SLOTS_LIMIT_MS, budgetMs / 4)),
      slotsRefreshInterval: SLOTS_REFRESH_MS,
    };
    const silence = { clock, limitMs: budgetMs, onSilence: options.onSilence };
    return new ClusterClient(address.nodes, clusterOptions, silence);
  }
  const single = {
    ...shared,
    db: address.database,
    enableOfflineQueue: false,
    // Nobody would see it fail: who subscribes does it anew with each connection.
    autoResubscribe: false,
  };
  if (address.kind === 'sentinel') {
    return new Redis({
      ...single,
      sentinels: [...address.nodes],
      name: address.mainName ?? '',
      ...(options.sentinelPassword === undefined
        ? {}
        : { sentinelPassword: options.sentinelPassword }),
      ...(address.hasTls ? { enableTLSForSentinelMode: true, sentinelTLS: tls.tls ?? {} } : {}),
      sentinelRetryStrategy: pause,
      retryStrategy: pause,
      reconnectOnError: isWriteToReplica,
    });
  }
  const [node] = address.nodes;
  return new Redis({
    ...single,
    ...node,
    retryStrategy: pause,
    reconnectOnError: isWriteToReplica,
  });
}

/** After a failover the old main answers READONLY: find the new one. */
function isWriteToReplica(error: Error): boolean {
  return error.message.startsWith('READONLY');
}

/** A fault of this code stays what it is; everything that Redis or the network did is one. */
function toUnavailable(error: unknown): Error {
  if (error instanceof DirectoryUnavailableError) return error;
  if (error instanceof TypeError || error instanceof RangeError) return error;
  return new DirectoryUnavailableError(describeFault(error));
}

function formatNode({ host, port }: RedisAddress['nodes'][number]): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** In words of our own: ioredis's may hold what was sent. */
function describeFault(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const answer = /^[A-Z]{3,20}(?= )/.exec(message)?.[0];
  if (answer === 'MOVED') {
    return 'Redis answered MOVED: it is a node of a Cluster, whose address begins with redis+cluster://';
  }
  if (answer !== undefined) return `Redis answered ${answer}`;
  if (message === 'Command timed out') return 'Redis did not answer in time';
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const isPlain = typeof code === 'string' && /^[A-Z0-9_]{3,40}$/.test(code);
  return isPlain ? `Redis cannot be reached (${code})` : 'Redis cannot be reached';
}
