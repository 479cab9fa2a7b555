/**
 * The way home of a login whose secret was right: claim beside route, inner connection, ticket. Where
 * the home is to say whether it was, the claim comes behind that.
 * Either a session is open at its home when this answers, or nothing is left behind.
 */
import type { SessionClaim } from '@homeward/directory';
import { claimSession, type HeldClaim } from '@homeward/login-guards';
import { isJudgedByNobody } from '../foreign/kept-secret.ts';
import type { HomeSession, Permission, SessionClaims } from './login-at-home.ts';
import type { Entry } from './login-entry.ts';
import type { LoginFault } from './login-fault.ts';
import type { Admission } from './policy.ts';
import { openAtHome } from './open-at-home.ts';
import type { LoginPorts } from './login-ports.ts';
import { renewAdmission } from './renew-admission.ts';
import { routeToHome } from './route.ts';
import type { Course, LoginAttempt, LoginOutcome, OpenSession } from './login-attempt.ts';

/** By the next login it is known who judges. */
const JUDGED_BY_NOBODY: LoginFault = {
  ok: false,
  reason: 'site-refused',
  logDetail: 'the home was to judge the password, and does so no more',
};

/** Permission to ask the home first. */
const UNASKED: Permission = Promise.resolve({ ok: true });

/** It is for the home's log; a name that counts is shorter. */
const LOGIN_CLAIM_LIMIT = 512;

/**
 * Opens the session at its home, claimed beside. What a failed one still has to give back is left
 * in the course.
 */
export async function openSession(
  attempt: LoginAttempt,
  { loginName, serverSignature, secret, kept }: Entry,
  admission: Admission,
  ports: LoginPorts,
  course: Course,
): Promise<LoginOutcome> {
  if (course.signal.aborted) return { ok: false, reason: 'login-deadline' };
  course.stage = 'route';
  attempt.phases.begin('connect');
  await attempt.earlierLeftovers;
  const { account, mailbox } = admission;
  const limits = ports.settings.sessionLimitsFor(attempt.client.address, account.connectionLimit);
  const takePlace = (): HeldClaim =>
    claimSession(ports.registry, ports.addressRegistry, claimOf(attempt, admission, ports), limits);
  // Who has not proved who he is takes no place of the account's, and is told nothing of them.
  let claim = kept?.isJudgedAtHome === true ? undefined : takePlace();
  let home: HomeSession | undefined;
  try {
    const route = await routeToHome(ports.accounts, mailbox, attempt.protocol);
    if (!route.ok) return route;
    const closed = ports.maintenance.findRouteFault(route);
    if (closed !== undefined) return closed;
    // Records change while a login waits, and are read anew where a home has refused it.
    if (isJudgedByNobody(kept, route.site)) return JUDGED_BY_NOBODY;
    course.route = route;
    course.stage = 'home';
    const claims = ticketClaims(attempt, loginName, admission);
    const permission = claim?.outcome ?? UNASKED;
    const { choices, connectedTo, tls } = attempt;
    const client = { connectedTo, tls, hopsLeft: attempt.hopsLeft };
    const { phases } = attempt;
    const order = { route, mailbox, claims, choices, kept, client, phases };
    const opened = await openAtHome(ports, order, permission, course.signal);
    if (!opened.ok) return opened;
    if (claim === undefined) {
      phases.begin('claim');
      claim = takePlace();
      const permitted = await claim.outcome;
      if (!permitted.ok) {
        opened.session.connection.destroy();
        return permitted;
      }
    }
    home = opened.session;
    const { id, address } = mailbox;
    return {
      ok: true,
      session: {
        mailbox: { id, address },
        delegateId: delegateOf(admission),
        site: mailbox.home,
        place: opened.place,
        target: route.kind === 'own' ? route.target : undefined,
        workerIndex: route.kind === 'own' ? route.workerIndex : undefined,
        home,
        claim,
        serverSignature,
        access: admission.access,
        secret,
      },
    };
  } finally {
    if (home === undefined) course.leftover = claim?.release();
  }
}

/** Tries once more, by new records, where a home refused a ticket. */
export async function renewRefused(
  first: LoginOutcome,
  attempt: LoginAttempt,
  entry: Entry,
  ports: LoginPorts,
  course: Course,
): Promise<LoginOutcome> {
  if (first.ok || first.reason !== 'site-refused') return first;
  const { admission, lookedUp } = entry;
  const renewed = await renewAdmission(admission, lookedUp, course.route, attempt.protocol, ports);
  if (renewed === undefined) return first;
  if (!renewed.ok) return renewed;
  // The registry knows a session by its conversation: the old claim is given back first.
  await course.leftover;
  return openSession(attempt, entry, renewed, ports, course);
}

/** Undoes a login whose client is not there to have it. */
export async function abandonSession(session: OpenSession): Promise<void> {
  session.home.connection.destroy();
  await session.claim.release();
}

/** Who opens another's mailbox; undefined for one's own. */
function delegateOf({ account, mailbox }: Admission): Admission['account']['id'] | undefined {
  return account.id === mailbox.id ? undefined : account.id;
}

/** It counts for who logged in, whatever he opens. */
function claimOf(
  attempt: LoginAttempt,
  { account, mailbox }: Admission,
  ports: LoginPorts,
): SessionClaim {
  return {
    conversationId: attempt.conversationId,
    accountId: account.id,
    mailboxId: mailbox.id,
    protocol: attempt.protocol,
    site: mailbox.home,
    clientAddress: attempt.client.address,
    startedAtMs: ports.clock.nowMs(),
  };
}

function ticketClaims(
  attempt: LoginAttempt,
  loginName: string,
  admission: Admission,
): SessionClaims {
  const { mailbox, access } = admission;
  return {
    sub: mailbox.id,
    aud: mailbox.home,
    epoch: mailbox.epoch,
    proto: attempt.protocol,
    sid: attempt.conversationId,
    client: { address: attempt.client.address, port: attempt.client.port, tls: attempt.tls },
    login: loginName.slice(0, LOGIN_CLAIM_LIMIT),
    act: delegateOf(admission),
    access: access === 'read' ? access : undefined,
    quota: { bytes: mailbox.quotaBytes, messages: mailbox.quotaMessages },
    operator: undefined,
  };
}
