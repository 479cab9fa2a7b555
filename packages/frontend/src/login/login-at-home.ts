/**
 * Opens an account's session at its home: signs a ticket for this one inner connection and
 * sends it. The client's own secret is not known here.
 */
import type { SessionChoices, UpstreamStep } from '@homeward/sasl';
import type { TicketClaims } from '@homeward/ticket';
import type { HostPhase } from '../health/host-health.ts';
import type { LoginFault } from './login-fault.ts';
import type { LoginPhases } from './login-phases.ts';
import type {
  GreetOutcome,
  GreetedConnection,
  InnerConnection,
  InnerConnections,
  InnerTarget,
  TicketSigner,
} from './ports.ts';

/** A session open at its home; whoever holds it must splice or destroy the connection. */
export interface HomeSession {
  readonly connection: InnerConnection;
  /** The home's real capability list, as an atom list (IMAP). */
  readonly capabilities: string | undefined;
  /** What the home sent behind its answer. */
  readonly early: Uint8Array;
}

/** The part of a ticket that does not depend on the inner connection. */
export type SessionClaims = Omit<TicketClaims, 'iat' | 'exp' | 'jti' | 'cnf'>;

type LoginAnswer =
  | { readonly ok: true; readonly session: HomeSession }
  | (LoginFault & { readonly isUnanswered: boolean });

/** Also says how far the login came at the host; undefined: what failed then was not the host's. */
export type HomeFault = LoginFault & { readonly phase: HostPhase | undefined };

/** Whether the account may have one more session; never rejects. */
export type Permission = Promise<{ readonly ok: true } | LoginFault>;

/** What is asked of the home, beside the connection. */
export interface SessionRequest {
  readonly claims: SessionClaims;
  /** What the client chose before its login, for the home to hear. */
  readonly choices: SessionChoices | undefined;
  readonly phases: LoginPhases;
}

/**
 * Takes a connection, waits for the permission that was asked for meanwhile, and logs in.
 *
 * A warm connection that turns out to be dead, without one octet of an answer, is replaced
 * once by a new one: a ticket serves one connection only, so the first login cannot have
 * opened anything that the second would open again.
 */
export async function openHomeSession(
  ports: { readonly connections: InnerConnections; readonly signer: TicketSigner },
  target: InnerTarget,
  request: SessionRequest,
  permission: Permission,
  signal: AbortSignal,
): Promise<{ readonly ok: true; readonly session: HomeSession } | HomeFault> {
  const { connections, signer } = ports;
  const { phases } = request;
  const first = await connections.take(target, true, signal);
  phases.begin('claim');
  const permitted = await permission;
  if (!permitted.ok) {
    if (first.ok) first.greeted.connection.destroy();
    return { ...permitted, phase: first.ok ? undefined : 'greeting' };
  }
  if (!first.ok) return connectFault(first, target);
  phases.begin('inner-login');
  const answer = await loginAtHome(first.greeted, signer, request, signal);
  const isRetryable = !answer.ok && answer.isUnanswered && first.greeted.isWarm;
  if (!isRetryable || signal.aborted) return atLogin(answer);

  phases.begin('connect');
  const second = await connections.take(target, false, signal);
  if (!second.ok) return connectFault(second, target);
  phases.begin('inner-login');
  return atLogin(await loginAtHome(second.greeted, signer, request, signal));
}

function atLogin(answer: LoginAnswer): Exclude<LoginAnswer, { ok: false }> | HomeFault {
  return answer.ok ? answer : { ...answer, phase: 'login' };
}

function connectFault(
  failure: Extract<GreetOutcome, { ok: false }>,
  target: InnerTarget,
): HomeFault {
  return {
    ok: false,
    phase: 'greeting',
    reason: `site-${failure.reason}`,
    logDetail: `${target.host}:${target.port}: ${failure.detail}`,
  };
}

async function loginAtHome(
  greeted: GreetedConnection,
  signer: TicketSigner,
  { claims, choices }: SessionRequest,
  signal: AbortSignal,
): Promise<LoginAnswer> {
  const { connection } = greeted;
  const destroy = () => connection.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  let answer: LoginAnswer | undefined;
  try {
    if (signal.aborted) return { ok: false, reason: 'login-deadline', isUnanswered: true };
    const ticket = signer.sign({ ...claims, cnf: connection.exporter });
    answer = await exchangeLogin(greeted, ticket, choices);
    return answer;
  } finally {
    signal.removeEventListener('abort', destroy);
    if (answer?.ok !== true) connection.destroy();
  }
}

async function exchangeLogin(
  greeted: GreetedConnection,
  ticket: string,
  choices: SessionChoices | undefined,
): Promise<LoginAnswer> {
  const { connection, dialogue } = greeted;
  let reading = greeted.pendingRead;
  let isUnanswered = true;
  let steps = dialogue.login(ticket, choices);
  for (;;) {
    for (const step of steps) {
      const answer = takeLoginStep(connection, step);
      if (answer !== undefined) return answer;
    }
    const octets = await (reading ?? connection.read());
    reading = undefined;
    if (typeof octets === 'string') {
      return {
        ok: false,
        reason: 'site-broke-off',
        logDetail: `${octets} during login`,
        isUnanswered,
      };
    }
    isUnanswered = false;
    steps = dialogue.receive(octets);
  }
}

function takeLoginStep(connection: InnerConnection, step: UpstreamStep): LoginAnswer | undefined {
  switch (step.kind) {
    case 'send':
      // A ticket is below two kilobytes: it fits into an empty socket's buffer.
      void connection.write(step.octets);
      return undefined;
    case 'ready':
      return undefined;
    case 'logged-in':
      return {
        ok: true,
        session: { connection, capabilities: step.capabilities, early: step.early },
      };
    case 'refused':
      return homeRefusal(step.code, step.text);
    case 'broken':
      return {
        ok: false,
        reason: 'site-broke-protocol',
        logDetail: step.text,
        isUnanswered: false,
      };
  }
}

/**
 * What a home's refusal means. Whatever it says about credentials speaks of our ticket, never
 * of the client's password, so it is a fault of ours (RFC 5530 §3 and RFC 2449 §8.1.1 codes).
 */
function homeRefusal(code: string | undefined, text: string): LoginAnswer {
  const logDetail = code === undefined ? text : `[${code}] ${text}`;
  switch (code) {
    case 'IN-USE':
    case 'INUSE':
      return { ok: false, reason: 'mailbox-in-use', logDetail, isUnanswered: false };
    case 'LOGIN-DELAY':
      return {
        ok: false,
        reason: 'login-delay',
        logDetail,
        clientDetail: 'the mailbox was logged in to a moment ago',
        isUnanswered: false,
      };
    case 'LIMIT':
      return {
        ok: false,
        reason: 'home-limit',
        logDetail,
        clientDetail: 'set by the site of the mailbox',
        isUnanswered: false,
      };
    default:
      return { ok: false, reason: 'site-refused', logDetail, isUnanswered: false };
  }
}
