/**
 * What is known of one host's health, as a state that events move on. Holds no timer: whoever owns
 * it (`home-health.ts`) asks when to probe.
 *
 * One client alone never condemns a host: it may be banned there, or be at fault itself. It takes
 * failures of clients at two distinct addresses (of IPv6: /64), two probes of our own in a row,
 * or one while two such clients wait and hear nothing either.
 * Nor does one mailbox, if it is the login that gets no answer: it may hang by itself.
 *
 * A probe sees no more than the greeting. So it ends what kept clients from that, and not what kept
 * them from an answer to their logins: that ends with such an answer.
 */

import type { Fault } from '@homeward/service';

export type HostState = 'healthy' | 'suspected' | 'condemned' | 'recovering';

/** How far somebody came who got no answer. */
export type HostPhase = 'greeting' | 'login';

/** A client's login that got no answer. */
export interface ClientFailure {
  /** Whoever may be one client has one. */
  readonly client: string;
  readonly mailbox: string;
  readonly phase: HostPhase;
  readonly reason: Fault;
}

/** What condemned a host, for metrics. */
export type Accuser = 'clients' | 'probes';

/** A host's health, for people. */
export interface HostReport {
  readonly state: HostState;
  /** Why it failed last; undefined where it did not. */
  readonly reason: Fault | undefined;
  readonly failureCount: number;
  /** For how long the state holds. */
  readonly sinceMs: number;
}

export const HEALTH_RULES = {
  /** Failures that condemn, if two clients had them. */
  failureLimit: 3,
  clientLimit: 2,
  /** Where nothing but logins got no answer. */
  mailboxLimit: 2,
  /** Failed probes in a row that condemn; one does while `clientLimit` clients wait in vain. */
  probeLimit: 2,
  /** Older failures are forgotten. */
  windowMs: 30_000,
  /** From the end of a fault to as many logins as come. */
  rampMs: 10_000,
  /** Logins a second at the beginning and at the end of the ramp. */
  rampFrom: 20,
  rampTo: 300,
} as const;

/** Failures that are remembered; more would tell nothing new. */
const FAILURE_MEMORY = 16;

interface RememberedFailure extends ClientFailure {
  readonly atMs: number;
}

export class HostHealth {
  #state: HostState = 'healthy';
  #sinceMs: number;
  #failures: RememberedFailure[] = [];
  #failedProbeCount = 0;
  #admittedCount = 0;
  /** It was condemned because logins got no answer. */
  #hangsAtLogin = false;
  #reason: Fault | undefined;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  get state(): HostState {
    return this.#state;
  }

  /** Failed probes since the last sign of life. */
  get failedProbeCount(): number {
    return this.#failedProbeCount;
  }

  /** It is condemned, greets as far as is known, and only an answered login can end that. */
  get wantsLogin(): boolean {
    return this.#state === 'condemned' && this.#hangsAtLogin && this.#failedProbeCount === 0;
  }

  report(nowMs: number): HostReport {
    return {
      state: this.#state,
      reason: this.#reason,
      failureCount: this.#failures.length + this.#failedProbeCount,
      sinceMs: nowMs - this.#sinceMs,
    };
  }

  /** Whether one more login may go there; it is counted then. */
  admit(nowMs: number): boolean {
    if (this.#state === 'condemned') return false;
    if (this.#state !== 'recovering') return true;
    const spentMs = nowMs - this.#sinceMs;
    if (spentMs >= HEALTH_RULES.rampMs) {
      this.#become('healthy', nowMs);
      return true;
    }
    if (this.#admittedCount >= rampAllowance(spentMs)) return false;
    this.#admittedCount += 1;
    return true;
  }

  /** A client's login was answered, whatever the answer. @returns Whether it was condemned. */
  noteAnswer(nowMs: number): boolean {
    this.#failures = [];
    this.#failedProbeCount = 0;
    if (this.#state === 'suspected') this.#become('healthy', nowMs);
    return this.#recover(nowMs);
  }

  /** A probe was answered. @returns Whether the host was condemned until now, and is no more. */
  noteProbeAnswer(nowMs: number): boolean {
    this.#failedProbeCount = 0;
    if (this.#hangsAtLogin) return false;
    // What clients saw stays known: a probe is greeted where they may not be.
    return this.#recover(nowMs);
  }

  /** @returns Who has condemned it by this; undefined: nobody, or it is condemned already. */
  noteFailure(failure: ClientFailure, nowMs: number): Accuser | undefined {
    this.#reason = failure.reason;
    const oldestMs = nowMs - HEALTH_RULES.windowMs;
    this.#failures = this.#failures
      .filter(({ atMs }) => atMs > oldestMs)
      .slice(-FAILURE_MEMORY + 1);
    this.#failures.push({ ...failure, atMs: nowMs });
    const accuser = this.#accuse(this.#isProved() ? 'clients' : undefined, nowMs);
    if (accuser !== undefined) this.#hangsAtLogin = this.#failures.some(isAtLogin);
    return accuser;
  }

  /**
   * The same of a probe.
   *
   * @param waitingClients How many clients wait unusually long and have heard nothing either.
   */
  noteProbeFailure(reason: Fault, waitingClients: number, nowMs: number): Accuser | undefined {
    this.#reason = reason;
    this.#failedProbeCount += 1;
    const { probeLimit, clientLimit } = HEALTH_RULES;
    const isProved = this.#failedProbeCount >= probeLimit || waitingClients >= clientLimit;
    return this.#accuse(isProved ? 'probes' : undefined, nowMs);
  }

  #isProved(): boolean {
    const failures = this.#failures;
    const clients = new Set(failures.map(({ client }) => client));
    const mailboxes = new Set(failures.map(({ mailbox }) => mailbox));
    const { failureLimit, clientLimit, mailboxLimit } = HEALTH_RULES;
    if (failures.length < failureLimit || clients.size < clientLimit) return false;
    return mailboxes.size >= mailboxLimit || !failures.every(isAtLogin);
  }

  #accuse(accuser: Accuser | undefined, nowMs: number): Accuser | undefined {
    if (this.#state === 'condemned') return undefined;
    if (accuser === undefined) {
      if (this.#state === 'healthy') this.#become('suspected', nowMs);
      return undefined;
    }
    this.#become('condemned', nowMs);
    return accuser;
  }

  #recover(nowMs: number): boolean {
    if (this.#state !== 'condemned') return false;
    this.#failures = [];
    this.#hangsAtLogin = false;
    this.#admittedCount = 0;
    this.#become('recovering', nowMs);
    return true;
  }

  #become(state: HostState, nowMs: number): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#sinceMs = nowMs;
  }
}

function isAtLogin({ phase }: ClientFailure): boolean {
  return phase === 'login';
}

/** How many logins the ramp has let in after this time: its rate grows evenly. */
function rampAllowance(spentMs: number): number {
  const { rampFrom, rampTo, rampMs } = HEALTH_RULES;
  const spentSeconds = spentMs / 1000;
  const growth = ((rampTo - rampFrom) / (rampMs / 1000)) * (spentSeconds ** 2 / 2);
  return 1 + Math.floor(rampFrom * spentSeconds + growth);
}
