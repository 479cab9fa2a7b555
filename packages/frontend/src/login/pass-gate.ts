/**
 * The step before the secret: an attempt waits where guessing has to be slowed down, and what
 * comes of it is noted. Credentials of every kind pass here; see `ThrottledAttempt.secret` for
 * those whose secret is not seen.
 */
import type { LoginRecord, SessionSecret } from '@homeward/directory';
import type { GatePass, LoginDeadline } from '@homeward/login-guards';
import type { Fault } from '@homeward/service';
import { isRemembered } from './judge-by-ldap.ts';
import type { LoginFault } from './login-fault.ts';
import type { LoginAttempt } from './login-attempt.ts';
import type { LoginPorts } from './login-ports.ts';

/** What a client is told as a wrong password counts as one, whatever it was. */
const WRONG: ReadonlySet<Fault> = new Set<Fault>([
  'unknown-user',
  'no-secret',
  'wrong-password',
  'blocked-kind',
  'act-as-not-allowed',
]);

/** Leave to look at the secret. */
export interface Passage extends GatePass {
  /** The secret was looked at, and was right a moment ago for the account as it is now. */
  readonly isRight?: boolean;
  /** Tells the other front ends that the secret was right. */
  readonly share?: (() => Promise<void>) | undefined;
}

/**
 * @param deadline Stands still while the attempt waits.
 * @param login Whom the name means; undefined when nobody has it.
 */
export async function passGate(
  ports: Pick<LoginPorts, 'gate' | 'verifier' | 'ldap' | 'sharedSecrets'>,
  attempt: LoginAttempt,
  login: LoginRecord | undefined,
  deadline: Pick<LoginDeadline, 'pause' | 'resume'>,
): Promise<Passage | LoginFault> {
  const { credentials } = attempt;
  if (isNoGuess(ports, attempt, login)) return KNOWN_RIGHT;
  const pass = await enterGate(ports, attempt, login, deadline);
  if (!pass.ok || login === undefined) return pass;
  if (credentials.kind !== 'password' || login.account.ldap !== undefined) return pass;
  try {
    return await recognise(ports, login, credentials.password, pass);
  } catch (error) {
    // A bug must not cost the network a place for good.
    pass.leave();
    throw error;
  }
}

/** Whether another front end has seen that the secret is right. */
async function recognise(
  { sharedSecrets, verifier }: Pick<LoginPorts, 'verifier' | 'sharedSecrets'>,
  login: LoginRecord,
  password: Uint8Array,
  pass: GatePass,
): Promise<Passage> {
  const mark = await sharedSecrets.markOf(login, password);
  if (mark === undefined) return pass;
  if (!(await sharedSecrets.has(login, mark))) {
    return { ...pass, share: () => sharedSecrets.add(login, mark) };
  }
  verifier.remember(login, password);
  return pass;
}

/**
 * Whether the gate need not be asked. That a secret was right minutes ago is not enough: whoever
 * has to wait would else guess as fast as he likes, until one of his guesses goes through.
 */
function isNoGuess(
  ports: Pick<LoginPorts, 'gate' | 'verifier' | 'ldap'>,
  { credentials, client, protocol }: LoginAttempt,
  login: LoginRecord | undefined,
): boolean {
  if (credentials.kind !== 'password' || login === undefined) return false;
  // Nobody guesses an app password.
  if (ports.verifier.findAppPassword(login, credentials.password, protocol) !== undefined) {
    return true;
  }
  if (!ports.gate.isAtHome(login.account.id, client.address)) return false;
  return isRemembered(ports, credentials, login);
}

/** The same for who has to wait in any case. */
export async function enterGate(
  { gate }: Pick<LoginPorts, 'gate'>,
  { conversationId, protocol, client, credentials, whenGone }: LoginAttempt,
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
    whenGone,
  };
  return gate.enter(gateAttempt, deadline);
}

/**
 * Tells the throttle what came of an attempt. Faults of ours and rules tell it nothing.
 *
 * @param outcome Of the secret and the policy.
 */
export async function noteOutcome(
  pass: Passage,
  outcome: { readonly ok: true; readonly secret?: SessionSecret } | LoginFault,
): Promise<void> {
  if (!outcome.ok) {
    if (WRONG.has(outcome.reason)) await pass.noteOutcome('wrong');
    return;
  }
  // Nobody's login has to wait for that.
  void pass.noteOutcome('right');
  if (outcome.secret?.kind === 'password') void pass.share?.();
}

/** It costs no hash either. */
const KNOWN_RIGHT: Passage = {
  ok: true,
  standing: 'known',
  isRight: true,
  noteOutcome: () => Promise.resolve(),
  leave: () => undefined,
};
