/**
 * Warm connections to the homes' workers: TLS done, greeting read, so that a login costs one
 * round trip to the site instead of four.
 */
import type { UpstreamDialogue } from '@homeward/sasl';
import { greetHome } from './login/greet-home.ts';
import type {
  Clock,
  GreetedConnection,
  GreetOutcome,
  InnerConnection,
  InnerConnections,
  InnerDialler,
  InnerTarget,
  MailProtocol,
} from './login/ports.ts';
import type { FrontEndLog } from './log-events.ts';
import { WarmShelves, type Greeted, type WarmLimits } from './warm-shelves.ts';

/** Owns the connections that wait; one for each front-end process. Close it at the end. */
export class WarmPool implements InnerConnections {
  readonly #dialler: InnerDialler;
  readonly #createDialogue: (protocol: MailProtocol) => UpstreamDialogue;
  readonly #shelves: WarmShelves<InnerTarget, Greeted<InnerConnection, UpstreamDialogue>>;

  constructor(parts: {
    readonly dialler: InnerDialler;
    readonly createDialogue: (protocol: MailProtocol) => UpstreamDialogue;
    readonly clock: Clock;
    readonly log: FrontEndLog;
    readonly limits: WarmLimits;
  }) {
    const { clock, log, limits } = parts;
    this.#dialler = parts.dialler;
    this.#createDialogue = parts.createDialogue;
    this.#shelves = new WarmShelves({
      keyOf: ({ protocol, host, port, serverName }) => `${protocol} ${host} ${port} ${serverName}`,
      greet: async (target, signal) => {
        const outcome = await this.#open(target, signal);
        return outcome.ok ? outcome.greeted : undefined;
      },
      clock,
      log,
      limits,
    });
  }

  /** Connections that wait now, over all workers: for metrics and tests. */
  get waitingCount(): number {
    return this.#shelves.waitingCount;
  }

  /** Places whose demand is remembered: for tests. */
  get placeCount(): number {
    return this.#shelves.placeCount;
  }

  async take(target: InnerTarget, mayBeWarm: boolean, signal: AbortSignal): Promise<GreetOutcome> {
    const waited = this.#shelves.take(target, mayBeWarm);
    if (waited !== undefined) {
      return { ok: true, greeted: { ...waited, isWarm: true } satisfies GreetedConnection };
    }
    const outcome = await this.#open(target, signal);
    this.#shelves.noteOpened(target, outcome.ok);
    return outcome;
  }

  /** Destroys all that wait or are being opened. Taken connections are not touched. */
  close(): Promise<void> {
    return this.#shelves.close();
  }

  #open(target: InnerTarget, signal: AbortSignal): Promise<GreetOutcome> {
    return greetHome(this.#dialler, this.#createDialogue(target.protocol), target, signal);
  }
}
