/** A login by password or SCRAM. */
import { type LoginRecord, rankOf } from '@homeward/directory';
import { type KeptSecret, keepSecretForHome } from '../foreign/kept-secret.ts';
import { type AccessGranted, checkAccount, findHome } from './check-access.ts';
import { judgeSecret } from './judge-by-ldap.ts';
import { lookUpAccounts, type LookedUp, type PersonalCredentials } from './look-up.ts';
import type { LoginDeadline } from '@homeward/login-guards';
import type { Entry } from './login-entry.ts';
import type { LoginFault } from './login-fault.ts';
import { noteOutcome, passGate, type Passage } from './pass-gate.ts';
import { admit } from './policy.ts';
import type { LoginPorts } from './login-ports.ts';
import type { MailProtocol } from './ports.ts';
import { refuseAtCost } from './refuse-at-cost.ts';
import type { SecretTurn, VerifiedLogin } from './verify-secret.ts';
import type { Course, LoginAttempt, LoginOutcome } from './login-attempt.ts';
import { openSession, renewRefused } from './open-session.ts';

/** The gate, where guessing is slowed down, then the secret, the policy, and the way home. */
export async function logInBySecret(
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
  try {
    return await enterAndOpen(attempt, credentials, lookedUp, pass, ports, course, deadline);
  } finally {
    pass.leave();
  }
}

async function enterAndOpen(
  attempt: LoginAttempt,
  credentials: PersonalCredentials,
  lookedUp: LookedUp,
  pass: Passage,
  ports: LoginPorts,
  course: Course,
  deadline: LoginDeadline,
): Promise<LoginOutcome> {
  const { phases } = attempt;
  phases.begin('secret');
  const { protocol } = attempt;
  using kept = await keepSecretForHome(ports, lookedUp, credentials, protocol, deadline);
  const turn = { rank: rankOf(pass.standing), isRight: pass.isRight === true };
  const entry = await verifyAndAdmit(protocol, credentials, lookedUp, kept, turn, ports);
  // Where the home judges, nothing is known of the secret yet.
  const isJudged = kept?.isJudgedAtHome !== true;
  if (isJudged) {
    await noteOutcome(pass, entry);
    pass.leave();
  }
  if (!entry.ok) return entry;
  const first = await ports.queues.home.run(deadline, () =>
    openSession(attempt, entry, entry.admission, ports, course),
  );
  const outcome = await renewRefused(first, attempt, entry, ports, course);
  if (!isJudged) await noteOutcome(pass, outcome);
  return outcome;
}

async function verifyAndAdmit(
  protocol: MailProtocol,
  credentials: PersonalCredentials,
  lookedUp: LookedUp,
  kept: KeptSecret | undefined,
  turn: SecretTurn,
  ports: LoginPorts,
): Promise<Entry | LoginFault> {
  const verified =
    kept?.isJudgedAtHome === true && lookedUp.login !== undefined
      ? acceptUnseen(lookedUp.login)
      : await judgeSecret(ports, lookedUp.login, credentials, protocol, turn);
  if (!verified.ok) {
    const isUnserved = verified.reason === 'no-secret' && kept?.isUnserved === true;
    return isUnserved ? { ...verified, logDetail: UNSERVED } : verified;
  }
  const { login, serverSignature, secret } = verified;
  const admission = admit(login.account, await lookedUp.mailbox, protocol);
  if (!admission.ok) return admission;
  const { loginName } = credentials;
  return { ok: true, admission, lookedUp, loginName, serverSignature, secret, kept };
}

/** Told as a wrong password is: that there is such an account is nobody's to know. */
const UNSERVED = 'its home, which would judge the password, does not serve the protocol';

/** His home will say whether the secret is right. */
function acceptUnseen(login: LoginRecord): VerifiedLogin {
  return { ok: true, login, serverSignature: undefined, secret: { kind: 'elsewhere' } };
}
