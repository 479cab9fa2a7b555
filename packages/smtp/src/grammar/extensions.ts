/** The lines of EHLO (RFC 5321 §4.1.1.1), before login and behind it. */
import { formatReplyLines } from './reply.ts';

/** What not every home can do (RFC 6152, 6531, 3461, 3030). */
export const OPTIONAL_EXTENSIONS = ['8BITMIME', 'SMTPUTF8', 'DSN', 'CHUNKING'] as const;
export type OptionalExtension = (typeof OPTIONAL_EXTENSIONS)[number];

/** What a server offers over a connection, as far as it varies. */
export interface ServiceOffer {
  /** What the server calls itself. */
  readonly serverName: string;
  /** The largest message in octets; 0: no limit (RFC 1870 §4). */
  readonly messageBytes: number;
  readonly offersStartTls: boolean;
  /** XCLIENT is taken, with its attribute TTL. */
  readonly countsHops?: boolean;
  /** Undefined: all of them, as every back end of Homeward can. */
  readonly extensions?: readonly OptionalExtension[] | undefined;
  /** Names of mechanisms; none before TLS, and none behind the login. */
  readonly mechanisms: readonly string[];
}

/** All of them (beside those above RFC 2920 and RFC 2034). */
const EXTENSIONS: readonly string[] = [
  'PIPELINING',
  '8BITMIME',
  'SMTPUTF8',
  'DSN',
  'ENHANCEDSTATUSCODES',
  'CHUNKING',
];

/** The whole answer to EHLO or LHLO. */
export function formatExtensions(offer: ServiceOffer): string {
  const { serverName, messageBytes, offersStartTls, mechanisms } = offer;
  const { extensions = OPTIONAL_EXTENSIONS, countsHops = false } = offer;
  const withheld = new Set<string>(
    OPTIONAL_EXTENSIONS.filter((name) => !extensions.includes(name)),
  );
  const lines = [
    serverName,
    ...EXTENSIONS.filter((name) => !withheld.has(name)),
    `SIZE ${messageBytes}`,
    ...(offersStartTls ? ['STARTTLS'] : []),
    ...(countsHops ? ['XCLIENT TTL'] : []),
    ...(mechanisms.length > 0 ? [`AUTH ${mechanisms.join(' ')}`] : []),
  ];
  return formatReplyLines({ code: 250, enhanced: undefined, lines });
}
