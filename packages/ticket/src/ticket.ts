/**
 * The ticket: the short-lived signed token by which a front end opens an account's session at
 * its home. A JWT (RFC 7519) signed with Ed25519 (RFC 8037), carried by SASL OAUTHBEARER.
 */

/** What a ticket says. Times are seconds since 1970 (RFC 7519 §2 NumericDate). */
export interface TicketClaims {
  /** Id of the account whose mailbox is opened. */
  readonly sub: string;
  /** Site name; a ticket for one site opens nothing at another. */
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  readonly epoch: number;
  readonly proto: 'imap' | 'pop3' | 'submission';
  /** Conversation id. */
  readonly sid: string;
  /** The client, as the front end sees it. */
  readonly client: {
    readonly address: string;
    readonly port: number;
    /** "TLSv1.3" and cipher name; undefined without TLS. */
    readonly tls: { readonly version: string; readonly cipher: string } | undefined;
  };
  /** The name that logged in, for the home's log. */
  readonly login: string;
  /** The delegate's account id when another's mailbox is opened. */
  readonly act: string | undefined;
  /** "read": the session may change nothing. Undefined: it may do everything. */
  readonly access: 'read' | undefined;
  /**
   * What the account's record says the mailbox may hold, so that a site need not ask; what is
   * undefined in it is the site's to say. Undefined as a whole: the writer does not know.
   */
  readonly quota:
    | { readonly bytes: number | undefined; readonly messages: number | undefined }
    | undefined;
  /**
   * True for a session of an operator's command: what is switched off for the account is no
   * reason to end it.
   */
  readonly operator: true | undefined;
  /**
   * base64url of the inner connection's TLS exporter (RFC 5705) with label
   * `EXPORTER-homeward-ticket` and 32 octets; binds the ticket to that connection.
   */
  readonly cnf: string | undefined;
  /** Unique id, where the inner leg is plain and there is no exporter. */
  readonly jti: string | undefined;
}

/** Why a ticket was refused; closed list, goes to the log, never to the client. */
export type TicketRefusal =
  | 'malformed'
  | 'unknown-key'
  | 'revoked-key'
  | 'bad-signature'
  | 'expired'
  | 'not-yet-valid'
  | 'wrong-site'
  | 'wrong-protocol'
  | 'wrong-connection'
  | 'replayed';

export const TICKET_LIFETIME_SECONDS: number = 30;
export const TICKET_CLOCK_SKEW_SECONDS: number = 60;
/** Label of the TLS exporter that binds a ticket to one inner connection (RFC 5705 §4). */
export const TICKET_EXPORTER_LABEL: string = 'EXPORTER-homeward-ticket';
export const TICKET_EXPORTER_BYTES: number = 32;
