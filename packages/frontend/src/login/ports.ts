/**
 * What the steps of a login need of the world, each by itself; all together are `LoginPorts`.
 * `wiring.ts` supplies these over `net`, `directory`, `ldap` and `ticket`; tests supply scripted
 * ones.
 *
 * Everything that can fail in an expected way answers with a value; whatever rejects is a bug.
 */
import type {
  AccountRecord,
  HashTurn,
  LoginLookup,
  LoginRecord,
  Protocol,
  ScramVerdict,
  SiteLookup,
  SiteName,
  SiteRecord,
} from '@homeward/directory';
import type { LdapAuthentication, LdapPresence } from '@homeward/ldap';
import type { ScramParameters, ScramProof, UpstreamDialogue } from '@homeward/sasl';
import type { TicketClaims } from '@homeward/ticket';
import type { TokenVerdict } from '@homeward/token-issuers';
import type { OctetStream } from '@homeward/wire';

/** The protocols whose conversations this front end carries. */
export type MailProtocol = Protocol;

/** All of them, in the order in which they are told. */
export const MAIL_PROTOCOLS: readonly MailProtocol[] = ['imap', 'pop3', 'submission'];

export interface TlsFacts {
  readonly version: string;
  readonly cipher: string;
}

/** A connection to one worker of a home site, encrypted and verified. */
export interface InnerConnection extends OctetStream {
  /** base64url of the TLS exporter that binds a ticket; undefined where the leg is plain. */
  readonly exporter: string | undefined;
  destroy(): void;
}

/** Where an account's session is to be opened. */
export interface InnerTarget {
  readonly protocol: MailProtocol;
  readonly site: SiteName;
  /** The name that the certificate must carry. */
  readonly serverName: string;
  readonly host: string;
  readonly port: number;
  /** Where it takes front ends without TLS; undefined: nowhere. */
  readonly plainPort?: number | undefined;
}

export type DialOutcome =
  | { readonly ok: true; readonly connection: InnerConnection }
  | {
      readonly ok: false;
      readonly reason: 'unreachable' | 'tls-failed';
      /** For the log only. */
      readonly detail: string;
    };

/** Dials a home's worker; aborting closes any half-open socket before the promise settles. */
export interface InnerDialler {
  dial(target: InnerTarget, signal: AbortSignal): Promise<DialOutcome>;
}

/** An inner connection whose greeting was read: a login may be sent at once. */
export interface GreetedConnection {
  readonly connection: InnerConnection;
  readonly dialogue: UpstreamDialogue;
  /**
   * A read that is already under way (a waiting connection keeps one, to see its own death);
   * who logs in must await this one before reading again.
   */
  readonly pendingRead: ReturnType<OctetStream['read']> | undefined;
  /** Taken from the pool, so it may have died unseen. */
  readonly isWarm: boolean;
}

export type GreetOutcome =
  | { readonly ok: true; readonly greeted: GreetedConnection }
  | {
      readonly ok: false;
      readonly reason: 'unreachable' | 'tls-failed' | 'broke-off' | 'broke-protocol';
      readonly detail: string;
    };

/** Warm or newly dialled connections, greeting read. */
export interface InnerConnections {
  /**
   * @param mayBeWarm False dials anew in any case.
   * @returns A connection, which the caller must destroy or splice.
   */
  take(target: InnerTarget, mayBeWarm: boolean, signal: AbortSignal): Promise<GreetOutcome>;
}

/** Finds accounts and sites, from copies while the directory is away. Never rejects. */
export interface AccountLookup {
  /** @param name In normal form (`readLoginIdentities`). */
  findAccount(name: string): Promise<LoginLookup>;
  getSite(name: SiteName): Promise<SiteLookup>;
  /** The same, read from the directory just now; `unavailable` while that is away. */
  rereadAccount(name: string, doubted: AccountRecord): Promise<LoginLookup>;
  rereadSite(name: SiteName, doubted: SiteRecord | undefined): Promise<SiteLookup>;
}

/** Checks passwords in a bounded queue. */
export interface SecretVerifier {
  /** Whether this password of this account, as it is now, was right a moment ago: costs nothing. */
  isRemembered(login: LoginRecord, password: Uint8Array): boolean;
  /** It was right at another front end. */
  remember(login: LoginRecord, password: Uint8Array): void;
  /**
   * Takes the time of one full verification for an unknown user, an account without a password,
   * a wrong password, and any password of a blocked kind.
   *
   * @returns `busy` when the queue is full: nothing is known about the password.
   */
  verifyPassword(
    login: LoginRecord | undefined,
    password: Uint8Array,
    turn: HashTurn,
  ): Promise<'match' | 'mismatch' | 'busy'>;
  /** How an account's SCRAM keys were made; for who has none, something that looks like it. */
  findScramParameters(
    login: LoginRecord | undefined,
    name: string,
  ): Promise<ScramParameters | 'unavailable'>;
  /** Takes the same time for every proof that is wrong; cheap. */
  verifyScram(
    login: LoginRecord | undefined,
    proof: ScramProof,
    protocol: MailProtocol,
  ): ScramVerdict;
  /** The app password that this is, if any, for this protocol; cheap, and never for long. */
  findAppPassword(
    login: LoginRecord | undefined,
    password: Uint8Array,
    protocol: MailProtocol,
  ): { readonly id: string } | undefined;
  /** For the person who wonders which may go. Returns at once. */
  noteAppPasswordUse(accountId: AccountRecord['id'], appPasswordId: string): void;
}

/** Judges secrets of accounts whose record says that LDAP does. Never rejects. */
export interface LdapJudge {
  /** Takes a few seconds at most, whatever the servers do. */
  authenticate(login: LoginRecord, secret: Uint8Array): Promise<LdapAuthentication>;
  /** Whether who came in by another secret is still there; from a copy while that is new. */
  confirm(account: AccountRecord): Promise<LdapPresence>;
  /** Whether this very secret was right minutes ago. */
  isRemembered(login: LoginRecord, secret: Uint8Array): boolean;
}

/** Judges the tokens of foreign issuers. Never rejects for anything they can do. */
export interface TokenJudge {
  judge(token: string): Promise<TokenVerdict>;
}

/** Signs with this front end's key; adds `iat`, `exp` and, without an exporter, `jti`. */
export interface TicketSigner {
  sign(claims: Omit<TicketClaims, 'iat' | 'exp' | 'jti'>): string;
}

/** Time, injected. */
export interface Clock {
  /** Milliseconds since 1970; may jump. */
  nowMs(): number;
  /** Milliseconds since some moment; never goes back. */
  elapsedMs(): number;
  /**
   * @param options `keepsProcess`: the process does not end while this waits.
   * @returns A function that cancels; calling it late does nothing.
   */
  after(
    delayMs: number,
    run: () => void,
    options?: { readonly keepsProcess?: boolean },
  ): () => void;
}
