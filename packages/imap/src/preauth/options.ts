/** What the owner of a login dialogue decides; nothing in it changes while the dialogue lives. */
import type { LoginType, MechanismName, SaslSurroundings } from '@homeward/sasl';

/** Settings and facts of one connection. */
export interface ImapLoginOptions {
  /** Text of the greeting (Exchange: Banner). No host name belongs into it. */
  readonly banner: string;
  /** What a login needs of the connection (Exchange: LoginType). */
  readonly loginType: LoginType;
  /** SASL mechanisms that may be offered, where `loginType` allows them. */
  readonly mechanisms: readonly MechanismName[];
  /**
   * One of `mechanisms` that is offered whatever `loginType` says: programs of our own come by it
   * with what shows nobody's secret. Who else uses it is for whoever judges logins to refuse.
   */
  readonly alwaysOffered?: MechanismName | undefined;
  readonly surroundings: SaslSurroundings;
  /** TLS is up already when the greeting is sent. */
  readonly isEncrypted: boolean;
  /** A certificate is there: STARTTLS may be asked for. */
  readonly offersStartTls: boolean;
  /**
   * What the home can do, beginning with IMAP4rev1, as it will say after login. SASL-IR,
   * STARTTLS, LOGINDISABLED and AUTH= are not in it: they follow from the connection.
   */
  readonly capabilities: readonly string[];
  /** What ID answers (RFC 2971 §3.2); undefined answers NIL. */
  readonly serverId: ReadonlyMap<string, string> | undefined;
  /** Octets of one command, its literals included (Exchange: MaxCommandSize, 10240). */
  readonly commandBytes: number;
  /** After so many wrong commands and refused logins the connection ends; at least 1. */
  readonly badCommandLimit: number;
  /**
   * Octets that may be received while a login is verified; what came in one piece with the login
   * is not counted.
   */
  readonly earlyBytes: number;
}
