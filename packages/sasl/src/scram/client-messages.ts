/** The two messages of a SCRAM client (RFC 5802 §7), read. */
import { decodeSaslName, parseGs2Header, type Gs2Header } from '../gs2-header.ts';
import { decodeUtf8, IDENTITY_LIMIT_BYTES } from '../identity-text.ts';
import type { SaslFailure } from '../sasl-server.ts';

/** The longest message: both names with everything escaped, a nonce, a proof, extensions. */
export const SCRAM_LIMIT_BYTES: number = 4096;
/** Of SHA-256, and so of a proof. */
export const PROOF_BYTES: number = 32;

/** client-first-message. */
export interface ClientFirst {
  readonly ok: true;
  /** As sent, for the comparison with `c=`. */
  readonly gs2Text: string;
  readonly gs2: Gs2Header;
  /** client-first-message-bare, as sent: it is signed. */
  readonly bare: string;
  readonly loginName: string;
  readonly nonce: string;
}

/** client-final-message. */
export interface ClientFinal {
  readonly ok: true;
  /** client-final-message-without-proof, as sent: it is signed. */
  readonly withoutProof: string;
  /** Value of `c=`, base64. */
  readonly channelBinding: string;
  readonly nonce: string;
  readonly proof: Uint8Array;
}

interface Malformed {
  readonly ok: false;
  readonly reason: SaslFailure;
}

const FIRST_BARE = /^n=(?<name>[^,\0]+),r=(?<nonce>[!-+\--~]+)(?:,[A-Za-z]=[^,\0]+)*$/u;
const FINAL =
  /^(?<withoutProof>c=(?<binding>[A-Za-z0-9+/]+={0,2}),r=(?<nonce>[!-+\--~]+)(?:,[A-Za-z]=[^,\0]+)*),p=(?<proof>[A-Za-z0-9+/]+={0,2})$/u;
/** RFC 5802 §5.1: what must be understood, and nobody understands yet, ends the exchange. */
const MANDATORY_EXTENSION = /(?:^|,)m=/u;

/** Reads the first message. Extensions that are optional are read over. */
export function parseClientFirst(message: Uint8Array): ClientFirst | Malformed {
  if (message.length > SCRAM_LIMIT_BYTES) return malformed('too-long');
  const text = decodeUtf8(message);
  if (text === undefined) return malformed('not-utf8');
  const gs2 = parseGs2Header(text);
  if (gs2 === undefined) return malformed('malformed');
  const bare = text.slice(gs2.length);
  const { name, nonce } = FIRST_BARE.exec(bare)?.groups ?? {};
  const loginName = name === undefined ? undefined : decodeSaslName(name);
  if (loginName === undefined || nonce === undefined || MANDATORY_EXTENSION.test(bare)) {
    return malformed('malformed');
  }
  const isTooLong = [loginName, gs2.authzid ?? ''].some(
    (identity) => Buffer.byteLength(identity) > IDENTITY_LIMIT_BYTES,
  );
  if (isTooLong) return malformed('too-long');
  return { ok: true, gs2Text: text.slice(0, gs2.length), gs2, bare, loginName, nonce };
}

/** Reads the second message. */
export function parseClientFinal(message: Uint8Array): ClientFinal | Malformed {
  if (message.length > SCRAM_LIMIT_BYTES) return malformed('too-long');
  const text = decodeUtf8(message);
  if (text === undefined) return malformed('not-utf8');
  const { withoutProof, binding, nonce, proof } = FINAL.exec(text)?.groups ?? {};
  if (
    withoutProof === undefined ||
    binding === undefined ||
    nonce === undefined ||
    proof === undefined ||
    MANDATORY_EXTENSION.test(text)
  ) {
    return malformed('malformed');
  }
  const octets = Buffer.from(proof, 'base64');
  if (octets.length !== PROOF_BYTES) return malformed('malformed');
  return { ok: true, withoutProof, channelBinding: binding, nonce, proof: octets };
}

function malformed(reason: SaslFailure): Malformed {
  return { ok: false, reason };
}
