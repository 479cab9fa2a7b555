/**
 * Finds a host of a foreign site on which a login may be said: the account's own order, the next
 * one where one cannot be reached, or is condemned while it is waited for.
 */
import { orderHosts, type SiteHost } from '@homeward/directory';
import type { HealthPort, HomeProbes } from '../health/health-ports.ts';
import type { Admission, ClosedVerdict } from '../health/home-health.ts';
import type { HostVisit } from '../health/host-visit.ts';
import { noteHostOutcome } from '../health/judge-host.ts';
import { passedOver } from '../health/passed-over.ts';
import type { LoginFault } from '../login/login-fault.ts';
import type { Clock } from '../login/ports.ts';
import { targetOf, type ForeignOrder } from './foreign-order.ts';
import type { ForeignParts, ForeignTarget, ReadyForeign } from './foreign-ports.ts';
import { greetForeignHome, type ForeignGreetFailure } from './greet-foreign-home.ts';

export interface ReachPorts {
  readonly foreign: ForeignParts;
  readonly health: HealthPort;
  readonly probes: HomeProbes;
  readonly clock: Clock;
}

export interface ReachedHost extends ReadyForeign {
  readonly ok: true;
  readonly host: SiteHost;
  readonly visit: HostVisit;
  /** It has waited, and may have died unseen. */
  readonly isWarm: boolean;
  /** There are others behind it. */
  readonly hasNext: boolean;
}

/** Where to begin; those before have been asked. */
export interface StartingPoint {
  readonly reached: ReachedHost;
  /**
   * Its connection was dead: it is asked anew, by the visit that is under way. One admission is
   * one login's, and a second one may not be to be had. False: from the next one on.
   */
  readonly isAgain: boolean;
}

/** No host is worth less than this of the time that is left. */
const LEAST_BUDGET_MS = 250;

/**
 * @param from Undefined: the account's first.
 * @param visits Ends what is left of the visits.
 */
export async function reachHost(
  ports: ReachPorts,
  order: ForeignOrder,
  from: StartingPoint | undefined,
  signal: AbortSignal,
  visits: DisposableStack,
): Promise<ReachedHost | LoginFault> {
  const { foreign, clock, health, probes } = ports;
  const { site, client, mailbox } = order;
  const isLikeOthers = site.foreign.clientIdentity !== 'proxy-v2';
  const visitor = { address: client.address, mailbox: mailbox.id };
  const endMs = clock.elapsedMs() + foreign.dialBudgetMs;
  const hosts = hostsFrom(order, from);
  const failures: string[] = [];
  let last: ForeignGreetFailure | undefined;
  let skipped: ClosedVerdict | undefined;
  for (const [index, host] of hosts.entries()) {
    if (signal.aborted) break;
    const share = (endMs - clock.elapsedMs()) / (hosts.length - index);
    const target = targetOf(order, host);
    const hasNext = index + 1 < hosts.length;
    const again = from?.isAgain === true && host === from.reached.host ? from.reached : undefined;
    const admission: Admission =
      again === undefined
        ? health.admit(target, probes.foreign(target, !isLikeOthers), visitor)
        : { verdict: 'open', visit: again.visit };
    if (admission.verdict !== 'open') {
      skipped ??= admission.verdict;
      failures.push(`${host.host}:${host.port}: ${admission.verdict}`);
      continue;
    }
    const { visit } = admission;
    visits.defer(() => visit.leave());
    const waited = again === undefined && isLikeOthers ? foreign.warm.take(target) : undefined;
    if (waited !== undefined) return { ...waited, ok: true, host, visit, isWarm: true, hasNext };
    const stay = { visit, hasNext, budgetMs: Math.max(LEAST_BUDGET_MS, share) };
    const greeted = await greet(ports, order, target, stay, signal);
    if (greeted === 'condemned') {
      skipped ??= greeted;
      failures.push(`${host.host}:${host.port}: ${greeted} meanwhile`);
      continue;
    }
    if (greeted.ok) return { ...greeted, host, visit, isWarm: false, hasNext };
    last = greeted;
    failures.push(detailOf(host, greeted));
  }
  if (last === undefined && skipped !== undefined) return passedOver(skipped, failures.join('; '));
  const reason = last === undefined ? 'login-deadline' : (`site-${last.reason}` as const);
  return { ok: false, reason, logDetail: failures.join('; ') };
}

function hostsFrom(
  { door, mailbox }: ForeignOrder,
  from: StartingPoint | undefined,
): readonly SiteHost[] {
  const hosts = orderHosts(door.hosts, mailbox.id);
  if (from === undefined) return hosts;
  const at = hosts.indexOf(from.reached.host);
  return hosts.slice(from.isAgain ? at : at + 1);
}

interface Stay {
  readonly visit: HostVisit;
  readonly hasNext: boolean;
  readonly budgetMs: number;
}

/** @returns `condemned`: it was left for the next one, and says nothing of it. */
async function greet(
  { foreign, clock }: ReachPorts,
  { site, client }: ForeignOrder,
  target: ForeignTarget,
  { visit, hasNext, budgetMs }: Stay,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<typeof greetForeignHome>> | 'condemned'> {
  const announced = site.foreign.clientIdentity === 'proxy-v2' ? client : undefined;
  const beganMs = clock.elapsedMs();
  using patience = new Patience(signal, hasNext ? visit : undefined);
  const parts = { ...foreign, clock };
  const greeted = await greetForeignHome(parts, target, announced, budgetMs, patience.signal);
  if (announced === undefined) foreign.warm.noteOpened(target, greeted.ok);
  if (greeted.ok) return greeted;
  if (patience.isCondemned && !signal.aborted) {
    visit.leave();
    return 'condemned';
  }
  const logDetail = detailOf(target, greeted);
  const outcome = { ok: false, reason: `site-${greeted.reason}`, logDetail } as const;
  const waitedMs = clock.elapsedMs() - beganMs;
  noteHostOutcome(visit, outcome, { phase: 'greeting', isOver: signal.aborted, waitedMs });
  return greeted;
}

function detailOf({ host, port }: SiteHost, { detail }: ForeignGreetFailure): string {
  return `${host}:${port}: ${detail}`;
}

/** Ends with the login, or as soon as the host is condemned. */
class Patience implements Disposable {
  readonly signal: AbortSignal;
  isCondemned = false;
  readonly #ends = new DisposableStack();

  /** @param visit Undefined: as long as the login. */
  constructor(login: AbortSignal, visit: HostVisit | undefined) {
    this.signal = login;
    if (visit === undefined) return;
    const abort = new AbortController();
    this.signal = abort.signal;
    const end = (): void => abort.abort();
    login.addEventListener('abort', end, { once: true });
    this.#ends.defer(() => login.removeEventListener('abort', end));
    const stopListening = visit.whenCondemned(() => {
      this.isCondemned = true;
      end();
    });
    this.#ends.defer(stopListening);
    if (login.aborted) end();
  }

  [Symbol.dispose](): void {
    this.#ends.dispose();
  }
}
