/** What the owner of a login dialogue decides; nothing in it changes while the dialogue lives. */
import type { OptionalExtension } from '../grammar/extensions.ts';
import type { LoginType, MechanismName, SaslSurroundings } from '@homeward/sasl';

/** Settings and facts of one connection. */
export interface SmtpLoginOptions {
  /** What the server calls itself in greeting and EHLO (RFC 5321 §4.2; Exchange: Fqdn). */
  readonly serverName: string;
  /** Text behind the name (Exchange: Banner). */
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
  /** The largest message that homes take, in octets (Exchange: MaxMessageSize); 0: no limit. */
  readonly messageBytes: number;
  /** What homes can do; undefined: all that those of Homeward can. */
  readonly extensions?: readonly OptionalExtension[] | undefined;
  /** TLS is up already when the greeting is sent. */
  readonly isEncrypted: boolean;
  /** A certificate is there: STARTTLS may be asked for. */
  readonly offersStartTls: boolean;
  /**
   * The connection may be passed on to another server: whoever passed it on to us is asked to say
   * (XCLIENT, TTL) how often, so that no login goes round for ever. Not
   * unless given.
   */
  readonly countsHops?: boolean;
  /**
   * Octets of one command with its CRLF; RFC 5321 §4.5.3.1.4 asks for 512, and parameters want
   * more. AUTH may be as long as its mechanism needs (RFC 4954 §4).
   */
  readonly commandBytes: number;
  /** After so many wrong commands and refused logins the connection ends; at least 1. */
  readonly badCommandLimit: number;
  /** Octets that may wait behind a login that is being verified. */
  readonly earlyBytes: number;
}
