/**
 * The brute-force throttle as front ends ask it: before a secret is looked at, and again when it
 * is known what came of it. All front ends count together in the directory's store; each process
 * counts for itself too, and by that alone while the store is away, so that it never falls open.
 *
 * Nothing here waits: an attempt is told how long it must be held.
 */
import { randomBytes } from 'node:crypto';
import { systemClock, type Clock } from '../clock.ts';
import { DirectoryUnavailableError, type AccountId } from '../ports.ts';
import { lanesOf, type AttemptLanes, type Subject } from './lanes.ts';
import { MemoryThrottleStore } from './memory-throttle-store.ts';
import { RecentSuccesses } from './recent-successes.ts';
import { SecretMarks, type Marker } from './secret-marks.ts';
import {
  countAbout,
  countAccounts,
  FAILURE_LIMIT,
  KNOWN_LIMIT,
  paceOf,
  type Pace,
  type Standing,
  type ThrottleCause,
  type ThrottleFacts,
  type ThrottlePolicy,
} from './throttle-policy.ts';
import type { ThrottleStore } from './throttle-store.ts';

/** The policy, and how long things are remembered. */
export interface ThrottleRules extends ThrottlePolicy {
  /** How long a failure counts. */
  readonly windowMs: number;
  /** How long a network stays known to an account after a login. */
  readonly knownMs: number;
}

/** Who tries what. */
export interface ThrottledAttempt {
  /** Undefined when nobody has the name. */
  readonly accountId: AccountId | undefined;
  /** Normalised where it can be. */
  readonly loginName: string;
  /** The client's address as a prefix: `203.0.113.7/32`, `2001:db8::/64`. */
  readonly network: string;
  /** Kept as a short keyed hash. Undefined where it cannot be told from others (SCRAM, a token). */
  readonly secret: Uint8Array | undefined;
}

/** What becomes of an attempt. */
export type ThrottleVerdict =
  | { readonly kind: 'pass'; readonly isKnown: boolean }
  | {
      readonly kind: 'hold' | 'refuse';
      /** Before the secret is looked at; or before another attempt makes sense. */
      readonly waitMs: number;
      readonly cause: ThrottleCause;
      readonly failureCount: number;
      readonly isKnown: boolean;
    };

/** An attempt that was judged. Tell once what came of it, unless that is not known. */
export interface JudgedAttempt {
  readonly verdict: ThrottleVerdict;
  readonly standing: Standing;
  /**
   * The secret was wrong, or treated so.
   *
   * @returns How many accounts this network has failed at within the window.
   */
  noteFailure(): Promise<{ readonly accountCount: number }>;
  /** The secret was right. Settles when that is noted; need not be waited for. */
  noteSuccess(): Promise<void>;
}

export interface LoginThrottle {
  /** Never rejects for a store that is away. */
  judge(attempt: ThrottledAttempt, rules: ThrottleRules): Promise<JudgedAttempt>;
  /**
   * Whether this process itself saw the account log in from that network within the hour, and no
   * more wrong secrets about it from there than are free. Asks nobody.
   */
  isAtHome(accountId: AccountId, network: string, rules: ThrottleRules): boolean;
}

export function createLoginThrottle(
  store: ThrottleStore,
  clock: Pick<Clock, 'elapsedMs'> = systemClock,
): LoginThrottle {
  return new SharedLoginThrottle(store, clock);
}

interface Judged {
  readonly lanes: AttemptLanes;
  readonly subject: Subject;
  readonly network: string;
  readonly isKnown: boolean;
  /** The store itself knows the network. */
  readonly isStored: boolean;
  readonly who: string;
  readonly mark: string;
}

class SharedLoginThrottle implements LoginThrottle {
  readonly #shared: ThrottleStore;
  readonly #local: MemoryThrottleStore;
  readonly #marks: SecretMarks;
  readonly #localMarks: SecretMarks;
  readonly #successes: RecentSuccesses;

  constructor(store: ThrottleStore, clock: Pick<Clock, 'elapsedMs'>) {
    this.#shared = store;
    this.#local = new MemoryThrottleStore(clock);
    this.#marks = new SecretMarks(clock);
    this.#localMarks = new SecretMarks(clock);
    this.#successes = new RecentSuccesses(clock);
  }

  async judge(attempt: ThrottledAttempt, rules: ThrottleRules): Promise<JudgedAttempt> {
    const marker = await this.#marker();
    const subject = attempt.accountId ?? (`name-${marker.markName(attempt.loginName)}` as const);
    const { network } = attempt;
    const lanes = lanesOf(subject, network);
    const who = marker.markWho(subject);
    const { store, facts, isStored } = await this.#readFacts(lanes, subject, network, who);
    const { isKnown } = facts;
    const pace = paceOf(facts, rules);
    const verdict = await this.#takeTurns(store, lanes, pace, isKnown, rules);
    const secret = attempt.secret ?? randomBytes(16);
    const mark = marker.markSecret(subject, secret);
    const judged: Judged = { lanes, subject, network, isKnown, isStored, who, mark };
    return {
      verdict,
      standing: pace.standing,
      noteFailure: () => this.#noteFailure(judged, rules),
      noteSuccess: () => this.#noteSuccess(judged, rules),
    };
  }

  isAtHome(accountId: AccountId, network: string, { accountFailures }: ThrottleRules): boolean {
    if (!this.#successes.has(accountId, network)) return false;
    return this.#local.countOf(lanesOf(accountId, network).known) <= accountFailures;
  }

  /** What the store has lost of where people come from, this process may still know. */
  async #readFacts(
    lanes: AttemptLanes,
    subject: Subject,
    network: string,
    who: string,
  ): Promise<{
    readonly store: ThrottleStore;
    readonly facts: ThrottleFacts;
    readonly isStored: boolean;
  }> {
    const names = [lanes.address, lanes.users, lanes.account, lanes.networks, lanes.known];
    const [found, store] = await this.#fromShared((from) => from.read(names));
    const [address = [], users = [], account = [], networks = [], known = []] = found;
    const isStored = networks.some(({ name }) => name === network);
    const facts: ThrottleFacts = {
      isKnown: isStored || this.#successes.has(subject, network),
      knownFailureCount: known.length,
      addressFailureCount: address.length,
      hereFailureCount: countAbout(address, who),
      accountFailureCount: account.length,
      userCount: users.length,
    };
    return { store, facts, isStored };
  }

  async #takeTurns(
    store: ThrottleStore,
    lanes: AttemptLanes,
    { cause, failureCount, turns, holdMs }: Pace,
    isKnown: boolean,
    { maxHoldMs }: ThrottleRules,
  ): Promise<ThrottleVerdict> {
    if (cause === undefined) return { kind: 'pass', isKnown };
    let waitMs = holdMs;
    for (const { lane, intervalMs } of turns) {
      const take = (from: ThrottleStore): Promise<number> =>
        from.takeTurn(lanes[lane], intervalMs, maxHoldMs);
      // Whoever was counted here takes his turns here.
      const [turnMs] = store === this.#local ? [await take(store)] : await this.#fromShared(take);
      waitMs = Math.max(waitMs, turnMs);
      if (waitMs > maxHoldMs) return { kind: 'refuse', waitMs, cause, failureCount, isKnown };
    }
    return { kind: 'hold', waitMs, cause, failureCount, isKnown };
  }

  async #noteFailure(
    { lanes, isKnown, who, mark }: Judged,
    { windowMs }: ThrottleRules,
  ): Promise<{ readonly accountCount: number }> {
    const options = { lifeMs: windowMs, limit: FAILURE_LIMIT };
    const accountLane = isKnown ? lanes.known : lanes.account;
    await this.#everywhere(async (store) => {
      await Promise.all([
        store.note(lanes.address, `${who}.${mark}`, options),
        store.note(accountLane, mark, options),
        store.noteRecent(lanes.address, windowMs),
        store.noteRecent(accountLane, windowMs),
      ]);
    });
    const [[failures = []]] = await this.#fromShared((store) => store.read([lanes.address]));
    return { accountCount: countAccounts(failures) };
  }

  async #noteSuccess(
    { lanes, subject, network, isStored }: Judged,
    { knownMs }: ThrottleRules,
  ): Promise<void> {
    const isNews = this.#successes.isNews(subject, network);
    if (isStored && !isNews) return;
    const options = { lifeMs: knownMs, limit: KNOWN_LIMIT };
    const isShared = await this.#everywhere(async (store) => {
      await Promise.all([
        store.note(lanes.networks, network, options),
        store.note(lanes.users, subject, options),
      ]);
    });
    if (!isShared) this.#successes.forget(subject, network);
  }

  async #marker(): Promise<Marker> {
    try {
      return await this.#marks.marker(this.#shared);
    } catch (error) {
      if (!(error instanceof DirectoryUnavailableError)) throw error;
      return this.#localMarks.marker(this.#local);
    }
  }

  /** Asks the shared store, or this process's memory while that is away. */
  async #fromShared<Result>(
    ask: (store: ThrottleStore) => Promise<Result>,
  ): Promise<[Result, ThrottleStore]> {
    try {
      return [await ask(this.#shared), this.#shared];
    } catch (error) {
      if (!(error instanceof DirectoryUnavailableError)) throw error;
      return [await ask(this.#local), this.#local];
    }
  }

  /** @returns Whether the shared store took it. */
  async #everywhere(note: (store: ThrottleStore) => Promise<void>): Promise<boolean> {
    await note(this.#local);
    try {
      await note(this.#shared);
      return true;
    } catch (error) {
      if (!(error instanceof DirectoryUnavailableError)) throw error;
      return false;
    }
  }
}
