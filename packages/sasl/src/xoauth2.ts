/**
 * XOAUTH2, the server's half: what Google and Microsoft had before OAUTHBEARER, and what most
 * mail programs still send. No RFC; Google's "OAuth 2.0 Mechanism" describes it:
 * `user=NAME ^A auth=Bearer TOKEN ^A ^A`.
 */
import { decodeUtf8, IDENTITY_LIMIT_BYTES } from './identity-text.ts';
import type { SaslServer, SaslStep } from './sasl-server.ts';
import type { TokenHint } from './sasl-surroundings.ts';

/** The longest message taken; access tokens of large issuers have some 4 KB. */
export const XOAUTH2_LIMIT_BYTES: number = 12_288;

const MESSAGE =
  /^user=(?<user>[^\x01\0]+)\x01auth=Bearer +(?<token>[A-Za-z0-9\-._~+/]+=*)\x01\x01$/iu;

/** Creates the server half. */
export function createXoauth2Server(hint: TokenHint): SaslServer {
  return {
    start: (initialResponse) =>
      initialResponse === undefined
        ? { kind: 'challenge', octets: new Uint8Array(0) }
        : readMessage(initialResponse),
    step: readMessage,
    refused: () => Buffer.from(describeRefusal(hint)),
  };
}

/** Google's error document; the client answers it with an empty response. */
function describeRefusal({ scope }: TokenHint): string {
  return JSON.stringify({
    status: '401',
    schemes: 'bearer',
    ...(scope !== undefined && { scope }),
  });
}

function readMessage(message: Uint8Array): SaslStep {
  if (message.length > XOAUTH2_LIMIT_BYTES) return { kind: 'failed', reason: 'too-long' };
  const text = decodeUtf8(message);
  if (text === undefined) return { kind: 'failed', reason: 'not-utf8' };
  const { user, token } = MESSAGE.exec(text)?.groups ?? {};
  if (user === undefined || token === undefined) return { kind: 'failed', reason: 'malformed' };
  if (Buffer.byteLength(user) > IDENTITY_LIMIT_BYTES) return { kind: 'failed', reason: 'too-long' };
  return { kind: 'credentials', credentials: { kind: 'bearer', loginName: user, token } };
}
