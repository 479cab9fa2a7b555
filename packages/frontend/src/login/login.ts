/**
 * One login, all of its steps in order under one deadline: access rules, look-up, gate (where
 * guessing is slowed down), secret, policy, claim beside route, inner connection, ticket. Either a
 * session is open at its home when this answers, or nothing is left behind: never "authenticated
 * but not connected".
 */
import type { Credentials } from '@homeward/sasl';
import { checkAccount, checkConnection } from './check-access.ts';
import { type LoginDeadline, startLoginDeadline } from '@homeward/login-guards';
import type { LoginFault } from './login-fault.ts';
import type { LoginPorts } from './login-ports.ts';
import { enterByToken } from './token-login.ts';
import type { Course, LoginAttempt, LoginOutcome } from './login-attempt.ts';
import { abandonSession, openSession, renewRefused } from './open-session.ts';
import { logInBySecret } from './secret-login.ts';

export interface RunningLogin {
  /** Settles by the deadline at the latest; never rejects. */
  readonly outcome: Promise<LoginOutcome>;
  /** Settles when nothing of the login is under way any more; never rejects. */
  readonly settled: Promise<void>;
}

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
  const deadline = startLoginDeadline(ports.clock, ports.settings.loginDeadlineMs, () => {
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

/** A front end leads to a home that leads back to a front end, and so on. */
const PASSED_ROUND: LoginFault = {
  ok: false,
  reason: 'site-loop',
  logDetail: 'passed on so often that it may be passed on no more',
};

function internalError(error: unknown): LoginFault {
  return { ok: false, reason: 'internal-error', error };
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
  // Before anybody is looked up: whoever says it, truly or not, learns nothing of any account.
  if (attempt.hopsLeft === 0) return PASSED_ROUND;
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
