/** What logins at a back end need of the rest of the program. */
import type {
  AccountId,
  AccountRecord,
  LoginRecord,
  Protocol,
  SiteRecord,
} from '@homeward/directory';
import type { Credentials, LoginMethod, ScramParameters } from '@homeward/sasl';
import type { TicketConnection, TicketVerdict } from '@homeward/ticket';
import type { LoginDecision, LoginRefused } from './login.ts';

/** One attempt, with what is known of the connection that makes it. */
export interface LoginAttempt {
  readonly protocol: Protocol;
  readonly method: LoginMethod;
  readonly credentials: Credentials;
  readonly connection: {
    readonly remoteAddress: string;
    readonly remotePort: number;
    /** The load balancer that announced the client, if one did. */
    readonly via?: string | undefined;
    /** base64url of the TLS exporter for tickets; undefined without TLS. */
    readonly exporter: string | undefined;
    readonly isEncrypted: boolean;
    /** Resolves when the client has gone; asked where it has to wait. */
    readonly whenGone: () => Promise<unknown>;
  };
}

/** Decides on attempts; never rejects for anything a client or the directory can do. */
export type LoginJudge = (attempt: LoginAttempt) => Promise<LoginDecision>;

/** How the keys of who wants to log in by SCRAM were made; made up for who has none. */
export type ScramLookup = (
  names: { readonly loginName: string; readonly actAs: string | undefined },
  protocol: Protocol,
) => Promise<ScramParameters | LoginRefused>;

/** The directory as a worker sees it. */
export interface WorkerDirectory {
  /** Straight from the store, never from a cache. */
  readAccount(id: AccountId): Promise<AccountRecord | 'unknown' | 'unavailable'>;
  /** The same, with the secrets. */
  readLogin(id: AccountId): Promise<LoginRecord | 'unknown' | 'unavailable'>;
  /** This site's record, as last known. */
  findOwnSite(): SiteRecord | undefined;
  /** The same, read anew unless that was done a moment ago; never rejects. */
  rereadOwnSite(): Promise<SiteRecord | undefined>;
}

/** Tickets, as a worker sees them. Unknown keys are looked up again before they are refused. */
export type TicketJudge = (ticket: string, connection: TicketConnection) => Promise<TicketVerdict>;
