/**
 * What a login at a back end comes to. Reasons are a closed list: each goes to log and metric
 * as it is, and to the client or front end only as far as `refusalOf` says.
 */
import type {
  AccountId,
  DelegateAccess,
  PolicyRefusal,
  Protocol,
  SessionSecret,
} from '@homeward/directory';
import type { LoginMethod, LoginRefusal } from '@homeward/sasl';
import type { TicketRefusal } from '@homeward/ticket';

/** A login that was let through. */
export interface Login {
  /** Whose mailbox is opened. */
  readonly accountId: AccountId;
  /** Who opens it, if it is another's. */
  readonly delegateId: AccountId | undefined;
  readonly access: DelegateAccess;
  /** What the account's record says; undefined if whoever vouched for the login did not know. */
  readonly quota: MailboxQuota | undefined;
  /** By what a person came in here; undefined: somebody else vouched for him. */
  readonly secret?: SessionSecret | undefined;
  /** Of who opens it: his own limit of sessions; undefined: the setting's, or somebody else counts. */
  readonly connectionLimit?: number | undefined;
  /** A session of an operator's command, for which the account's switches do not count. */
  readonly isOperator: boolean;
  readonly epoch: number;
  readonly protocol: Protocol;
  readonly method: LoginMethod;
  /** Joins this session's log lines with the front end's. */
  readonly conversationId: string;
  /** As typed by the person, for the log. */
  readonly loginName: string;
  /** The client itself, also behind a front end. */
  readonly clientAddress: string;
  readonly clientPort: number;
  /** The load balancer that announced the client here; undefined without one, or behind a front end. */
  readonly via?: string | undefined;
  /** The client's own TLS, as the front end says; undefined without it, or without a front end. */
  readonly clientTls?: { readonly version: string; readonly cipher: string } | undefined;
}

/** What a mailbox may hold; what is undefined is the site's default. */
export interface MailboxQuota {
  readonly bytes: number | undefined;
  readonly messages: number | undefined;
}

/** Why a person's own login was refused before anything was opened; named as at front ends. */
type DirectRefusal =
  /** The setting `enabled` of the protocol is off. */
  | 'switched-off'
  /** Not without TLS (`loginType`). */
  | 'privacy-required'
  | 'unknown-account'
  | 'no-secret'
  | 'wrong-password'
  | 'channel-binding-failed'
  | 'token-refused'
  | 'access-rule'
  | 'access-denied'
  | 'throttled'
  | 'too-many-sessions'
  | 'too-many-connections'
  | 'too-busy'
  | 'token-issuer-unavailable'
  | 'ldap-unavailable'
  | 'ldap-account-refused'
  | 'login-deadline';

/** Why a login was refused. */
export type LoginRefusalReason =
  | `ticket-${TicketRefusal}`
  | 'direct-login-off'
  | DirectRefusal
  | PolicyRefusal
  | 'act-as-not-allowed'
  | 'account-elsewhere'
  | 'not-this-worker'
  | 'directory-away'
  | 'stale-epoch'
  | 'unconfirmed-epoch'
  | 'mailbox-sealed'
  | 'mailbox-locked'
  | 'mailbox-unavailable'
  | 'too-many-mailboxes'
  | 'maildrop-in-use'
  /** LOGIN-DELAY (RFC 2449 §6.5). */
  | 'too-soon';

export type LoginDecision =
  | {
      readonly ok: true;
      readonly login: Login;
      /** To be shown to the client before its OK; undefined where its mechanism wants none. */
      readonly serverSignature?: Uint8Array | undefined;
    }
  | {
      readonly ok: false;
      readonly reason: LoginRefusalReason;
      /** For the log: which key, which table version. */
      readonly detail?: string | undefined;
      /** For the client, where it may know more: a short ASCII sentence. */
      readonly clientDetail?: string | undefined;
      readonly about?: RefusedAbout | undefined;
    };

/** A login that was refused. */
export type LoginRefused = Extract<LoginDecision, { readonly ok: false }>;

/** What a refused login was about, as far as a front end's ticket proved it: for the log. */
export interface RefusedAbout {
  readonly conversationId: string | undefined;
  /** A person's own login: the client is told the conversation's id, to ask an operator with. */
  readonly isDirect?: boolean;
  /** Undefined when the ticket itself was not accepted. */
  readonly login: Login | undefined;
}

/**
 * What the other side may know. Wrong tickets are answered like wrong passwords; what is a
 * fault of ours, or of the route, never is.
 */
export function refusalOf(reason: LoginRefusalReason): LoginRefusal {
  switch (reason) {
    case 'direct-login-off':
    case 'unknown-account':
    case 'no-secret':
    case 'wrong-password':
    case 'channel-binding-failed':
    case 'token-refused':
    case 'access-rule':
    case 'blocked-kind':
    case 'act-as-not-allowed':
      return 'bad-credentials';
    case 'account-disabled':
    case 'protocol-disabled':
      return 'not-enabled';
    case 'maildrop-in-use':
      return 'in-use';
    case 'too-soon':
    case 'throttled':
      return 'throttled';
    case 'too-many-sessions':
    case 'too-many-connections':
      return 'limit';
    case 'access-denied':
    case 'switched-off':
      return 'not-allowed-here';
    case 'privacy-required':
      return 'privacy-required';
    case 'too-busy':
    case 'token-issuer-unavailable':
    case 'ldap-unavailable':
    case 'ldap-account-refused':
    case 'login-deadline':
    case 'account-elsewhere':
    case 'not-this-worker':
    case 'directory-away':
    case 'stale-epoch':
    case 'unconfirmed-epoch':
    case 'mailbox-sealed':
    case 'mailbox-locked':
    case 'mailbox-unavailable':
    case 'too-many-mailboxes':
      return 'unavailable';
    default:
      return (reason satisfies `ticket-${TicketRefusal}`) && 'bad-credentials';
  }
}
