/**
 * One login, all of its steps in order under one deadline: access rules, look-up, gate (where
 * guessing is slowed down), secret, policy, claim beside route, inner connection, ticket. Either a
 * session is open at its home when this answers, or nothing is left behind: never "authenticated
 * but not connected".
 */
import type { HashTurn, LoginRecord, SessionClaim, SessionSecret } from '@homeward/directory';
import type { Credentials, LoginMethod, SessionChoices } from '@homeward/sasl';
import { type KeptSecret, keepSecretForHome } from '../foreign/kept-secret.ts';
import { type AccessGranted, checkAccount, checkConnection, findHome } from './check-access.ts';
import { claimSession, type HeldClaim } from './claim.ts';
import type { ConversationId } from './conversation-id.ts';
import { judgeSecret } from './judge-by-ldap.ts';
import { lookUpAccounts, type LookedUp, type PersonalCredentials } from './look-up.ts';
import type { HomeSession, SessionClaims } from './login-at-home.ts';
import { LoginDeadline } from './login-deadline.ts';
import type { Entry } from './login-entry.ts';
import type { LoginFault } from './login-fault.ts';
import { noteOutcome, passGate } from './pass-gate.ts';
import type { LoginPhases } from './login-phases.ts';
import { admit, type Admission } from './policy.ts';
import { type HomePlace, openAtHome } from './open-at-home.ts';
import type { ConversationPorts, InnerTarget, MailProtocol, TlsFacts } from './ports.ts';
import { refuseAtCost } from './refuse-at-cost.ts';
import { renewAdmission } from './renew-admission.ts';
import { type Route, routeToHome } from './route.ts';
import { enterByToken } from './token-login.ts';
import type { VerifiedLogin } from './verify-secret.ts';

/** Who asks, and for what. */
export interface LoginAttempt {
  readonly conversationId: ConversationId;
  readonly protocol: MailProtocol;
  readonly client: { readonly address: string; readonly port: number };
  /** Where the client connected to. */
  readonly connectedTo: { readonly address: string; readonly port: number };
  /** How often the connection may still be passed on; undefined: nobody has passed it on. */
  readonly hopsLeft?: number | undefined;
  readonly tls: TlsFacts | undefined;
  readonly method: LoginMethod;
  readonly credentials: Credentials;
  /** What the client chose before, for its home to hear. */
  readonly choices?: SessionChoices | undefined;
  /**
   * Settles when this conversation's earlier logins have left nothing: the registry knows
   * sessions by their conversation, so an old claim must be given back before a new one.
   */
  readonly earlierLeftovers: Promise<unknown>;
  /** Measures this login. */
  readonly phases: LoginPhases;
}

/** A session that is open and counted; `home` is to be spliced, `claim` released at the end. */
export interface OpenSession {
  /** Whose mailbox it is. */
  readonly mailbox: { readonly id: string; readonly address: string };
  /** Who logged in, if it is another's mailbox. */
  readonly delegateId: string | undefined;
  readonly site: string;
  /** The worker that has it; undefined at a site of other software. */
  readonly target: InnerTarget | undefined;
  /** In the site's record; undefined at a site that runs other software. */
  readonly workerIndex: number | undefined;
  readonly place: HomePlace;
  readonly home: HomeSession;
  readonly claim: HeldClaim;
  /** To be shown to the client before its OK; undefined where its mechanism wants none. */
  readonly serverSignature: Uint8Array | undefined;
  readonly access: Admission['access'];
  readonly secret: SessionSecret;
}

export type LoginOutcome = { readonly ok: true; readonly session: OpenSession } | LoginFault;

/** It is for the home's log; a name that counts is shorter. */
const LOGIN_CLAIM_LIMIT = 512;

/** One login under way. */
interface Course {
  readonly signal: AbortSignal;
  /** How far it came, for the log of one that ran out of time. */
  stage: 'look-up' | 'secret' | 'route' | 'home';
  /** What a failed login still has to give back; the client's answer does not wait for it. */
  leftover: Promise<void> | undefined;
  /** Where it was led to. */
  route: Route | undefined;
}

export interface RunningLogin {
  /** Settles by the deadline at the latest; never rejects. */
  readonly outcome: Promise<LoginOutcome>;
  /** Settles when nothing of the login is under way any more; never rejects. */
  readonly settled: Promise<void>;
}

type LoginPorts = Omit<
  ConversationPorts,
  'relay' | 'ender' | 'dialogues' | 'metrics' | 'log' | 'protocolLog'
>;

/**
 * Starts a login. After its deadline it answers, and what is still under way is undone as it
 * comes to light.
 */
export function startLogin(attempt: LoginAttempt, ports: LoginPorts): RunningLogin {
  const abort = new AbortController();
  const course: Course = {
    signal: abort.signal,
    stage: 'look-up',
    leftover: undefined,
    route: undefined,
  };
  let isLate = false;
  const late = Promise.withResolvers<LoginOutcome>();
  const deadline = new LoginDeadline(ports.clock, ports.settings.loginDeadlineMs, () => {
    isLate = true;
    abort.abort();
    late.resolve({ ok: false, reason: 'login-deadline', logDetail: `during ${course.stage}` });
  });
  const steps = runSteps(attempt, ports, course, deadline)
    .finally(() => wipe(attempt.credentials))
    .catch(internalError)
    .finally(() => deadline.end());
  const outcome = Promise.race([steps, late.promise]);
  const settled = steps.then(async (result) => {
    if (isLate && result.ok) await abandonSession(result.session);
    await course.leftover;
  });
  return { outcome, settled };
}

/** For the ways out that do not lead past `verifySecret`. */
function wipe(credentials: Credentials): void {
  if (credentials.kind === 'password') credentials.password.fill(0);
}

function internalError(error: unknown): LoginFault {
  return { ok: false, reason: 'internal-error', error };
}

/** Undoes a login whose client is not there to have it. */
export async function abandonSession(session: OpenSession): Promise<void> {
  session.home.connection.destroy();
  await session.claim.release();
}

async function runSteps(
  attempt: LoginAttempt,
  ports: LoginPorts,
  course: Course,
  deadline: LoginDeadline,
): Promise<LoginOutcome> {
  const { credentials } = attempt;
  const access = checkConnection(ports.access, attempt);
  if (!access.ok) return access;
  if (credentials.kind !== 'bearer') {
    return logInBySecret(attempt, credentials, access, ports, course, deadline);
  }
  // Tokens pass no gate: nobody guesses one.
  attempt.phases.begin('secret');
  const entry = await enterByToken(attempt.protocol, credentials, ports);
  if (!entry.ok) return entry;
  const { account, mailbox } = entry.admission;
  const refusal = checkAccount(ports.access, access, attempt, account, mailbox.home);
  if (refusal !== undefined) return refusal;
  const first = await ports.queues.home.run(deadline, () =>
    openSession(attempt, entry, entry.admission, ports, course),
  );
  return renewRefused(first, attempt, entry, ports, course);
}

/** The gate, where guessing is slowed down, then the secret, the policy, and the way home. */
async function logInBySecret(
  attempt: LoginAttempt,
  credentials: PersonalCredentials,
  access: AccessGranted,
  ports: LoginPorts,
  course: Course,
  deadline: LoginDeadline,
): Promise<LoginOutcome> {
  const { phases } = attempt;
  phases.begin('look-up');
  const lookedUp = await ports.queues.lookUp.run(deadline, () =>
    lookUpAccounts(ports.accounts, credentials),
  );
  if (!lookedUp.ok) return lookedUp;
  course.stage = 'secret';
  phases.begin('gate');
  const home = access.isUndecided ? await findHome(lookedUp) : undefined;
  const refusal = checkAccount(ports.access, access, attempt, lookedUp.login?.account, home);
  if (refusal !== undefined) return refuseAtCost(attempt, lookedUp.login, refusal, ports, deadline);
  const pass = await passGate(ports, attempt, lookedUp.login, deadline);
  if (!pass.ok) return pass;
  phases.begin('secret');
  using kept = await keepSecretForHome(ports.accounts, lookedUp, credentials, attempt.protocol);
  const turn = { isUrgent: pass.isKnown };
  const entry = await verifyAndAdmit(attempt.protocol, credentials, lookedUp, kept, turn, ports);
  // Where the home judges, nothing is known of the secret yet.
  const isJudged = kept?.isJudgedAtHome !== true;
  if (isJudged) await noteOutcome(pass, entry);
  if (!entry.ok) return entry;
  const first = await ports.queues.home.run(deadline, () =>
    openSession(attempt, entry, entry.admission, ports, course),
  );
  if (!isJudged) await noteOutcome(pass, first);
  return await renewRefused(first, attempt, entry, ports, course);
}

/** Tries once more, by new records, where a home refused a ticket. */
async function renewRefused(
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

async function verifyAndAdmit(
  protocol: MailProtocol,
  credentials: PersonalCredentials,
  lookedUp: LookedUp,
  kept: KeptSecret | undefined,
  turn: HashTurn,
  ports: LoginPorts,
): Promise<Entry | LoginFault> {
  const verified =
    kept?.isJudgedAtHome === true && lookedUp.login !== undefined
      ? acceptUnseen(lookedUp.login)
      : await judgeSecret(ports, lookedUp.login, credentials, protocol, turn);
  if (!verified.ok) return verified;
  const { login, serverSignature, secret } = verified;
  const admission = admit(login.account, await lookedUp.mailbox, protocol);
  if (!admission.ok) return admission;
  const { loginName } = credentials;
  return { ok: true, admission, lookedUp, loginName, serverSignature, secret, kept };
}

/** His home will say whether the secret is right. */
function acceptUnseen(login: LoginRecord): VerifiedLogin {
  return { ok: true, login, serverSignature: undefined, secret: { kind: 'elsewhere' } };
}

async function openSession(
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
  const claimed = claimOf(attempt, admission, ports);
  const claim = claimSession(ports.registry, ports.addressRegistry, claimed, limits);
  let home: HomeSession | undefined;
  try {
    const route = await routeToHome(ports.accounts, mailbox, attempt.protocol);
    if (!route.ok) return route;
    const closed = ports.maintenance.findRouteFault(route);
    if (closed !== undefined) return closed;
    course.route = route;
    course.stage = 'home';
    const claims = ticketClaims(attempt, loginName, admission);
    const permission = claim.outcome;
    const { choices, connectedTo, tls } = attempt;
    const client = { connectedTo, tls, hopsLeft: attempt.hopsLeft };
    const { phases } = attempt;
    const order = { route, mailbox, claims, choices, kept, client, phases };
    const opened = await openAtHome(ports, order, permission, course.signal);
    if (!opened.ok) return opened;
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
    if (home === undefined) course.leftover = claim.release();
  }
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
