/** The lines of EHLO (RFC 5321 §4.1.1.1), before login and behind it. */
import { formatReplyLines } from './reply.ts';

/** What a server offers over a connection, as far as it varies. */
export interface ServiceOffer {
  /** What the server calls itself. */
  readonly serverName: string;
  /** The largest message in octets; 0: no limit (RFC 1870 §4). */
  readonly messageBytes: number;
  readonly offersStartTls: boolean;
  /** Names of mechanisms; none before TLS, and none behind the login. */
  readonly mechanisms: readonly string[];
}

/** What every back end of Homeward does (RFC 2920, 6152, 6531, 3461, 2034, 3030). */
const STEADY: readonly string[] = [
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
  const lines = [
    serverName,
    ...STEADY,
    `SIZE ${messageBytes}`,
    ...(offersStartTls ? ['STARTTLS'] : []),
    ...(mechanisms.length > 0 ? [`AUTH ${mechanisms.join(' ')}`] : []),
  ];
  return formatReplyLines({ code: 250, enhanced: undefined, lines });
}
