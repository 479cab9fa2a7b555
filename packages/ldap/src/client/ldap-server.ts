/**
 * One server: a few connections that are used again, a bound on what is under way, and a breaker
 * that keeps everybody from waiting for a server that does not answer.
 */
import {
  BrokenCircuitError,
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  ConsecutiveBreaker,
  handleType,
  type BulkheadPolicy,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { type ConnectionOptions, LdapConnection } from './ldap-connection.ts';
import { LdapFailure } from './ldap-failure.ts';

/** Searches are made as the service, binds as anybody; a connection serves one of the two. */
export type Role = 'search' | 'bind';

export interface LdapServerOptions extends ConnectionOptions {
  /** Operations at once. */
  readonly connections: number;
  /** Makes a new connection the service's, for searches. */
  readonly authenticate: (connection: LdapConnection) => Promise<void>;
  readonly elapsedMs: () => number;
  /** Told when the server begins or ceases to be used, with why; must not throw. */
  readonly onAvailability: (url: string, isAvailable: boolean, reason: string) => void;
}

/** Failures in a row until the server is left alone for a while. */
const FAILURE_LIMIT = 2;
/** For how long; then one operation tries it again, and the others wait for that one. */
export const REST_MS = 5_000;
/** Operations that may wait for a connection. */
const QUEUE_LIMIT = 64;
/** Below what firewalls forget; an older one may be dead without anybody knowing. */
const IDLE_LIMIT_MS = 30_000;

interface Idle {
  readonly connection: LdapConnection;
  readonly sinceMs: number;
}

export class LdapServer {
  readonly #options: LdapServerOptions;
  readonly #idle: Readonly<Record<Role, Idle[]>> = { search: [], bind: [] };
  readonly #bulkhead: BulkheadPolicy;
  readonly #breaker: CircuitBreakerPolicy;
  #isClosed = false;

  constructor(options: LdapServerOptions) {
    this.#options = options;
    this.#bulkhead = bulkhead(options.connections, QUEUE_LIMIT);
    this.#breaker = circuitBreaker(handleType(LdapFailure), {
      halfOpenAfter: REST_MS,
      breaker: new ConsecutiveBreaker(FAILURE_LIMIT),
    });
    const { url, onAvailability } = options;
    this.#breaker.onBreak((failure) => {
      const error = 'error' in failure ? failure.error : undefined;
      const reason = error instanceof Error ? error.message : 'failed';
      onAvailability(url, false, reason);
    });
    this.#breaker.onReset(() => onAvailability(url, true, 'answers again'));
  }

  get url(): string {
    return this.#options.url;
  }

  /** Runs one operation. @throws LdapFailure, at once while the server is left alone. */
  async run<Result>(
    role: Role,
    task: (connection: LdapConnection) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await this.#bulkhead.execute(() =>
        this.#breaker.execute(() => this.#runOnConnection(role, task)),
      );
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw new LdapFailure('left alone for a while');
      if (error instanceof BulkheadRejectedError) throw new LdapFailure('too many are waiting');
      throw error;
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const role of ['search', 'bind'] as const) {
      for (const { connection } of this.#idle[role].splice(0)) connection.close();
    }
  }

  async #runOnConnection<Result>(
    role: Role,
    task: (connection: LdapConnection) => Promise<Result>,
  ): Promise<Result> {
    const idle = this.#takeIdle(role);
    if (idle !== undefined) {
      try {
        return await this.#use(role, idle, task);
      } catch (error) {
        // It had died unseen, with all that waited beside it; a new one tells how things are.
        if (!(error instanceof LdapFailure) || error.isTooLate) throw error;
        for (const { connection } of this.#idle[role].splice(0)) connection.close();
      }
    }
    return this.#use(role, await this.#open(role), task);
  }

  async #use<Result>(
    role: Role,
    connection: LdapConnection,
    task: (connection: LdapConnection) => Promise<Result>,
  ): Promise<Result> {
    try {
      const result = await task(connection);
      if (this.#isClosed || !connection.isUsable) connection.close();
      else this.#idle[role].push({ connection, sinceMs: this.#options.elapsedMs() });
      return result;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #open(role: Role): Promise<LdapConnection> {
    const connection = await LdapConnection.open(this.#options);
    try {
      if (role === 'search') await this.#options.authenticate(connection);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** The one that was used last; those that waited too long are closed. */
  #takeIdle(role: Role): LdapConnection | undefined {
    const nowMs = this.#options.elapsedMs();
    for (let idle = this.#idle[role].pop(); idle !== undefined; idle = this.#idle[role].pop()) {
      const isOld = nowMs - idle.sinceMs > IDLE_LIMIT_MS;
      if (!isOld && idle.connection.isUsable) return idle.connection;
      idle.connection.close();
    }
    return undefined;
  }
}
