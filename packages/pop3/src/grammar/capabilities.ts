/** The list that CAPA gives (RFC 2449 §5), in both states. */

/** What may be done in both states alike. IMPLEMENTATION (§6.9) tells no version on purpose. */
const ALWAYS: readonly string[] = [
  'TOP',
  'UIDL',
  'RESP-CODES',
  'AUTH-RESP-CODE',
  'PIPELINING',
  // Names and passwords may be in UTF-8 whatever the mode (RFC 6856 §2.2).
  'UTF8 USER',
  'LANG',
];

/** What depends on the connection and the server's settings. */
export interface LoginCapabilities {
  readonly stls: boolean;
  /** USER and PASS are welcome. */
  readonly user: boolean;
  /** XCLIENT is taken. Not unless given. */
  readonly xclient?: boolean;
  /** Mechanisms of AUTH; none leaves the SASL line out (RFC 5034 §3). */
  readonly mechanisms: readonly string[];
}

/** What a site does with logins and mail, the same for all of its accounts. */
export interface SitePolicy {
  /** RFC 2449 §6.5; 0 leaves the line out. */
  readonly loginDelaySeconds: number;
  /** RFC 2449 §6.7. */
  readonly expireDays: number | 'never';
}

/** @returns One line each, without CRLF. */
export function listCapabilities(
  { stls, user, xclient = false, mechanisms }: LoginCapabilities,
  { loginDelaySeconds, expireDays }: SitePolicy,
): readonly string[] {
  return [
    ...ALWAYS,
    ...(user ? ['USER'] : []),
    ...(mechanisms.length > 0 ? [`SASL ${mechanisms.join(' ')}`] : []),
    ...(stls ? ['STLS'] : []),
    ...(xclient ? ['XCLIENT'] : []),
    `EXPIRE ${expireDays === 'never' ? 'NEVER' : expireDays}`,
    ...(loginDelaySeconds > 0 ? [`LOGIN-DELAY ${loginDelaySeconds}`] : []),
    'IMPLEMENTATION Homeward',
  ];
}
