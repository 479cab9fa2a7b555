/**
 * Logs in over a connection that is ready for it, and says what the answer means: whether the
 * home has judged the client's own password, or speaks of something that is not the client's doing.
 */
import type { ForeignLoginRequest, ForeignStep } from '@homeward/sasl';
import type { HostVisit } from '../health/host-visit.ts';
import type { HomeSession } from '../login/login-at-home.ts';
import type { LoginFault } from '../login/login-fault.ts';
import type { ForeignConnection, ReadyForeign } from './foreign-ports.ts';

export type ForeignLoginOutcome =
  | { readonly ok: true; readonly session: HomeSession }
  | ForeignLoginFault;

export interface ForeignLoginFault extends LoginFault {
  /**
   * The home broke off or refused, and has judged nothing as far as can be seen: it was shown no
   * secret, or has said nothing since, but for a goodbye.
   */
  readonly isUnheard?: boolean;
  /** The host was condemned before it was shown a secret, so it was left. */
  readonly isCondemned?: boolean;
}

/** What is to be known of a login besides. */
export interface ForeignLoginCourse {
  /** The secret is the client's own and nobody has judged it before. */
  readonly judgesClient: boolean;
  /** The secret is on its way. */
  readonly onShown: () => void;
  /** Left as soon as its host is condemned; undefined: there is no other host. */
  readonly leavable: Pick<HostVisit, 'whenCondemned'> | undefined;
}

/**
 * @returns A session, whose connection the caller must splice or destroy. Secrets that were sent
 *   are overwritten by then.
 */
export async function loginAtForeignHome(
  ready: ReadyForeign,
  request: ForeignLoginRequest,
  course: ForeignLoginCourse,
  signal: AbortSignal,
): Promise<ForeignLoginOutcome> {
  const { connection } = ready;
  const destroy = (): void => connection.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  const said: Said = { secrets: [], hasAnswered: false, isCondemned: false };
  const stopListening = course.leavable?.whenCondemned(() => {
    if (said.secrets.length > 0) return;
    said.isCondemned = true;
    destroy();
  });
  let outcome: ForeignLoginOutcome | undefined;
  try {
    if (signal.aborted) return { ok: false, reason: 'login-deadline' };
    outcome = await exchange(ready, request, course, said);
    return outcome;
  } finally {
    signal.removeEventListener('abort', destroy);
    stopListening?.();
    if (outcome?.ok !== true) connection.destroy();
    ready.dialogue.end();
    // Not before: the socket may not have sent them yet.
    for (const octets of said.secrets) octets.fill(0);
  }
}

/** So far. */
interface Said {
  readonly secrets: Uint8Array[];
  hasAnswered: boolean;
  isCondemned: boolean;
}

const CONDEMNED: ForeignLoginFault = {
  ok: false,
  reason: 'site-down',
  logDetail: 'condemned before it was shown the secret',
  isUnheard: true,
  isCondemned: true,
};

async function exchange(
  { connection, dialogue, pendingRead }: ReadyForeign,
  request: ForeignLoginRequest,
  course: ForeignLoginCourse,
  said: Said,
): Promise<ForeignLoginOutcome> {
  let reading = pendingRead;
  let steps = dialogue.login(request);
  for (;;) {
    connection.cork();
    let outcome: ForeignLoginOutcome | undefined;
    for (const step of steps) {
      outcome ??= takeStep(connection, withoutSecret(step, request, said), course, said);
    }
    connection.uncork();
    if (outcome !== undefined) return outcome;
    const octets = await (reading ?? connection.read());
    reading = undefined;
    if (said.isCondemned) return CONDEMNED;
    if (typeof octets === 'string') {
      const isUnheard = !said.hasAnswered || said.secrets.length === 0;
      const logDetail = `${octets} during login`;
      return { ok: false, reason: 'site-broke-off', logDetail, isUnheard };
    }
    said.hasAnswered = true;
    steps = dialogue.receive(octets);
  }
}

function takeStep(
  connection: ForeignConnection,
  step: ForeignStep,
  { judgesClient, onShown }: ForeignLoginCourse,
  { secrets, hasAnswered }: Said,
): ForeignLoginOutcome | undefined {
  switch (step.kind) {
    case 'send':
      void connection.write(step.octets);
      return undefined;
    case 'send-secret':
      if (secrets.length === 0) onShown();
      secrets.push(step.octets);
      void connection.write(step.octets);
      return undefined;
    case 'logged-in': {
      const { capabilities, early } = step;
      return { ok: true, session: { connection, capabilities, early } };
    }
    case 'refused':
      // Of a connection that waited it may be the goodbye (POP3 and SMTP have no other words for it).
      return { ...refusal(step, judgesClient), isUnheard: hasAnswered && secrets.length === 0 };
    case 'broken':
      return {
        ok: false,
        reason: 'site-broke-protocol',
        logDetail: step.text,
        isUnheard: step.isGoodbye === true || secrets.length === 0,
      };
    default:
      return { ok: false, reason: 'site-broke-protocol', logDetail: `${step.kind} unasked` };
  }
}

/**
 * Servers may repeat in their words what they were told; those are in no log. All of them are left
 * out, since a gap among words that everybody knows would tell what was there.
 */
function withoutSecret(
  step: ForeignStep,
  { secret }: ForeignLoginRequest,
  said: Said,
): ForeignStep {
  if (step.kind !== 'refused' && step.kind !== 'broken') return step;
  const shown = said.secrets.map((line) => asLogged(line).trimEnd().split(' ').at(-1) ?? '');
  if (secret.kind === 'password') shown.push(asLogged(secret.password));
  const { text } = step;
  const repeats = shown.some(
    (one) => one.length >= LEAST_SECRET && text.includes(one.slice(0, SECRET_START)),
  );
  return repeats ? { ...step, text: 'words that repeat the secret' } : step;
}

/** What is shorter is found in any words. */
const LEAST_SECRET = 4;
/** Words are cut somewhere: the whole of a secret need not be there. */
const SECRET_START = 8;

/** As dialogues write a server's words. */
function asLogged(octets: Uint8Array): string {
  return Buffer.from(octets)
    .toString('latin1')
    .replaceAll(/[^ -~\r\n]/g, '?');
}

/** Cyrus (`maxlogins_per_user`, `maxlogins_per_host`) has no code for it. */
const LIMIT_WORDS = /^too many open connections\b/i;

/** A wrong password is the client's only where the home was the one to judge it. */
function refusal(
  { about, code, text }: Extract<ForeignStep, { kind: 'refused' }>,
  judgesClient: boolean,
): LoginFault {
  const logDetail = code === undefined ? text : `[${code}] ${text}`;
  if (about === 'credentials') {
    return { ok: false, reason: judgesClient ? 'wrong-password' : 'site-refused', logDetail };
  }
  switch (code ?? (LIMIT_WORDS.test(text) ? 'LIMIT' : undefined)) {
    case 'IN-USE':
    case 'INUSE':
      return { ok: false, reason: 'mailbox-in-use', logDetail };
    case 'LIMIT':
      return {
        ok: false,
        reason: 'home-limit',
        logDetail,
        clientDetail: 'set by the site of the mailbox',
      };
    case 'LOGIN-DELAY':
      return {
        ok: false,
        reason: 'login-delay',
        logDetail,
        clientDetail: 'the mailbox was logged in to a moment ago',
      };
    default:
      return { ok: false, reason: 'site-refused', logDetail };
  }
}
