/**
 * Refuses a login whose account may not log in like this, as if its secret had been wrong: with
 * the same wait before it, at the cost of one hash, and counted. That a secret was right a moment
 * ago shortens nothing, since that would tell it.
 */
import { type LoginRecord, rankOf } from '@homeward/directory';
import { judgeSecret } from './judge-by-ldap.ts';
import type { LoginDeadline } from '@homeward/login-guards';
import type { LoginFault } from './login-fault.ts';
import type { LoginAttempt } from './login-attempt.ts';
import { enterGate } from './pass-gate.ts';
import type { LoginPorts } from './login-ports.ts';

/** @param login Whom the name means. @returns `refusal`, or a fault that came before it. */
export async function refuseAtCost(
  attempt: LoginAttempt,
  login: LoginRecord | undefined,
  refusal: LoginFault,
  ports: Pick<LoginPorts, 'gate' | 'verifier' | 'ldap'>,
  deadline: Pick<LoginDeadline, 'pause' | 'resume'>,
): Promise<LoginFault> {
  const { credentials } = attempt;
  const pass = await enterGate(ports, attempt, login, deadline);
  if (!pass.ok) return pass;
  try {
    if (credentials.kind === 'bearer') return refusal;
    const turn = { rank: rankOf('suspect') };
    const verified = await judgeSecret(ports, undefined, credentials, attempt.protocol, turn);
    if (!verified.ok && verified.reason === 'verifier-busy') return verified;
    await pass.noteOutcome('wrong');
    return refusal;
  } finally {
    pass.leave();
  }
}
