/**
 * One smart host: a few connections that are used again, a bound on what is under way and on what
 * waits, and a breaker that keeps messages from waiting for a host that does not answer.
 */
import {
  BrokenCircuitError,
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  type BulkheadPolicy,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  handleType,
} from 'cockatiel';
import { HostFailure, Interrupted } from './host-failure.ts';
import { portOf } from './relay-settings.ts';
import { SmtpClient, type SmtpClientOptions } from './smtp-client.ts';
import type { Transaction, Verdict } from './transaction.ts';

export interface SmartHostOptions extends SmtpClientOptions {
  /** At once. */
  readonly connections: number;
  /** Told when the host begins or ceases to be used, with why; must not throw. */
  readonly onAvailability: (name: string, isAvailable: boolean, reason: string) => void;
}

/** Failures in a row until the host is left alone for a while. */
const FAILURE_LIMIT = 3;
/** For how long; then one message tries it again. */
export const REST_MS = 10_000;
/** Messages that may wait for a connection. */
const QUEUE_LIMIT = 1_000;
/** Below what servers and firewalls put up with. */
export const IDLE_LIMIT_MS = 15_000;
/** After so many messages a new connection is made: a list of servers behind a name is met anew. */
export const MESSAGES_PER_CONNECTION = 100;

interface Idle {
  readonly client: SmtpClient;
  readonly messageCount: number;
  readonly cancelTimer: () => void;
}

export class SmartHost {
  /** For logs and notifications. */
  readonly name: string;
  readonly #options: SmartHostOptions;
  readonly #bulkhead: BulkheadPolicy;
  readonly #breaker: CircuitBreakerPolicy;
  readonly #idle: Idle[] = [];
  #isClosed = false;

  constructor(options: SmartHostOptions) {
    this.#options = options;
    this.name = `${options.host.host}:${portOf(options.host)}`;
    this.#bulkhead = bulkhead(options.connections, QUEUE_LIMIT);
    this.#breaker = circuitBreaker(handleType(HostFailure), {
      halfOpenAfter: REST_MS,
      breaker: new ConsecutiveBreaker(FAILURE_LIMIT),
    });
    this.#breaker.onBreak((failure) => {
      const error = 'error' in failure ? failure.error : undefined;
      const reason = error instanceof Error ? error.message : 'failed';
      options.onAvailability(this.name, false, reason);
    });
    this.#breaker.onReset(() => options.onAvailability(this.name, true, 'answers again'));
  }

  /**
   * Offers a message.
   *
   * @throws HostFailure, at once while the host is left alone; MessageFault; Interrupted.
   */
  async send(transaction: Transaction, signal: AbortSignal): Promise<Verdict> {
    try {
      return await this.#bulkhead.execute(() =>
        this.#breaker.execute(() => this.#sendOnConnection(transaction, signal)),
      );
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw new HostFailure('resting', 'failed of late');
      if (error instanceof BulkheadRejectedError) throw new HostFailure('busy', 'too many wait');
      throw error;
    }
  }

  /** No connection stays longer than what is under way on it. */
  close(): void {
    this.#isClosed = true;
    this.#dropIdle();
  }

  async #sendOnConnection(transaction: Transaction, signal: AbortSignal): Promise<Verdict> {
    if (signal.aborted) throw new Interrupted('interrupted');
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      idle.cancelTimer();
      try {
        return await this.#use(idle.client, idle.messageCount, transaction, signal);
      } catch (error) {
        // It had died unseen, with all that waited beside it; a new one tells how things are.
        if (!(error instanceof HostFailure) || error.reason !== 'lost') throw error;
        this.#dropIdle();
      }
    }
    return this.#use(await SmtpClient.open(this.#options, signal), 0, transaction, signal);
  }

  async #use(
    client: SmtpClient,
    earlierCount: number,
    transaction: Transaction,
    signal: AbortSignal,
  ): Promise<Verdict> {
    const verdict = await client.send(transaction, signal);
    const messageCount = earlierCount + 1;
    const isWanted = !this.#isClosed && messageCount < MESSAGES_PER_CONNECTION;
    if (client.isUsable && isWanted) this.#keep(client, messageCount);
    else client.quit();
    return verdict;
  }

  #keep(client: SmtpClient, messageCount: number): void {
    const cancelTimer = this.#options.clock.after(IDLE_LIMIT_MS, () => {
      this.#idle.splice(this.#idle.indexOf(idle), 1);
      client.quit();
    });
    const idle: Idle = { client, messageCount, cancelTimer };
    this.#idle.push(idle);
  }

  #dropIdle(): void {
    for (const { client, cancelTimer } of this.#idle.splice(0)) {
      cancelTimer();
      client.quit();
    }
  }
}
