/**
 * Opens an account's session at a site that runs other software: its hosts in the account's own
 * order, the next one where one cannot be reached, then the login. What was sent a login is not
 * left for another host: it has judged.
 */
import {
  orderHosts,
  type AccountRecord,
  type ForeignDoor,
  type ForeignSite,
  type SiteHost,
  type SiteRecord,
} from '@homeward/directory';
import type { ClientFacts, SessionChoices } from '@homeward/sasl';
import type { HomeSession, Permission, SessionClaims } from '../login/login-at-home.ts';
import type { LoginFault } from '../login/login-fault.ts';
import type { LoginPhases } from '../login/login-phases.ts';
import type { Clock, MailProtocol, TicketSigner } from '../login/ports.ts';
import type { HealthPort, HomeProbes } from '../health/health-ports.ts';
import type { Admission, ClosedVerdict } from '../health/home-health.ts';
import type { HostVisit } from '../health/host-visit.ts';
import { noteHostOutcome } from '../health/judge-host.ts';
import { passedOver } from '../health/passed-over.ts';
import type {
  AnnouncedClient,
  ForeignParts,
  ForeignTarget,
  ReadyForeign,
} from './foreign-ports.ts';
import { prepareForeignSecret, type SecretMaker } from './foreign-secret.ts';
import { greetForeignHome, type ForeignGreetFailure } from './greet-foreign-home.ts';
import type { KeptSecret } from './kept-secret.ts';
import { loginAtForeignHome, type ForeignLoginFault } from './login-at-foreign-home.ts';

export interface ForeignLoginPorts {
  readonly foreign: ForeignParts;
  readonly health: HealthPort;
  readonly probes: HomeProbes;
  readonly signer: TicketSigner;
  readonly clock: Clock;
}

/** Whose mailbox is to be opened, where, for whom. */
export interface ForeignOrder {
  readonly protocol: MailProtocol;
  readonly site: SiteRecord & { readonly foreign: ForeignSite };
  readonly door: ForeignDoor;
  readonly mailbox: AccountRecord;
  readonly claims: SessionClaims;
  readonly client: AnnouncedClient;
  readonly choices: SessionChoices | undefined;
  readonly kept: KeptSecret | undefined;
  readonly phases: LoginPhases;
}

interface OpenedAt {
  readonly ok: true;
  readonly session: HomeSession;
  readonly place: SiteHost;
}

interface ReachedHost extends ReadyForeign {
  readonly ok: true;
  readonly host: SiteHost;
  readonly visit: HostVisit;
  /** It has waited, and may have died unseen. */
  readonly isWarm: boolean;
}

/** No host is worth less than this of the time that is left. */
const LEAST_BUDGET_MS = 250;

/** @param permission Asked for meanwhile; nobody logs in anywhere without it. */
export async function openForeignSession(
  ports: ForeignLoginPorts,
  order: ForeignOrder,
  permission: Permission,
  signal: AbortSignal,
): Promise<OpenedAt | LoginFault> {
  const { site, claims, kept } = order;
  const { foreign, signer } = ports;
  using visits = new DisposableStack();
  const sources = { secrets: foreign.secrets, signer, kept };
  const secret = await prepareForeignSecret(site, order.mailbox, claims, sources);
  try {
    const reached = secret.ok ? await reachHost(ports, order, undefined, signal, visits) : secret;
    order.phases.begin('claim');
    const permitted = await permission;
    if (!permitted.ok) {
      if (reached.ok) reached.connection.destroy();
      return permitted;
    }
    if (!reached.ok) return reached;
    if (!secret.ok) return secret;
    const first = await logInAt(reached, ports, order, secret.make, signal);
    if (!hasDiedWaiting(reached, first) || signal.aborted) return first;
    order.phases.begin('connect');
    const again = await reachHost(ports, order, reached, signal, visits);
    return again.ok ? await logInAt(again, ports, order, secret.make, signal) : again;
  } finally {
    if (secret.ok) secret.wipe();
  }
}

async function logInAt(
  reached: ReachedHost,
  ports: ForeignLoginPorts,
  order: ForeignOrder,
  makeSecret: SecretMaker,
  signal: AbortSignal,
): Promise<OpenedAt | ForeignLoginFault> {
  const { kept, choices } = order;
  const tells = order.site.foreign.clientIdentity === 'protocol';
  const { hopsLeft } = order.client;
  const client = tells ? factsOf(order.client) : { hopsLeft };
  order.phases.begin('inner-login');
  const request = { secret: makeSecret(), client, choices };
  kept?.shown();
  const beganMs = ports.clock.elapsedMs();
  const judgesClient = kept?.isJudgedAtHome === true;
  const opened = await loginAtForeignHome(reached, request, judgesClient, signal);
  const waitedMs = ports.clock.elapsedMs() - beganMs;
  // One that was late has not died: it hangs, or is away, and is not tried again.
  if (signal.aborted || !hasDiedWaiting(reached, opened)) {
    noteHostOutcome(reached.visit, opened, { phase: 'login', isOver: signal.aborted, waitedMs });
  }
  return opened.ok ? { ...opened, place: reached.host } : opened;
}

/**
 * A goodbye or an end in place of an answer: no judgement, so the login is said once more, over a
 * new connection, and nobody notices. A home that answered anything was alive: it may have counted
 * the secret as a guess, and a second time would be one too many.
 */
function hasDiedWaiting(
  { isWarm }: ReachedHost,
  outcome: { readonly ok: true } | ForeignLoginFault,
): boolean {
  return isWarm && !outcome.ok && outcome.isUnheard === true;
}

/**
 * @param died Whose connection was dead: its host is asked anew, by the visit that is under way,
 *   before those behind it. One admission is one login's, and a second one may not be to be had.
 */
async function reachHost(
  { foreign, clock, health, probes }: ForeignLoginPorts,
  order: ForeignOrder,
  died: ReachedHost | undefined,
  signal: AbortSignal,
  visits: DisposableStack,
): Promise<ReachedHost | LoginFault> {
  const { site, door, mailbox } = order;
  const announced = site.foreign.clientIdentity === 'proxy-v2' ? order.client : undefined;
  const visitor = { address: order.client.address, mailbox: mailbox.id };
  const parts = { ...foreign, clock };
  const endMs = clock.elapsedMs() + foreign.dialBudgetMs;
  const all = orderHosts(door.hosts, mailbox.id);
  const hosts = died === undefined ? all : all.slice(all.indexOf(died.host));
  const failures: string[] = [];
  let last: ForeignGreetFailure | undefined;
  let skipped: ClosedVerdict | undefined;
  for (const [index, host] of hosts.entries()) {
    if (signal.aborted) break;
    const share = (endMs - clock.elapsedMs()) / (hosts.length - index);
    const target = targetOf(order, host);
    const probe = probes.foreign(target, announced !== undefined);
    const isAgain = host === died?.host;
    const admission: Admission = isAgain
      ? { verdict: 'open', visit: died.visit }
      : health.admit(target, probe, visitor);
    if (admission.verdict !== 'open') {
      skipped ??= admission.verdict;
      failures.push(`${host.host}:${host.port}: ${admission.verdict}`);
      continue;
    }
    const { visit } = admission;
    visits.defer(() => visit.leave());
    const isLikeOthers = announced === undefined;
    const waited = !isAgain && isLikeOthers ? foreign.warm.take(target) : undefined;
    if (waited !== undefined) return { ...waited, ok: true, host, visit, isWarm: true };
    const budgetMs = Math.max(LEAST_BUDGET_MS, share);
    const beganMs = clock.elapsedMs();
    const greeted = await greetForeignHome(parts, target, announced, budgetMs, signal);
    if (isLikeOthers) foreign.warm.noteOpened(target, greeted.ok);
    if (greeted.ok) return { ...greeted, host, visit, isWarm: false };
    last = greeted;
    const detail = `${host.host}:${host.port}: ${greeted.detail}`;
    failures.push(detail);
    const outcome = { ok: false, reason: `site-${greeted.reason}`, logDetail: detail } as const;
    const waitedMs = clock.elapsedMs() - beganMs;
    noteHostOutcome(visit, outcome, { phase: 'greeting', isOver: signal.aborted, waitedMs });
  }
  if (last === undefined && skipped !== undefined) return passedOver(skipped, failures.join('; '));
  const reason = last === undefined ? 'login-deadline' : (`site-${last.reason}` as const);
  return { ok: false, reason, logDetail: failures.join('; ') };
}

export function targetOf(
  { protocol, site, door }: Pick<ForeignOrder, 'protocol' | 'site' | 'door'>,
  { host, port }: SiteHost,
): ForeignTarget {
  const serverName = site.serverName === '' ? host : site.serverName;
  const { trust } = site.foreign;
  return { protocol, site: site.name, serverName, host, port, tls: door.tls, trust };
}

function factsOf(client: AnnouncedClient): ClientFacts {
  const { address, port, connectedAddress, connectedPort, sessionId, hopsLeft } = client;
  return { address, port, connectedAddress, connectedPort, sessionId, hopsLeft };
}
