/**
 * OAUTHBEARER (RFC 7628), both halves: a GS2 header, then key=value pairs between %x01. Only Bearer
 * tokens (RFC 6750); what a token says is for others to read. It carries our tickets as well.
 *
 * `host` and `port` are read over: behind a load balancer a server cannot know which name and
 * port the client used, and a Bearer token is not computed from them (RFC 7628 §3.2).
 */
import { decodeUtf8, IDENTITY_LIMIT_BYTES } from './identity-text.ts';
import { formatGs2Header, parseGs2Header } from './gs2-header.ts';
import type { SaslClient } from './sasl-client.ts';
import type { SaslFailure, SaslServer, SaslStep } from './sasl-server.ts';
import type { TokenHint } from './sasl-surroundings.ts';

/** The longest message taken; access tokens of large issuers have some 4 KB. */
export const OAUTHBEARER_LIMIT_BYTES: number = 12_288;

const SEPARATOR = '\x01';
/** RFC 7628 §3.1: what a client answers to the error challenge. */
const DUMMY_RESPONSE: Buffer = Buffer.from(SEPARATOR);
const KEY_VALUE = /^(?<key>[A-Za-z]+)=(?<value>[\t\n\r -~]*)$/u;
/** RFC 6750 §2.1 b64token; the scheme's name has no case (RFC 9110 §11.1). */
const BEARER = /^bearer +(?<token>[A-Za-z0-9\-._~+/]+=*)$/iu;

/** Creates the server half. @param hint Told to who is refused. */
export function createOauthBearerServer(hint: TokenHint): SaslServer {
  return {
    start: (initialResponse) =>
      initialResponse === undefined
        ? { kind: 'challenge', octets: new Uint8Array(0) }
        : readMessage(initialResponse),
    step: readMessage,
    refused: () => Buffer.from(describeRefusal(hint)),
  };
}

/** Creates the client half. `token` must be a b64token (a JWT is). */
export function createOauthBearerClient(identity: {
  readonly authzid: string | undefined;
  readonly token: string;
}): SaslClient {
  return {
    mechanism: 'OAUTHBEARER',
    start: () =>
      Buffer.from(
        `${formatGs2Header(identity.authzid)}${SEPARATOR}auth=Bearer ${identity.token}${SEPARATOR}${SEPARATOR}`,
        'utf8',
      ),
    // RFC 7628 §3.2.3: the only challenge there is carries the error.
    step: () => DUMMY_RESPONSE,
  };
}

/** RFC 7628 §3.2.2; the status is the same for every fault of a token (RFC 6750 §3.1). */
function describeRefusal({ scope, openidConfiguration }: TokenHint): string {
  return JSON.stringify({
    status: 'invalid_token',
    ...(scope !== undefined && { scope }),
    ...(openidConfiguration !== undefined && { 'openid-configuration': openidConfiguration }),
  });
}

function readMessage(message: Uint8Array): SaslStep {
  if (message.length > OAUTHBEARER_LIMIT_BYTES) return failed('too-long');
  const text = decodeUtf8(message);
  if (text === undefined) return failed('not-utf8');
  const header = parseGs2Header(text);
  if (header === undefined) return failed('malformed');
  if (header.channelBinding.flag === 'p') return failed('channel-binding-unsupported');
  if (Buffer.byteLength(header.authzid ?? '') > IDENTITY_LIMIT_BYTES) return failed('too-long');
  const auth = findAuthValue(text.slice(header.length));
  if (auth === undefined) return failed('malformed');
  const token = BEARER.exec(auth)?.groups?.['token'];
  if (token === undefined) return failed('token-type-unsupported');
  return { kind: 'credentials', credentials: { kind: 'bearer', loginName: header.authzid, token } };
}

/** @returns The value of the one `auth` key, or undefined if the pairs are malformed. */
function findAuthValue(pairs: string): string | undefined {
  if (!pairs.startsWith(SEPARATOR) || !pairs.endsWith(SEPARATOR + SEPARATOR)) return undefined;
  let auth: string | undefined;
  for (const pair of pairs.slice(1, -2).split(SEPARATOR)) {
    const { key, value } = KEY_VALUE.exec(pair)?.groups ?? {};
    if (key === undefined) return undefined;
    if (key === 'auth') {
      // Two of them would let two readers see two different tokens.
      if (auth !== undefined) return undefined;
      auth = value;
    }
  }
  return auth;
}

function failed(reason: SaslFailure): SaslStep {
  return { kind: 'failed', reason };
}
