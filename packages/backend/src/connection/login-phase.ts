/**
 * A connection before login: drives the protocol's dialogue until a login succeeds or the
 * connection is over. The same for every protocol.
 */
import {
  type DialogueStep,
  lineWithReference,
  type LoginDialogue,
  type SessionChoices,
} from '@homeward/sasl';
import type { OctetStream, StreamEnd } from '@homeward/wire';
import {
  type Login,
  type LoginDecision,
  type LoginRefusalReason,
  refusalOf,
  type RefusedAbout,
} from '../login/login.ts';
import type { LoginAttempt, ScramLookup } from '../login/ports.ts';
import type { RefusedAttempt } from './connection-log.ts';
import type { PreAuthTime } from './pre-auth-time.ts';

/** A login together with what it opened. */
export type Opened<Resource> =
  | {
      readonly ok: true;
      readonly login: Login;
      readonly resource: Resource;
    }
  | {
      readonly ok: false;
      readonly reason: LoginRefusalReason;
      readonly detail?: string | undefined;
      /** A short sentence for the client, where it may know more. */
      readonly clientDetail?: string | undefined;
    };

export interface LoginPhaseParts<Resource> {
  readonly stream: OctetStream;
  readonly time: PreAuthTime;
  readonly dialogue: LoginDialogue;
  /** As a `LoginJudge`; `gone`: nobody waits for the answer any more. */
  readonly judge: (attempt: LoginAttempt) => Promise<LoginDecision | 'gone'>;
  readonly findScramParameters: (names: Parameters<ScramLookup>[0]) => ReturnType<ScramLookup>;
  readonly describeAttempt: (
    step: Extract<DialogueStep, { readonly kind: 'authenticate' }>,
  ) => LoginAttempt;
  /** Opens what the session needs, so that an OK is never said too early. */
  readonly open: (login: Login) => Promise<Opened<Resource>>;
  /** For what was opened and is not handed out: its client did not believe us, or left. */
  readonly release: (resource: Resource) => Promise<void>;
  /** The home's capabilities, for the answer. */
  readonly capabilities: string | undefined;
  readonly upgrade: () => Promise<boolean>;
  readonly onRefused: (
    reason: LoginRefusalReason,
    attempt: Pick<RefusedAttempt, 'method' | 'loginName'>,
    detail: string | undefined,
    about: RefusedAbout | undefined,
  ) => void;
}

export interface LoggedIn<Resource> {
  readonly kind: 'logged-in';
  readonly login: Login;
  readonly resource: Resource;
  readonly early: Uint8Array;
  /** What the client chose before it logged in. */
  readonly choices: SessionChoices | undefined;
}

export type LoginPhaseEnd<Resource> =
  | LoggedIn<Resource>
  | { readonly kind: 'over'; readonly reason: string };

/** What follows an attempt: the end of the phase, or what the dialogue says next. */
type Answer<Resource> = LoginPhaseEnd<Resource> | { readonly steps: readonly DialogueStep[] };

/** Runs the dialogue. The caller closes the stream, and the resource of a login. */
export async function runLoginPhase<Resource>(
  parts: LoginPhaseParts<Resource>,
): Promise<LoginPhaseEnd<Resource>> {
  const held: Held<Resource> = { login: undefined };
  try {
    return await leadDialogue(parts, held);
  } finally {
    if (held.login !== undefined) await parts.release(held.login.resource);
  }
}

/** A login that was let in, until it is handed out: its client may look at our proof first (SCRAM). */
interface Held<Resource> {
  login: Pick<LoggedIn<Resource>, 'kind' | 'login' | 'resource' | 'choices'> | undefined;
}

async function leadDialogue<Resource>(
  parts: LoginPhaseParts<Resource>,
  held: Held<Resource>,
): Promise<LoginPhaseEnd<Resource>> {
  const { stream, time, dialogue } = parts;
  let steps = dialogue.greet(undefined);
  for (;;) {
    const outcome = await takeSteps(parts, steps, held);
    if (outcome !== undefined) return outcome;
    const input = await time.read();
    if (typeof input === 'string') return endByStream(stream, dialogue, input);
    steps = dialogue.receive(input);
  }
}

async function takeSteps<Resource>(
  parts: LoginPhaseParts<Resource>,
  first: readonly DialogueStep[],
  held: Held<Resource>,
): Promise<LoginPhaseEnd<Resource> | undefined> {
  let steps = first;
  for (;;) {
    let following: readonly DialogueStep[] | undefined;
    for (const step of steps) {
      if (step.kind === 'send') {
        await parts.stream.write(step.octets);
      } else if (step.kind === 'close') {
        return { kind: 'over', reason: step.reason };
      } else if (step.kind === 'start-tls') {
        if (!(await parts.upgrade())) return { kind: 'over', reason: 'tls-failed' };
        following = parts.dialogue.tlsStarted();
      } else if (step.kind === 'find-scram-parameters') {
        const outcome = await answerScram(parts, step);
        if ('kind' in outcome) return outcome;
        following = outcome.steps;
      } else if (step.kind === 'server-believed') {
        return accept(parts, held);
      } else {
        const outcome = await authenticate(parts, step, held);
        if ('kind' in outcome) return outcome;
        following = outcome.steps;
      }
    }
    if (following === undefined) return undefined;
    steps = following;
  }
}

async function answerScram<Resource>(
  parts: LoginPhaseParts<Resource>,
  step: Extract<DialogueStep, { readonly kind: 'find-scram-parameters' }>,
): Promise<Answer<Resource>> {
  const found = await parts.findScramParameters(step);
  if (!('ok' in found)) return { steps: parts.dialogue.scramParametersFound(found) };
  return refuse(parts, { method: 'SCRAM-SHA-256', loginName: step.loginName }, found, found.about);
}

async function authenticate<Resource>(
  parts: LoginPhaseParts<Resource>,
  step: Extract<DialogueStep, { readonly kind: 'authenticate' }>,
  held: Held<Resource>,
): Promise<Answer<Resource>> {
  const attempt = parts.describeAttempt(step);
  const decision = await parts.judge(attempt);
  if (decision === 'gone') return { kind: 'over', reason: decision };
  const opened: Opened<Resource> = decision.ok ? await parts.open(decision.login) : decision;
  if (!opened.ok) {
    parts.time.restart();
    const { method, credentials } = step;
    const { loginName } = credentials;
    return refuse(parts, { method, loginName }, opened, aboutOf(decision));
  }
  const { login, resource } = opened;
  const { choices } = step;
  held.login = { kind: 'logged-in', login, resource, choices };
  const signature = decision.ok ? decision.serverSignature : undefined;
  if (signature === undefined) return accept(parts, held);
  parts.time.awaitBelief();
  return { steps: parts.dialogue.proveServer(signature) };
}

async function refuse<Resource>(
  { stream, dialogue, onRefused }: LoginPhaseParts<Resource>,
  attempt: Pick<RefusedAttempt, 'method' | 'loginName'>,
  { reason, detail, clientDetail }: Extract<Opened<Resource>, { readonly ok: false }>,
  about: RefusedAbout | undefined,
): Promise<Answer<Resource>> {
  onRefused(reason, attempt, detail, about);
  const reference = about?.isDirect === true ? about.conversationId : undefined;
  if (reason === 'switched-off') {
    // In place of an answer: mail programs would ask for another password, and come again.
    await stream.write(lineWithReference(dialogue.farewell(reason), reference));
    return { kind: 'over', reason };
  }
  return { steps: dialogue.loginRefused(refusalOf(reason), clientDetail, reference) };
}

function aboutOf(decision: LoginDecision): RefusedAbout | undefined {
  if (!decision.ok) return decision.about;
  const { login } = decision;
  const isDirect = login.secret !== undefined;
  return { conversationId: login.conversationId, isDirect, login };
}

async function accept<Resource>(
  { dialogue, stream, capabilities }: LoginPhaseParts<Resource>,
  held: Held<Resource>,
): Promise<LoggedIn<Resource>> {
  const { login } = held;
  if (login === undefined) throw new Error('a client believes what nobody has shown');
  const { octets, early } = dialogue.loginAccepted(capabilities);
  await stream.write(octets);
  held.login = undefined;
  return { ...login, early };
}

function endByStream<Resource>(
  stream: OctetStream,
  dialogue: LoginDialogue,
  end: StreamEnd,
): LoginPhaseEnd<Resource> {
  if (end === 'timed-out') void stream.write(dialogue.farewell('idle'));
  return { kind: 'over', reason: end };
}
