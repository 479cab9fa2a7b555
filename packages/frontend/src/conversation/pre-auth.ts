/**
 * The part of a conversation before login: greeting, TLS, as many logins as the dialogue
 * allows. Nothing of it outlives this function but what it returns: the dialogue, its buffers
 * and its closures are released before the two connections are joined.
 */
import type {
  DialogueEnd,
  DialogueStep,
  LoginDialogue,
  LoginMethod,
  SessionEndReason,
  SessionFarewells,
} from '@homeward/sasl';
import { treatFault } from '@homeward/service';
import type { ClientPhase, Interruption } from './client-phase.ts';
import type { ConversationId } from './conversation-id.ts';
import type { LoginFault } from '../login/login-fault.ts';
import { abandonSession } from '../login/open-session.ts';
import type { OpenSession } from '../login/login-attempt.ts';
import { startLogin } from '../login/login.ts';
import type { HomePlace } from '../login/open-at-home.ts';
import { LoginPhases, type PhaseFields } from '../login/login-phases.ts';
import { noteLogin, noteTls, type ProtocolLines } from './protocol-lines.ts';
import type { ClientConnection, ConversationPorts } from './ports.ts';
import type { MailProtocol } from '../login/ports.ts';
import { findScramParameters } from '../login/scram.ts';

/** Why a conversation ended before it had a session; closed list, goes to the log. */
export type PreAuthEnd =
  | DialogueEnd
  | 'client-closed'
  | 'client-broken'
  | 'tls-failed'
  | 'pre-auth-timeout'
  | SessionEndReason;

/** A login that succeeded: everything that is needed from here on. */
export interface Handover {
  readonly session: OpenSession;
  /** The client's OK. */
  readonly answer: string;
  /** What the client sent behind its login, for the home. */
  readonly early: Uint8Array;
  readonly farewells: SessionFarewells;
  readonly loginDurationMs: number;
}

export type PreAuthOutcome =
  | { readonly ok: true; readonly handover: Handover }
  | {
      readonly ok: false;
      readonly reason: PreAuthEnd;
      readonly farewell: string | undefined;
      readonly tally: PreAuthTally;
    };

/** What a dialogue has behind it. */
export interface PreAuthTally {
  /** Logins refused. */
  refusalCount: number;
  /** Settles when nothing of the refused logins is under way any more. */
  leftovers: Promise<unknown>;
  /** A session that is open, while its client looks at the proof that it is ours to give. */
  unproven: UnprovenSession | undefined;
}

interface UnprovenSession {
  readonly session: OpenSession;
  readonly loginDurationMs: number;
  /** For the log. */
  readonly attempt: LoggedAttempt;
  readonly timings: PhaseFields;
}

/** A client has little to do before it believes us: one computation, one round trip. */
const PROOF_LIMIT_MS = 10_000;

export interface PreAuthContext {
  readonly conversationId: ConversationId;
  readonly protocol: MailProtocol;
  readonly client: ClientConnection;
  readonly phase: ClientPhase;
  readonly dialogue: LoginDialogue;
  readonly lines: ProtocolLines;
  readonly ports: ConversationPorts;
}

type Turn =
  | { readonly kind: 'go-on'; readonly steps: readonly DialogueStep[] }
  | { readonly kind: 'read' }
  | { readonly kind: 'handover'; readonly handover: Handover }
  | {
      readonly kind: 'end';
      readonly reason: PreAuthEnd;
      readonly farewell?: string;
    };

/** Leads the dialogue until a login succeeds or the connection ends. Closes nothing. */
export async function runPreAuth(context: PreAuthContext): Promise<PreAuthOutcome> {
  const tally: PreAuthTally = {
    refusalCount: 0,
    leftovers: Promise.resolve(),
    unproven: undefined,
  };
  try {
    return await leadDialogue(context, tally);
  } finally {
    const { unproven } = tally;
    if (unproven !== undefined) {
      tally.leftovers = Promise.all([tally.leftovers, abandonSession(unproven.session)]);
    }
  }
}

async function leadDialogue(context: PreAuthContext, tally: PreAuthTally): Promise<PreAuthOutcome> {
  let turn: Turn = { kind: 'go-on', steps: context.dialogue.greet(context.conversationId) };
  for (;;) {
    switch (turn.kind) {
      case 'go-on':
        turn = await takeSteps(context, turn.steps, tally);
        break;
      case 'read':
        turn = await readClient(context);
        break;
      case 'handover':
        tally.unproven = undefined;
        return { ok: true, handover: turn.handover };
      case 'end':
        return {
          ok: false,
          reason: turn.reason,
          farewell: turn.farewell,
          tally,
        };
    }
  }
}

async function readClient({ phase, dialogue }: PreAuthContext): Promise<Turn> {
  const octets = await phase.read();
  if (typeof octets !== 'string') return { kind: 'go-on', steps: dialogue.receive(octets) };
  switch (octets) {
    case 'ended':
      return { kind: 'end', reason: 'client-closed' };
    case 'broken':
      return { kind: 'end', reason: 'client-broken' };
    case 'timed-out':
      return interrupted(dialogue, 'idle');
    default:
      return interrupted(dialogue, octets);
  }
}

function interrupted(dialogue: LoginDialogue, interruption: Interruption): Turn {
  return {
    kind: 'end',
    reason: interruption === 'idle' ? 'pre-auth-timeout' : interruption,
    farewell: dialogue.farewell(interruption),
  };
}

/** Sends what is to be sent as one packet, then does the one step that waits for others. */
async function takeSteps(
  context: PreAuthContext,
  steps: readonly DialogueStep[],
  tally: PreAuthTally,
): Promise<Turn> {
  const { client, phase, dialogue } = context;
  let written: Promise<void> | undefined;
  let pending: Exclude<DialogueStep, { kind: 'send' }> | undefined;
  client.cork();
  for (const step of steps) {
    if (step.kind === 'send') written = client.write(step.octets) ?? written;
    else pending = step;
  }
  client.uncork();
  if (pending?.kind === 'close') return { kind: 'end', reason: pending.reason };
  const interruption = await phase.flushed(written);
  if (interruption !== undefined) return interrupted(dialogue, interruption);
  switch (pending?.kind) {
    case undefined:
      return { kind: 'read' };
    case 'start-tls':
      if (!(await startTls(context))) return { kind: 'end', reason: 'tls-failed' };
      return { kind: 'go-on', steps: dialogue.tlsStarted() };
    case 'find-scram-parameters':
      return answerScram(context, pending, tally);
    case 'server-believed':
      return believed(context, tally);
    case 'authenticate':
      return authenticate(context, pending, tally);
  }
}

async function startTls({
  protocol,
  client,
  phase,
  lines,
  ports,
}: PreAuthContext): Promise<boolean> {
  const startedAtMs = ports.clock.elapsedMs();
  const isDone = await phase.startTls();
  const durationMs = ports.clock.elapsedMs() - startedAtMs;
  if (isDone) ports.metrics.phaseEnded(protocol, 'tls', durationMs);
  noteTls(lines, protocol, isDone ? client.tls : undefined, durationMs);
  return isDone;
}

async function answerScram(
  context: PreAuthContext,
  step: Extract<DialogueStep, { kind: 'find-scram-parameters' }>,
  tally: PreAuthTally,
): Promise<Turn> {
  const { dialogue, ports } = context;
  const found = await findScramParameters(step, ports);
  if (found.ok) return { kind: 'go-on', steps: dialogue.scramParametersFound(found.parameters) };
  tally.refusalCount += 1;
  const attempt = { method: 'SCRAM-SHA-256', ...step } as const;
  return { kind: 'go-on', steps: refuse(context, attempt, found, 0, undefined) };
}

/** The client has seen that we know its keys: only now is it told that it is in. */
function believed(context: PreAuthContext, { unproven }: PreAuthTally): Turn {
  if (unproven === undefined) throw new Error('a client believes what nobody has shown');
  return handOver(context, unproven);
}

async function authenticate(
  context: PreAuthContext,
  step: Extract<DialogueStep, { kind: 'authenticate' }>,
  tally: PreAuthTally,
): Promise<Turn> {
  const { conversationId, protocol, client, phase, dialogue, ports } = context;
  const startedAtMs = ports.clock.elapsedMs();
  phase.pauseLimit();
  const { method, credentials, choices, hopsLeft } = step;
  const phases = new LoginPhases(ports.clock);
  const login = startLogin(
    {
      conversationId,
      protocol,
      client: client.remote,
      connectedTo: () => client.connectedTo,
      whenGone: () => client.peerEnded,
      hopsLeft: lowerOf(hopsLeft, client.hopsLeft),
      tls: client.tls,
      method,
      credentials,
      choices,
      earlierLeftovers: tally.leftovers,
      phases,
    },
    ports,
  );
  const outcome = await login.outcome;
  phases.end();
  phases.report((name, durationMs) => ports.metrics.phaseEnded(protocol, name, durationMs));
  const loginDurationMs = ports.clock.elapsedMs() - startedAtMs;
  const attempt = attemptOf(step);
  const timings = phases.fields;
  const result = outcome.ok
    ? { ok: true as const, proxy: formatPlace(outcome.session.place) }
    : outcome;
  const line = { protocol, method, credentials, durationMs: loginDurationMs, outcome: result };
  noteLogin(context.lines, line);
  if (!outcome.ok) {
    tally.refusalCount += 1;
    const steps = refuse(context, attempt, outcome, loginDurationMs, timings);
    // The answer does not wait for it, the end of the connection does.
    tally.leftovers = Promise.all([tally.leftovers, login.settled]);
    phase.restartLimit(ports.settings.preAuthenticatedTimeoutMs);
    return { kind: 'go-on', steps };
  }
  const { session } = outcome;
  const { serverSignature } = session;
  const opened = { session, loginDurationMs, attempt, timings };
  if (serverSignature === undefined) return handOver(context, opened);
  tally.unproven = opened;
  phase.restartLimit(PROOF_LIMIT_MS);
  return { kind: 'go-on', steps: dialogue.proveServer(serverSignature) };
}

function handOver(
  context: PreAuthContext,
  { session, loginDurationMs, attempt, timings }: UnprovenSession,
): Turn {
  const { dialogue, ports, protocol } = context;
  const { octets, early } = dialogue.loginAccepted(session.home.capabilities);
  ports.metrics.loginEnded(protocol, 'ok', loginDurationMs);
  ports.log.log('login.accepted', {
    ...describeAttempt(context, attempt),
    accountId: session.mailbox.id,
    delegateId: session.delegateId,
    site: session.site,
    durationMs: loginDurationMs,
    ...timings,
  });
  return {
    kind: 'handover',
    handover: {
      session,
      answer: octets,
      early,
      farewells: dialogue.sessionFarewells(),
      loginDurationMs,
    },
  };
}

/** What the log is told of a login. */
interface LoggedAttempt {
  readonly method: LoginMethod;
  readonly loginName: string | undefined;
  readonly actAs: string | undefined;
}

function attemptOf({
  method,
  credentials,
}: Extract<DialogueStep, { kind: 'authenticate' }>): LoggedAttempt {
  const { loginName } = credentials;
  return {
    method,
    loginName,
    actAs: credentials.kind === 'bearer' ? undefined : credentials.actAs,
  };
}

/** What every line about a login says of who tried it, and how. */
function describeAttempt(
  { conversationId, protocol, client }: PreAuthContext,
  attempt: LoggedAttempt,
): LoggedAttempt & {
  readonly conversationId: string;
  readonly protocol: string;
  readonly clientAddress: string;
  readonly via: string | undefined;
  readonly tls: string | undefined;
  readonly cipher: string | undefined;
} {
  return {
    conversationId,
    protocol,
    ...attempt,
    clientAddress: client.remote.address,
    via: client.via,
    tls: client.tls?.version,
    cipher: client.tls?.cipher,
  };
}

/** Puts a fault through the funnel: words for the client, an event for the log, a label. */
function refuse(
  context: PreAuthContext,
  attempt: LoggedAttempt,
  fault: LoginFault,
  durationMs: number,
  timings: PhaseFields | undefined,
): readonly DialogueStep[] {
  const { conversationId, protocol, dialogue, ports } = context;
  const { refusal, event, metricLabel, mayExplain } = treatFault(fault.reason);
  ports.log.log(event, {
    ...describeAttempt(context, attempt),
    reason: fault.reason,
    detail: fault.logDetail,
    durationMs,
    ...timings,
    ...(fault.error !== undefined && { error: fault.error }),
  });
  ports.metrics.loginEnded(protocol, metricLabel, durationMs);
  const detail = mayExplain ? fault.clientDetail : undefined;
  return dialogue.loginRefused(refusal, detail, conversationId);
}

/** `host:port` of whoever has a session. */
function formatPlace({ host, port }: HomePlace): string {
  return `${host}:${port}`;
}

function lowerOf(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
