/**
 * A person's own login at a back end, where the setting `directLogin` allows it: for tests,
 * measurements and one-host installations. The same rules as at a front end, in the same order: the
 * protocol's switches, access rules, look-up, the gate where guessing is slowed down, the secret,
 * the policy. Nobody learns why he is refused. Tokens pass no gate: nobody guesses one.
 */
import {
  findAppPassword,
  type HashTurn,
  type LoginRecord,
  type Protocol,
  rankOf,
  readLoginIdentities,
} from '@homeward/directory';
import {
  type GatePass,
  type GateRefusal,
  LOGIN_LIMIT_MS,
  type LoginDeadline,
  startLoginDeadline,
} from '@homeward/login-guards';
import { isLoginAllowed, type ScramParameters } from '@homeward/sasl';
import { admitPerson } from './admit-person.ts';
import { checkAccount, checkConnection } from './check-access.ts';
import type { DirectLoginParts } from './direct-parts.ts';
import { findPeople, type FoundPeople } from './find-people.ts';
import { isRemembered, judgeSecret, type PersonalCredentials } from './judge-secret.ts';
import type { LoginDecision, LoginRefusalReason, LoginRefused } from './login.ts';
import type { LoginAttempt } from './ports.ts';
import { judgeToken } from './token-login.ts';

/** What counts as a wrong guess, whatever it was. */
const WRONG: ReadonlySet<LoginRefusalReason> = new Set<LoginRefusalReason>([
  'unknown-account',
  'no-secret',
  'wrong-password',
  'blocked-kind',
  'act-as-not-allowed',
  'access-rule',
]);
/** Copies of accounts that are here would else be told apart from names to be asked about. */
const SCRAM_ANSWER_AFTER_MS = 10;

/**
 * Judges an attempt, within the time that a login has. A password that was typed is overwritten as
 * soon as nobody looks at it any more.
 */
export async function judgePerson(
  attempt: LoginAttempt,
  parts: DirectLoginParts,
): Promise<LoginDecision> {
  const { credentials } = attempt;
  const late = Promise.withResolvers<LoginRefused>();
  const deadline = startLoginDeadline(parts.clock, LOGIN_LIMIT_MS, () =>
    late.resolve({ ok: false, reason: 'login-deadline', detail: `during ${course.stage}` }),
  );
  const course: Course = { conversationId: parts.makeConversationId(), stage: 'look-up', deadline };
  const judged = judgeInTime(attempt, course, parts).finally(() => {
    deadline.end();
    if (credentials.kind === 'password') credentials.password.fill(0);
  });
  // Nothing is opened yet: what comes of it after its time is nobody's.
  const decision = await Promise.race([judged, late.promise]);
  if (decision.ok) return decision;
  const { conversationId } = course;
  return { ...decision, about: { conversationId, isDirect: true, login: undefined } };
}

/** One login under way. */
interface Course {
  readonly conversationId: string;
  /** For the log of one that ran out of time. */
  stage: 'look-up' | 'secret';
  readonly deadline: LoginDeadline;
}

async function judgeInTime(
  attempt: LoginAttempt,
  course: Course,
  parts: DirectLoginParts,
): Promise<LoginDecision> {
  const { credentials } = attempt;
  const closed = checkDoor(attempt, parts);
  if (closed !== undefined) return closed;
  const access = checkConnection(parts.access, attempt);
  if (typeof access === 'object') return access;
  const isUndecided = access === 'undecided';
  if (credentials.kind !== 'bearer') {
    return judgeGuess(attempt, credentials, isUndecided, course, parts);
  }
  course.stage = 'secret';
  return judgeToken(attempt, credentials, isUndecided, course.conversationId, parts);
}

/**
 * Front ends come through the same door, so it is open to everybody until he says who he is. A
 * dialogue asks for TLS by itself, but of whoever comes by the mechanism of tickets, and not when
 * it had begun before the setting changed.
 */
function checkDoor(
  { protocol, credentials, connection: { isEncrypted } }: LoginAttempt,
  { settingsOf }: Pick<DirectLoginParts, 'settingsOf'>,
): LoginRefused | undefined {
  const { enabled, loginType } = settingsOf(protocol);
  if (!enabled) return SWITCHED_OFF;
  const isAllowed = isLoginAllowed(credentials.kind !== 'scram', { isEncrypted, loginType });
  return isAllowed ? undefined : { ok: false, reason: 'privacy-required' };
}

const SWITCHED_OFF: LoginRefused = { ok: false, reason: 'switched-off' };

async function judgeGuess(
  attempt: LoginAttempt,
  credentials: PersonalCredentials,
  isUndecided: boolean,
  course: Course,
  parts: DirectLoginParts,
): Promise<LoginDecision> {
  const people = await findPeople(credentials, parts);
  if (!people.ok) return people;
  course.stage = 'secret';
  const { person, other } = people;
  const mailbox = other?.kind === 'found' ? other.record.account : undefined;
  const rule = isUndecided
    ? checkAccount(parts.access, attempt, person?.account, mailbox)
    : undefined;
  // Whom a rule refuses nothing may be quicker for: that would tell that his secret was right.
  const isKnownRight = rule === undefined && isNoGuess(attempt, credentials, person, parts);
  const pass = isKnownRight
    ? KNOWN_RIGHT
    : await enterGate(attempt, credentials, person, course, parts);
  if (!pass.ok) return refuseAtGate(pass);
  try {
    const turn = { rank: rankOf(rule === undefined ? pass.standing : 'suspect') };
    const decision =
      rule === undefined
        ? await enter(attempt, credentials, people, turn, course.conversationId, parts)
        : await refuseAtCost(attempt, credentials, rule, parts);
    // Nobody's login has to wait for that.
    if (decision.ok) void pass.noteOutcome('right');
    else if (WRONG.has(decision.reason)) await pass.noteOutcome('wrong');
    return decision;
  } finally {
    pass.leave();
  }
}

async function enter(
  attempt: LoginAttempt,
  credentials: PersonalCredentials,
  { person, other }: FoundPeople,
  turn: HashTurn,
  conversationId: string,
  parts: DirectLoginParts,
): Promise<LoginDecision> {
  const verified = await judgeSecret(person, credentials, attempt.protocol, turn, parts);
  if (!verified.ok) return verified;
  const { loginName } = credentials;
  return admitPerson(attempt, { ...verified, other, loginName }, conversationId, parts);
}

/** Whose account may not log in like this: as if his secret had been wrong. */
async function refuseAtCost(
  attempt: LoginAttempt,
  credentials: PersonalCredentials,
  refusal: LoginRefused,
  parts: DirectLoginParts,
): Promise<LoginRefused> {
  const turn = { rank: rankOf('suspect') };
  const verified = await judgeSecret(undefined, credentials, attempt.protocol, turn, parts);
  return !verified.ok && verified.reason === 'too-busy' ? verified : refusal;
}

/** App passwords nobody guesses; a password that was right minutes ago is none where it was. */
function isNoGuess(
  { protocol, connection }: LoginAttempt,
  credentials: PersonalCredentials,
  person: LoginRecord | undefined,
  parts: DirectLoginParts,
): boolean {
  if (credentials.kind !== 'password' || person === undefined) return false;
  const { password } = credentials;
  if (findAppPassword(person, password, protocol) !== undefined) return true;
  const isAtHome = parts.gate.isAtHome(person.account.id, connection.remoteAddress);
  return isAtHome && isRemembered(person, password, parts);
}

function enterGate(
  { protocol, connection }: LoginAttempt,
  credentials: PersonalCredentials,
  person: LoginRecord | undefined,
  { conversationId, deadline }: Course,
  { gate }: DirectLoginParts,
): Promise<GatePass | GateRefusal> {
  const attempt = {
    conversationId,
    protocol,
    clientAddress: connection.remoteAddress,
    accountId: person?.account.id,
    loginName: credentials.loginName.normalize('NFC').toLowerCase(),
    secret: credentials.kind === 'password' ? credentials.password : undefined,
    whenGone: connection.whenGone,
  };
  return gate.enter(attempt, deadline);
}

function refuseAtGate({ reason, logDetail: detail, clientDetail }: GateRefusal): LoginRefused {
  return {
    ok: false,
    reason: reason === 'verifier-busy' ? 'too-busy' : reason,
    detail,
    clientDetail,
  };
}

/** SCRAM's question before the login; answered alike for names that nobody has. */
export async function findScramParameters(
  names: { readonly loginName: string; readonly actAs: string | undefined },
  protocol: Protocol,
  parts: Pick<
    DirectLoginParts,
    'accounts' | 'scram' | 'clock' | 'settingsOf' | 'makeConversationId'
  >,
): Promise<ScramParameters | LoginRefused> {
  const [answer] = parts.settingsOf(protocol).enabled
    ? await Promise.all([
        askScramParameters(names, parts),
        new Promise<void>((resolve) => {
          parts.clock.after(SCRAM_ANSWER_AFTER_MS, resolve);
        }),
      ])
    : [SWITCHED_OFF];
  if (!('ok' in answer)) return answer;
  const conversationId = parts.makeConversationId();
  return { ...answer, about: { conversationId, isDirect: true, login: undefined } };
}

async function askScramParameters(
  names: { readonly loginName: string; readonly actAs: string | undefined },
  parts: Pick<DirectLoginParts, 'accounts' | 'scram'>,
): Promise<ScramParameters | LoginRefused> {
  const people = await findPeople(names, parts);
  if (!people.ok) return people;
  const identities = readLoginIdentities(names.loginName, names.actAs);
  const name = identities.kind === 'invalid' ? names.loginName : identities.name;
  const parameters = await parts.scram.findParameters(people.person, name);
  return parameters === 'unavailable' ? { ok: false, reason: 'directory-away' } : parameters;
}

const KNOWN_RIGHT: GatePass = {
  ok: true,
  standing: 'known',
  noteOutcome: () => Promise.resolve(),
  leave: () => undefined,
};
