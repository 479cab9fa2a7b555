/** A login as a value: who asks for what, how far it came, and what came of it. */
import type { SessionSecret } from '@homeward/directory';
import type { HeldClaim } from '@homeward/login-guards';
import type { Credentials, LoginMethod, SessionChoices } from '@homeward/sasl';
import type { ConversationId } from '../conversation/conversation-id.ts';
import type { HomeSession } from './login-at-home.ts';
import type { LoginFault } from './login-fault.ts';
import type { LoginPhases } from './login-phases.ts';
import type { Admission } from './policy.ts';
import type { HomePlace } from './open-at-home.ts';
import type { InnerTarget, MailProtocol, TlsFacts } from './ports.ts';
import type { Route } from './route.ts';

/** Who asks, and for what. */
export interface LoginAttempt {
  readonly conversationId: ConversationId;
  readonly protocol: MailProtocol;
  readonly client: { readonly address: string; readonly port: number };
  /** Where the client connected to; asked of the system, so only where it is wanted. */
  readonly connectedTo: () => { readonly address: string; readonly port: number };
  /** Resolves when the client has gone; asked where it has to wait. */
  readonly whenGone: () => Promise<unknown>;
  /** How often the connection may still be passed on; undefined: nobody has passed it on. */
  readonly hopsLeft?: number | undefined;
  readonly tls: TlsFacts | undefined;
  readonly method: LoginMethod;
  readonly credentials: Credentials;
  /** What the client chose before, for its home to hear. */
  readonly choices?: SessionChoices | undefined;
  /**
   * Settles when this conversation's earlier logins have left nothing: the registry knows
   * sessions by their conversation, so an old claim must be given back before a new one.
   */
  readonly earlierLeftovers: Promise<unknown>;
  /** Measures this login. */
  readonly phases: LoginPhases;
}

/** A session that is open and counted; `home` is to be spliced, `claim` released at the end. */
export interface OpenSession {
  /** Whose mailbox it is. */
  readonly mailbox: { readonly id: string; readonly address: string };
  /** Who logged in, if it is another's mailbox. */
  readonly delegateId: string | undefined;
  readonly site: string;
  /** The worker that has it; undefined at a site of other software. */
  readonly target: InnerTarget | undefined;
  /** In the site's record; undefined at a site that runs other software. */
  readonly workerIndex: number | undefined;
  readonly place: HomePlace;
  readonly home: HomeSession;
  readonly claim: HeldClaim;
  /** To be shown to the client before its OK; undefined where its mechanism wants none. */
  readonly serverSignature: Uint8Array | undefined;
  readonly access: Admission['access'];
  readonly secret: SessionSecret;
}

export type LoginOutcome = { readonly ok: true; readonly session: OpenSession } | LoginFault;

/** One login under way. */
export interface Course {
  readonly signal: AbortSignal;
  /** How far it came, for the log of one that ran out of time. */
  stage: 'look-up' | 'secret' | 'route' | 'home';
  /** What a failed login still has to give back; the client's answer does not wait for it. */
  leftover: Promise<void> | undefined;
  /** Where it was led to. */
  route: Route | undefined;
}
