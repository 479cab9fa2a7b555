/**
 * The step before the secret: an attempt waits where guessing has to be slowed down, and what
 * comes of it is noted. Credentials of every kind pass here; see `ThrottledAttempt.secret` for
 * those whose secret is not seen.
 */
import type { LoginRecord } from '@homeward/directory';
import type { Fault } from '@homeward/service';
import type { LoginDeadline } from './login-deadline.ts';
import { isRemembered } from './judge-by-ldap.ts';
import type { LoginFault } from './login-fault.ts';
import type { LoginAttempt } from './login.ts';
import type { ConversationPorts, GatePass } from './ports.ts';

/** What a client is told as a wrong password counts as one, whatever it was. */
const WRONG: ReadonlySet<Fault> = new Set<Fault>([
  'unknown-user',
  'no-secret',
  'wrong-password',
  'blocked-kind',
  'act-as-not-allowed',
]);

/**
 * @param deadline Stands still while the attempt waits.
 * @param login Whom the name means; undefined when nobody has it.
 */
export async function passGate(
  ports: Pick<ConversationPorts, 'gate' | 'verifier' | 'ldap'>,
  attempt: LoginAttempt,
  login: LoginRecord | undefined,
  deadline: Pick<LoginDeadline, 'pause' | 'resume'>,
): Promise<GatePass | LoginFault> {
  if (isRemembered(ports, attempt.credentials, login, attempt.protocol)) return KNOWN_RIGHT;
  return enterGate(ports, attempt, login, deadline);
}

/** The same for who has to wait in any case. */
export async function enterGate(
  { gate }: Pick<ConversationPorts, 'gate'>,
  { conversationId, protocol, client, credentials }: LoginAttempt,
  login: LoginRecord | undefined,
  deadline: Pick<LoginDeadline, 'pause' | 'resume'>,
): Promise<GatePass | LoginFault> {
  const gateAttempt = {
    conversationId,
    protocol,
    clientAddress: client.address,
    accountId: login?.account.id,
    loginName: (credentials.loginName ?? '').normalize('NFC').toLowerCase(),
    secret: credentials.kind === 'password' ? credentials.password : undefined,
  };
  return gate.enter(gateAttempt, deadline);
}

/**
 * Tells the throttle what came of an attempt. Faults of ours and rules tell it nothing.
 *
 * @param fault Why the login was not let through; undefined when its secret was right.
 */
export async function noteOutcome(pass: GatePass, fault: Fault | undefined): Promise<void> {
  // Nobody's login has to wait for that.
  if (fault === undefined) void pass.noteOutcome('right');
  else if (WRONG.has(fault)) await pass.noteOutcome('wrong');
}

/** A secret that was right minutes ago is no guess, and costs no hash. */
const KNOWN_RIGHT: GatePass = { ok: true, noteOutcome: () => Promise.resolve() };
