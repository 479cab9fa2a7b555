/** What the owner of a login dialogue decides; nothing in it changes while the dialogue lives. */
import type { LoginType, MechanismName, SaslSurroundings } from '@homeward/sasl';
import type { SitePolicy } from '../grammar/capabilities.ts';
import type { LanguageTag } from '../grammar/texts/language.ts';

/** Settings and facts of one connection. */
export interface Pop3LoginOptions {
  /** Text of the greeting (Exchange: Banner). No host name belongs into it, and no `<…>`: APOP. */
  readonly banner: string;
  /** What a login needs of the connection (Exchange: LoginType). */
  readonly loginType: LoginType;
  /** What CAPA tells of the site. */
  readonly policy: SitePolicy;
  /** What `LANG *` stands for (RFC 6856 §3.2); before LANG everybody hears English. */
  readonly preferredLanguage: LanguageTag;
  /** SASL mechanisms that may be offered, where `loginType` allows them. */
  readonly mechanisms: readonly MechanismName[];
  /**
   * One of `mechanisms` that is offered whatever `loginType` says: programs of our own come by it
   * with what shows nobody's secret. Who else uses it is for whoever judges logins to refuse.
   */
  readonly alwaysOffered?: MechanismName | undefined;
  readonly surroundings: SaslSurroundings;
  /** USER and PASS may be offered, where `loginType` allows them. */
  readonly offersUser: boolean;
  /** TLS is up already when the greeting is sent. */
  readonly isEncrypted: boolean;
  /** A certificate is there: STLS may be asked for. */
  readonly offersStls: boolean;
  /**
   * The connection may be passed on to another server: whoever passed it on to us is asked to say
   * (XCLIENT, TTL) how often, so that no login goes round for ever. Not
   * unless given.
   */
  readonly countsHops?: boolean;
  /**
   * Octets of one command with its CRLF (Exchange: MaxCommandSize, 512; RFC 2449 §4 asks for 255).
   * AUTH may be as long as its mechanism needs: many clients send a token as initial response
   * though RFC 5034 §4 tells them not to, and our own front ends do on purpose.
   */
  readonly commandBytes: number;
  /** After so many wrong commands and refused logins the connection ends; at least 1. */
  readonly badCommandLimit: number;
  /** Octets that may wait behind a login that is being verified. */
  readonly earlyBytes: number;
}
