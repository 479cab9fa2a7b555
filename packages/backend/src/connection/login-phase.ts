/**
 * A connection before login: drives the protocol's dialogue until a login succeeds or the
 * connection is over. The same for every protocol.
 */
import type { DialogueStep, LoginDialogue, SessionChoices } from '@homeward/sasl';
import type { OctetStream, StreamEnd } from '@homeward/wire';
import { type Login, type LoginRefusalReason, refusalOf } from '../login/login.ts';
import type { LoginAttempt, LoginJudge } from '../login/ports.ts';

/** A login together with what it opened. */
export type Opened<Resource> =
  | { readonly ok: true; readonly login: Login; readonly resource: Resource }
  | {
      readonly ok: false;
      readonly reason: LoginRefusalReason;
      readonly detail?: string | undefined;
      /** A short sentence for the client, where it may know more. */
      readonly clientDetail?: string | undefined;
    };

export interface LoginPhaseParts<Resource> {
  readonly stream: OctetStream;
  readonly dialogue: LoginDialogue;
  readonly judge: LoginJudge;
  readonly describeAttempt: (
    step: Extract<DialogueStep, { readonly kind: 'authenticate' }>,
  ) => LoginAttempt;
  /** Opens what the session needs, so that an OK is never said too early. */
  readonly open: (login: Login) => Promise<Opened<Resource>>;
  /** The home's capabilities, for the answer. */
  readonly capabilities: string | undefined;
  readonly upgrade: () => Promise<boolean>;
  readonly onRefused: (
    reason: LoginRefusalReason,
    attempt: LoginAttempt,
    detail: string | undefined,
  ) => void;
}

export type LoginPhaseEnd<Resource> =
  | {
      readonly kind: 'logged-in';
      readonly login: Login;
      readonly resource: Resource;
      readonly early: Uint8Array;
      /** What the client chose before it logged in. */
      readonly choices: SessionChoices | undefined;
    }
  | { readonly kind: 'over'; readonly reason: string };

/** Runs the dialogue. The caller closes the stream, and the resource of a login. */
export async function runLoginPhase<Resource>(
  parts: LoginPhaseParts<Resource>,
): Promise<LoginPhaseEnd<Resource>> {
  const { stream, dialogue } = parts;
  let steps = dialogue.greet();
  for (;;) {
    const outcome = await takeSteps(parts, steps);
    if (outcome !== undefined) return outcome;
    const input = await stream.read();
    if (typeof input === 'string') return endByStream(stream, dialogue, input);
    steps = dialogue.receive(input);
  }
}

async function takeSteps<Resource>(
  parts: LoginPhaseParts<Resource>,
  first: readonly DialogueStep[],
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
      } else {
        const outcome = await authenticate(parts, step);
        if ('kind' in outcome) return outcome;
        following = outcome.steps;
      }
    }
    if (following === undefined) return undefined;
    steps = following;
  }
}

async function authenticate<Resource>(
  parts: LoginPhaseParts<Resource>,
  step: Extract<DialogueStep, { readonly kind: 'authenticate' }>,
): Promise<LoginPhaseEnd<Resource> | { readonly steps: readonly DialogueStep[] }> {
  const attempt = parts.describeAttempt(step);
  const decision = await parts.judge(attempt);
  const opened: Opened<Resource> = decision.ok ? await parts.open(decision.login) : decision;
  if (!opened.ok) {
    parts.onRefused(opened.reason, attempt, opened.detail);
    const refusal = refusalOf(opened.reason);
    return { steps: parts.dialogue.loginRefused(refusal, opened.clientDetail, undefined) };
  }
  const { octets, early } = parts.dialogue.loginAccepted(parts.capabilities);
  await parts.stream.write(octets);
  const { login, resource } = opened;
  return { kind: 'logged-in', login, resource, early, choices: step.choices };
}

function endByStream<Resource>(
  stream: OctetStream,
  dialogue: LoginDialogue,
  end: StreamEnd,
): LoginPhaseEnd<Resource> {
  if (end === 'timed-out') void stream.write(dialogue.farewell('idle'));
  return { kind: 'over', reason: end };
}
