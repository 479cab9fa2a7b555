/**
 * Opens an account's session at a site that runs other software: its hosts in the account's own
 * order, the next one where one cannot be reached, then the login. What was shown a secret is not
 * left for another host, even if it says nothing: it may judge it yet.
 */
import type { SiteHost } from '@homeward/directory';
import type { ClientFacts } from '@homeward/sasl';
import { noteHostOutcome } from '../health/judge-host.ts';
import type { HomeSession, Permission } from '../login/login-at-home.ts';
import type { LoginFault } from '../login/login-fault.ts';
import type { TicketSigner } from '../login/ports.ts';
import type { ForeignOrder } from './foreign-order.ts';
import type { AnnouncedClient } from './foreign-ports.ts';
import { prepareForeignSecret, type SecretMaker } from './foreign-secret.ts';
import { loginAtForeignHome, type ForeignLoginFault } from './login-at-foreign-home.ts';
import {
  reachHost,
  type ReachedHost,
  type ReachPorts,
  type StartingPoint,
} from './reach-foreign-host.ts';

export interface ForeignLoginPorts extends ReachPorts {
  readonly signer: TicketSigner;
}

interface OpenedAt {
  readonly ok: true;
  readonly session: HomeSession;
  readonly place: SiteHost;
}

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
    let reached = secret.ok ? await reachHost(ports, order, undefined, signal, visits) : secret;
    order.phases.begin('claim');
    const permitted = await permission;
    if (!permitted.ok) {
      if (reached.ok) reached.connection.destroy();
      return permitted;
    }
    for (;;) {
      if (!reached.ok) return reached;
      if (!secret.ok) return secret;
      const opened = await logInAt(reached, ports, order, secret.make, signal);
      const next = whereNext(reached, opened);
      if (next === undefined || signal.aborted) return opened;
      order.phases.begin('connect');
      reached = await reachHost(ports, order, next, signal, visits);
    }
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
  const { visit, hasNext } = reached;
  const tells = order.site.foreign.clientIdentity === 'protocol';
  const { hopsLeft } = order.client;
  const client = tells ? factsOf(order.client) : { hopsLeft };
  order.phases.begin('inner-login');
  const request = { secret: makeSecret(), client, choices };
  const course = {
    judgesClient: kept?.isJudgedAtHome === true,
    onShown: () => kept?.shown(),
    leavable: hasNext ? visit : undefined,
  };
  const beganMs = ports.clock.elapsedMs();
  const opened = await loginAtForeignHome(reached, request, course, signal);
  const waitedMs = ports.clock.elapsedMs() - beganMs;
  // One that was late has not died: it hangs, or is away, and is not tried again.
  if (signal.aborted || whereNext(reached, opened) === undefined) {
    noteHostOutcome(visit, opened, { phase: 'login', isOver: signal.aborted, waitedMs });
  } else if (!opened.ok && opened.isCondemned === true) {
    visit.leave();
  }
  return opened.ok ? { ...opened, place: reached.host } : opened;
}

/**
 * A goodbye or an end in place of an answer, or a no before the secret: no judgement, so the login
 * is said once more, over a new connection, and nobody notices. A home that answered anything behind
 * it was alive: it may have counted the secret as a guess, and a second time would be one too many.
 * A host that was condemned before it was shown the secret is left for the next one.
 */
function whereNext(
  reached: ReachedHost,
  outcome: { readonly ok: true } | ForeignLoginFault,
): StartingPoint | undefined {
  if (outcome.ok || outcome.isUnheard !== true) return undefined;
  if (outcome.isCondemned === true) return { reached, isAgain: false };
  return reached.isWarm ? { reached, isAgain: true } : undefined;
}

function factsOf(client: AnnouncedClient): ClientFacts {
  const { address, port, connectedAddress, connectedPort, sessionId, hopsLeft } = client;
  return { address, port, connectedAddress, connectedPort, sessionId, hopsLeft };
}
