/**
 * The gate before the passwords: asks the throttle that all who take logins share, lets an attempt
 * wait in the tarpit or refuses it, and tells the throttle what came of it. A refused attempt costs
 * no hash, so that attackers cannot fill the queue of those who hash.
 */
import type { AccountId, JudgedAttempt, LoginThrottle, ThrottleCause } from '@homeward/directory';
import { networkOf } from '@homeward/net';
import type { Clock, Logger } from '@homeward/service';
import type { GUARD_LOG_EVENTS } from '../log-events.ts';
import { createNetworkSetting } from '../network-setting.ts';
import {
  type GateAttempt,
  type GatePass,
  type GateRefusal,
  type LoginGate,
  VERIFIER_BUSY,
} from './gate-ports.ts';
import { SprayingWatch } from './spraying-watch.ts';
import { AttemptTurns } from './attempt-turns.ts';
import { Tarpit } from './tarpit.ts';
import { rulesOf, type ThrottleSettings } from './throttle-settings.ts';

/** What is counted. */
export interface GateMetrics {
  loginThrottled(cause: ThrottleCause | 'tarpit-full', action: 'held' | 'refused'): void;
}

export interface LoginGateParts {
  readonly throttle: LoginThrottle;
  readonly clock: Pick<Clock, 'elapsedMs' | 'after'>;
  readonly log: Pick<Logger<typeof GUARD_LOG_EVENTS>, 'log'>;
  readonly metrics: GateMetrics;
  /** Read at each attempt. */
  readonly settings: () => ThrottleSettings;
}

/** Of one worker: some 10 MB of connections that wait. */
const TARPIT_LIMIT = 2_000;
/** Of one worker and one network: enough to keep its hash threads at work. */
const STRANGER_LIMITS = { atOnce: 8, waitingPerKey: 1_000, waitingTotal: 4_000 };
/**
 * Of one worker and one account where it is at home. So many pass in two seconds while somebody
 * guesses there, and who finds room to wait has his turn within eight.
 */
const KNOWN_LIMITS = { atOnce: 16, waitingPerKey: 64, waitingTotal: 4_000 };
/** When the tarpit is full there is no turn to name. */
const FULL_WAIT_MS = 60_000;

/** A gate and how many wait at it. */
export interface TarpitGate extends LoginGate {
  readonly heldCount: number;
}

export function createLoginGate(parts: LoginGateParts): TarpitGate {
  return new ThrottledGate(parts);
}

/** Of who is not let through at once. */
type Slowdown = Exclude<JudgedAttempt['verdict'], { readonly kind: 'pass' }>;
type Deadline = Parameters<LoginGate['enter']>[1];

const FREE_PASS: GatePass = {
  ok: true,
  standing: 'known',
  noteOutcome: () => Promise.resolve(),
  leave: () => undefined,
};

class ThrottledGate implements TarpitGate {
  readonly #parts: LoginGateParts;
  readonly #tarpit: Tarpit;
  readonly #strangers: AttemptTurns;
  readonly #known: AttemptTurns;
  readonly #spraying: SprayingWatch;
  readonly #allowed = createNetworkSetting();

  constructor(parts: LoginGateParts) {
    this.#parts = parts;
    this.#tarpit = new Tarpit(parts.clock, TARPIT_LIMIT);
    this.#strangers = new AttemptTurns(parts.clock, STRANGER_LIMITS);
    this.#known = new AttemptTurns(parts.clock, KNOWN_LIMITS);
    this.#spraying = new SprayingWatch(parts.clock);
  }

  get heldCount(): number {
    return this.#tarpit.count;
  }

  isAtHome(accountId: AccountId, clientAddress: string): boolean {
    const settings = this.#parts.settings();
    if (!settings.enabled || this.#allowed.has(settings.allowNetworks, clientAddress)) return true;
    const network = networkFor(clientAddress, settings);
    return this.#parts.throttle.isAtHome(accountId, network, rulesOf(settings));
  }

  async enter(attempt: GateAttempt, deadline: Deadline): Promise<GatePass | GateRefusal> {
    const settings = this.#parts.settings();
    const { clientAddress } = attempt;
    if (!settings.enabled || this.#allowed.has(settings.allowNetworks, clientAddress))
      return FREE_PASS;
    const network = networkFor(clientAddress, settings);
    const { accountId, loginName, secret, whenGone } = attempt;
    const judge = (): Promise<JudgedAttempt> =>
      this.#parts.throttle.judge({ accountId, loginName, network, secret }, rulesOf(settings));
    const first = await judge();
    const { verdict } = first;
    if (verdict.kind === 'refuse') return this.#refuse(verdict, network);
    deadline.pause();
    const waitMs = settings.maxDelaySeconds * 1_000;
    const turn = await (verdict.isKnown
      ? this.#known.take(`${accountId} ${network}`, waitMs, whenGone)
      : this.#strangers.take(network, waitMs, whenGone));
    deadline.resume();
    if (turn === undefined) return VERIFIER_BUSY;
    let pass: GatePass | undefined;
    try {
      // Those before it may have been wrong.
      const judged = turn.hasWaited ? await judge() : first;
      const fault = await this.#slowDown(judged, attempt, network, deadline);
      if (fault !== undefined) return fault;
      pass = this.#passOf(judged, network, () => turn.leave());
      return pass;
    } finally {
      if (pass === undefined) turn.leave();
    }
  }

  #passOf(judged: JudgedAttempt, network: string, leave: () => void): GatePass {
    return {
      ok: true,
      standing: judged.standing,
      noteOutcome: async (outcome) => {
        if (outcome === 'right') return judged.noteSuccess();
        const { accountCount } = await judged.noteFailure();
        if (this.#spraying.isNews(network, accountCount)) {
          this.#parts.log.log('throttle.spraying-seen', { network, accountCount });
        }
      },
      leave,
    };
  }

  async #slowDown(
    { verdict, standing }: JudgedAttempt,
    { conversationId, protocol, loginName, clientAddress, whenGone }: GateAttempt,
    network: string,
    deadline: Deadline,
  ): Promise<GateRefusal | undefined> {
    if (verdict.kind === 'pass') return undefined;
    const { waitMs, cause, failureCount } = verdict;
    const { log, metrics } = this.#parts;
    if (verdict.kind === 'refuse') return this.#refuse(verdict, network);
    if (waitMs <= 0) return undefined;
    log.log('throttle.held', {
      conversationId,
      protocol,
      clientAddress,
      loginName,
      network,
      reason: cause,
      failureCount,
      waitMs: Math.round(waitMs),
    });
    metrics.loginThrottled(cause, 'held');
    deadline.pause();
    const end = await this.#tarpit.hold(standing, waitMs, whenGone());
    deadline.resume();
    if (end === 'over') return undefined;
    const detail = detailOf(verdict, network);
    // Who has closed his side alone may hear it yet.
    if (end === 'gone') return throttled(`${detail}; the client has gone`, waitMs);
    metrics.loginThrottled('tarpit-full', 'refused');
    return throttled(`${detail}; too many wait`, FULL_WAIT_MS);
  }

  #refuse(verdict: Slowdown, network: string): GateRefusal {
    this.#parts.metrics.loginThrottled(verdict.cause, 'refused');
    return throttled(detailOf(verdict, network), verdict.waitMs);
  }
}

function networkFor(address: string, settings: ThrottleSettings): string {
  const { ipv4PrefixBits, ipv6PrefixBits } = settings;
  return networkOf(address, { ipv4: ipv4PrefixBits, ipv6: ipv6PrefixBits });
}

function detailOf({ cause, failureCount }: Slowdown, network: string): string {
  return `${cause}: ${failureCount} different wrong passwords, network ${network}`;
}

function throttled(logDetail: string, waitMs: number): GateRefusal {
  const clientDetail = `wait ${Math.max(1, Math.ceil(waitMs / 1_000))} seconds`;
  return { ok: false, reason: 'throttled', logDetail, clientDetail };
}
