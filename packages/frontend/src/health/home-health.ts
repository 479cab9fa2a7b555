/**
 * The health of all hosts that mailboxes live at, as this process sees it: where a login may go
 * now, and where it would only wait. A condemned host costs its clients no time-out: they go to
 * another host of the site, or hear [UNAVAILABLE] at once.
 *
 * Probes (connection, TLS, greeting) go where clients went lately: at once after a failure or where
 * logins wait longer than is usual there, again and again with growing distance while a host is
 * condemned, and seldom while it is well. Their number at a time is bounded (`probe-queue.ts`),
 * their times are spread by chance, so that front ends do not all knock at once.
 */
import { countedNetwork } from '@homeward/net';
import type { Fault } from '@homeward/service';
import type { Clock } from '../login/ports.ts';
import type { FrontEndLog } from '../log-events.ts';
import { addressOf, type HomeHost, keyOf } from './home-host.ts';
import type { Accuser, ClientFailure, HostState } from './host-health.ts';
import { countHosts, type HomeCounts, type ListedHost, nameFaults } from './host-list.ts';
import { SILENCE_RULES } from './host-silence.ts';
import type { Probe, ProbeOutcome } from './host-probe.ts';
import type { HostVisit, VisitFailure, Visitor } from './host-visit.ts';
import { cancelTimers, createKnownHost, type KnownHost } from './known-host.ts';
import { ProbeQueue } from './probe-queue.ts';
import { distanceAfter, PROBE_RULES } from './probe-rules.ts';

/** Why a login may not go to a host: `condemned` it does not answer, `recovering` not yet more. */
export type ClosedVerdict = 'condemned' | 'recovering';

/** Whether a login may go to a host. The visit is the caller's to leave. */
export type Admission =
  | { readonly verdict: 'open'; readonly visit: HostVisit }
  | { readonly verdict: ClosedVerdict };

export interface HealthCounts {
  probed(outcome: 'ok' | 'failed'): void;
  condemned(by: Accuser): void;
}

export interface HomeHealthParts {
  readonly clock: Clock;
  readonly log: FrontEndLog;
  readonly counts: HealthCounts;
  /** False: a login now and then finds out whether a condemned host answers again. */
  readonly probes: boolean;
  /** 0 to 1, to spread probes. */
  readonly random: () => number;
}

/** More hosts than any deployment has; the one that was asked for longest ago is forgotten. */
const HOST_LIMIT = 4096;

/** One for each process. Close it at the end. */
export class HomeHealth {
  readonly #parts: HomeHealthParts;
  readonly #known = new Map<string, KnownHost>();
  readonly #probes: ProbeQueue<KnownHost>;
  #isClosed = false;

  constructor(parts: HomeHealthParts) {
    this.#parts = parts;
    this.#probes = new ProbeQueue((known, abort) => this.#probe(known, abort), PROBE_RULES.atOnce);
  }

  /** Asked before each login; the answer `open` counts as one. @param probe The newest way there. */
  admit(host: HomeHost, probe: Probe, visitor: Visitor): Admission {
    const nowMs = this.#parts.clock.elapsedMs();
    const known = this.#find(host, probe, nowMs);
    known.probe = probe;
    known.askedAtMs = nowMs;
    if (known.health.admit(nowMs)) {
      return { verdict: 'open', visit: this.#createVisit(known, visitor) };
    }
    if (this.#mayTry(known, nowMs)) {
      known.trial = this.#createVisit(known, visitor);
      known.triedAtMs = nowMs;
      known.trialCount += 1;
      return { verdict: 'open', visit: known.trial };
    }
    return { verdict: known.health.state === 'condemned' ? 'condemned' : 'recovering' };
  }

  #createVisit(known: KnownHost, { address, mailbox }: Visitor): HostVisit {
    // All of a /64 of IPv6 may be one client's.
    const client = countedNetwork(address);
    // Forgotten meanwhile: nobody would ever end its timer.
    const isKnown = (): boolean => this.#known.get(keyOf(known.host)) === known;
    const visit: HostVisit = {
      noteAnswer: () => {
        known.silence.noteAnswer(visit, this.#parts.clock.elapsedMs());
        visit.leave();
        if (isKnown()) this.#noteAnswer(known);
      },
      noteFailure: (failure) => {
        visit.leave();
        if (isKnown()) this.#noteFailure(known, { client, mailbox }, failure);
      },
      leave: () => {
        if (known.trial === visit) known.trial = undefined;
        known.silence.leave(visit);
      },
      whenCondemned: (run) => {
        known.leavers.add(run);
        return () => void known.leavers.delete(run);
      },
    };
    known.silence.enter(visit, client, this.#parts.clock.elapsedMs());
    this.#watch(known);
    return visit;
  }

  #noteAnswer(known: KnownHost): void {
    const nowMs = this.#parts.clock.elapsedMs();
    if (known.health.noteAnswer(nowMs)) this.#tellRecovery(known);
  }

  #noteFailure(
    known: KnownHost,
    who: Pick<ClientFailure, 'client' | 'mailbox'>,
    { phase, reason, detail }: VisitFailure,
  ): void {
    const nowMs = this.#parts.clock.elapsedMs();
    const accuser = known.health.noteFailure({ ...who, phase, reason }, nowMs);
    if (accuser !== undefined) this.#tellCondemned(known, accuser, reason, detail);
    const isKnownToFail = known.health.failedProbeCount > 0;
    if (isKnownToFail || !this.#mayProbe(known, nowMs)) return;
    this.#schedule(known, 0);
  }

  /** How many hosts are in which state. */
  countStates(): Readonly<Record<HostState, number>> {
    const counts = { healthy: 0, suspected: 0, condemned: 0, recovering: 0 };
    for (const { health } of this.#known.values()) counts[health.state] += 1;
    return counts;
  }

  /** Everything that is known, for operators. */
  list(): readonly ListedHost[] {
    const nowMs = this.#parts.clock.elapsedMs();
    return [...this.#known.values()].map(({ host, health }) => ({
      ...host,
      ...health.report(nowMs),
    }));
  }

  /**
   * Why some mailboxes cannot be reached; nothing when all can.
   *
   * @param protocol Over this one; undefined: over any.
   */
  findFault(protocol?: string): string | undefined {
    return nameFaults(this.#listOf(protocol));
  }

  /** How many of those that clients wanted of late answer. @param protocol As above. */
  count(protocol?: string): HomeCounts {
    return countHosts(this.#listOf(protocol));
  }

  #listOf(protocol: string | undefined): readonly ListedHost[] {
    return this.list().filter((host) => protocol === undefined || host.protocol === protocol);
  }

  /** Ends probes and timers. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const known of this.#known.values()) cancelTimers(known);
    this.#known.clear();
    await this.#probes.close();
  }

  #find(host: HomeHost, probe: Probe, nowMs: number): KnownHost {
    const key = keyOf(host);
    const before = this.#known.get(key);
    if (before !== undefined) return before;
    const known = createKnownHost(host, probe, nowMs);
    this.#known.set(key, known);
    if (this.#known.size > HOST_LIMIT) this.#forgetOldest();
    this.#schedule(known, this.#spread(PROBE_RULES.beatMs));
    return known;
  }

  /**
   * One login at a time, now and then, tries a condemned host: where nothing is probed, where a
   * probe cannot see what is wrong, and where the host says no at once, so that who tries loses
   * nothing by it and finds it as soon as it is back.
   */
  #mayTry(
    { health, failsQuickly, trial, triedAtMs, trialCount }: KnownHost,
    nowMs: number,
  ): boolean {
    if (health.state !== 'condemned' || trial !== undefined) return false;
    if (this.#parts.probes && !failsQuickly && !health.wantsLogin) return false;
    return nowMs - triedAtMs >= distanceAfter(failsQuickly ? 0 : trialCount);
  }

  /** One at a time, and not at once again. */
  #mayProbe(known: KnownHost, nowMs: number): boolean {
    return !this.#probes.isProbing(known) && nowMs - known.probedAtMs >= PROBE_RULES.fastestMs;
  }

  /** The next probe, in place of the one that was planned. */
  #schedule(known: KnownHost, delayMs: number): void {
    if (this.#isClosed || !this.#parts.probes) return;
    known.cancelTimer?.();
    known.cancelTimer = this.#parts.clock.after(delayMs, () => {
      known.cancelTimer = undefined;
      this.#beginProbe(known);
    });
  }

  #beginProbe(known: KnownHost): void {
    const nowMs = this.#parts.clock.elapsedMs();
    if (nowMs - known.askedAtMs > PROBE_RULES.forgetMs) {
      this.#forget(known);
      return;
    }
    const isWell = known.health.state === 'healthy' || known.health.state === 'recovering';
    if (isWell && nowMs - known.silence.heardAtMs < PROBE_RULES.beatMs) {
      // Clients have just been there: nothing that a probe could add.
      this.#schedule(known, this.#spread(PROBE_RULES.beatMs));
      return;
    }
    this.#probes.add(known);
  }

  /** Looks after those who wait there, for as long as there are any. */
  #watch(known: KnownHost): void {
    const { clock, probes } = this.#parts;
    const dueInMs = known.silence.dueInMs(clock.elapsedMs());
    if (dueInMs === undefined || known.cancelWatch !== undefined) return;
    if (this.#isClosed || !probes) return;
    if (dueInMs <= 0) this.#probeSilent(known);
    // Nobody who comes meanwhile is due any sooner, even if answers come faster by then.
    const nextInMs = Math.min(dueInMs > 0 ? dueInMs : Infinity, SILENCE_RULES.leastMs);
    known.cancelWatch = clock.after(nextInMs, () => {
      known.cancelWatch = undefined;
      this.#watch(known);
    });
  }

  /** Not if its probes go out in their own time, because it is known to fail. */
  #probeSilent(known: KnownHost): void {
    const { health } = known;
    if (health.state === 'condemned' || health.failedProbeCount > 0) return;
    if (!this.#mayProbe(known, this.#parts.clock.elapsedMs())) return;
    known.cancelTimer?.();
    known.cancelTimer = undefined;
    this.#probes.add(known);
  }

  async #probe(known: KnownHost, abort: AbortController): Promise<void> {
    const { clock, log } = this.#parts;
    known.probedAtMs = clock.elapsedMs();
    const limitMs = this.#limitOf(known);
    const cancel = clock.after(limitMs, () => abort.abort());
    let outcome: ProbeOutcome = { ok: true };
    try {
      outcome = await known.probe(abort.signal);
    } catch (error) {
      log.log('home-health.failed', { error });
    }
    cancel();
    if (!outcome.ok && abort.signal.aborted) {
      outcome = { ...outcome, detail: `no greeting within ${limitMs} ms` };
    }
    // Forgotten meanwhile: nobody would ever end its timer.
    if (this.#known.get(keyOf(known.host)) === known) this.#takeOutcome(known, outcome);
  }

  /** A host that lets clients wait is given as long as it usually takes, and some. */
  #limitOf({ health, silence }: KnownHost): number {
    const isDoubted = silence.countClients(this.#parts.clock.elapsedMs()) > 0;
    return isDoubted && health.state !== 'condemned' ? silence.patienceMs : PROBE_RULES.limitMs;
  }

  #takeOutcome(known: KnownHost, outcome: ProbeOutcome): void {
    const { clock, counts } = this.#parts;
    const nowMs = clock.elapsedMs();
    counts.probed(outcome.ok ? 'ok' : 'failed');
    if (outcome.ok) {
      known.silence.noteLife(nowMs);
      known.failsQuickly = false;
      if (known.health.noteProbeAnswer(nowMs)) this.#tellRecovery(known);
      this.#schedule(known, this.#spread(PROBE_RULES.beatMs));
      return;
    }
    const { reason, detail } = outcome;
    known.failsQuickly = nowMs - known.probedAtMs < PROBE_RULES.quickMs;
    const accuser = known.health.noteProbeFailure(reason, known.silence.countClients(nowMs), nowMs);
    if (accuser !== undefined) this.#tellCondemned(known, accuser, reason, detail);
    this.#schedule(known, this.#spread(distanceAfter(known.health.failedProbeCount - 1)));
  }

  #tellCondemned(known: KnownHost, accuser: Accuser, reason: Fault, detail: string): void {
    const { host } = known;
    known.triedAtMs = this.#parts.clock.elapsedMs();
    known.trialCount = 0;
    this.#parts.counts.condemned(accuser);
    const { site } = host;
    this.#parts.log.log('site.unreachable', { site, address: addressOf(host), reason, detail });
    for (const leave of known.leavers) leave();
  }

  #tellRecovery({ host }: KnownHost): void {
    this.#parts.log.log('site.recovered', { site: host.site, address: addressOf(host) });
  }

  #forgetOldest(): void {
    let oldest: KnownHost | undefined;
    for (const known of this.#known.values()) {
      if (oldest === undefined || known.askedAtMs < oldest.askedAtMs) oldest = known;
    }
    if (oldest !== undefined) this.#forget(oldest);
  }

  #forget(known: KnownHost): void {
    cancelTimers(known);
    this.#probes.drop(known);
    this.#known.delete(keyOf(known.host));
  }

  /** Three quarters of it to five quarters. */
  #spread(delayMs: number): number {
    return delayMs * (0.75 + this.#parts.random() / 2);
  }
}
