/**
 * SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677), the client's half: for tests, probes
 * and homes that speak it. Believes no server that does not prove that it knows the keys.
 */
import { timingSafeEqual } from 'node:crypto';
import { formatGs2Header } from '../gs2-header.ts';
import type { SaslClient } from '../sasl-client.ts';
import type { ChannelBindingType } from '../sasl-surroundings.ts';
import { proveAsClient } from './scram-keys.ts';

export interface ScramClientOptions {
  readonly authzid: string | undefined;
  readonly authcid: string;
  /** Prepared by SASLprep (RFC 4013) if it is not ASCII. */
  readonly password: Uint8Array;
  /** Printable ASCII without commas; of its own for each exchange. */
  readonly nonce: string;
  /** Makes it the PLUS mechanism. */
  readonly channelBinding?:
    | { readonly type: ChannelBindingType; readonly data: Uint8Array }
    | undefined;
  /** The server offers no PLUS, though this client could bind (flag "y"). */
  readonly wouldBind?: boolean | undefined;
}

const SERVER_FIRST = /^r=(?<nonce>[!-+\--~]+),s=(?<salt>[A-Za-z0-9+/=]+),i=(?<count>[1-9]\d{3,7})/u;
const SERVER_FINAL = /^v=(?<signature>[A-Za-z0-9+/=]+)/u;

/** Creates the client half; one step holds the thread for the server's iteration count. */
export function createScramClient(options: ScramClientOptions): SaslClient {
  const { authcid, authzid, channelBinding, nonce } = options;
  const gs2Text = flagOf(options) + formatGs2Header(authzid).slice(1);
  const bare = `n=${authcid.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
  let expectedSignature: Uint8Array | undefined;

  function prove(challenge: string): Uint8Array | 'cancel' {
    const { nonce: bothNonces, salt, count } = SERVER_FIRST.exec(challenge)?.groups ?? {};
    const isOurs = bothNonces?.startsWith(nonce) === true && bothNonces.length > nonce.length;
    if (!isOurs || salt === undefined) return 'cancel';
    const data = channelBinding?.data ?? new Uint8Array(0);
    const binding = Buffer.concat([Buffer.from(gs2Text), data]).toString('base64');
    const withoutProof = `c=${binding},r=${bothNonces}`;
    const parameters = { salt: Buffer.from(salt, 'base64'), iterationCount: Number(count) };
    const authMessage = `${bare},${challenge},${withoutProof}`;
    const { proof, serverSignature } = proveAsClient(options.password, parameters, authMessage);
    expectedSignature = serverSignature;
    return Buffer.from(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`);
  }

  return {
    mechanism: channelBinding === undefined ? 'SCRAM-SHA-256' : 'SCRAM-SHA-256-PLUS',
    start: () => Buffer.from(gs2Text + bare),
    step(challenge) {
      const text = Buffer.from(challenge).toString('utf8');
      if (expectedSignature === undefined) return prove(text);
      const signature = SERVER_FINAL.exec(text)?.groups?.['signature'];
      const octets = Buffer.from(signature ?? '', 'base64');
      const isGenuine =
        octets.length === expectedSignature.length && timingSafeEqual(octets, expectedSignature);
      return isGenuine ? new Uint8Array(0) : 'cancel';
    },
  };
}

function flagOf({ channelBinding, wouldBind }: ScramClientOptions): string {
  if (channelBinding !== undefined) return `p=${channelBinding.type}`;
  return wouldBind === true ? 'y' : 'n';
}
