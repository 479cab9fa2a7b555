/** SCRAM's computations with SHA-256 (RFC 5802 §3, RFC 7677 §3). */
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { PROOF_BYTES } from './client-messages.ts';

/** What a server keeps of a password: enough to verify, too little to log in with. */
export interface ScramServerKeys {
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** What the client signs, and how it proves that it knows the key. */
export interface ScramProof {
  /** AuthMessage: the three messages before the proof. */
  readonly authMessage: string;
  /** ClientProof, 32 octets. */
  readonly clientProof: Uint8Array;
}

/** Computes both keys; holds the calling thread for `iterationCount` rounds of PBKDF2. */
export function deriveScramKeys(
  password: Uint8Array,
  salt: Uint8Array,
  iterationCount: number,
): ScramServerKeys {
  const salted = saltPassword(password, salt, iterationCount);
  return { storedKey: hash(clientKeyOf(salted)), serverKey: serverKeyOf(salted) };
}

/**
 * Whether the proof was made with the key that `storedKey` is the hash of; takes the same time
 * whatever it says.
 */
export function isProofRight(
  storedKey: Uint8Array,
  { authMessage, clientProof }: ScramProof,
): boolean {
  if (storedKey.length !== PROOF_BYTES || clientProof.length !== PROOF_BYTES) return false;
  const clientKey = xor(clientProof, hmac(storedKey, authMessage));
  return timingSafeEqual(hash(clientKey), storedKey);
}

/** ServerSignature: shows the client that this server knows its keys. */
export function signForClient(serverKey: Uint8Array, authMessage: string): Uint8Array {
  return hmac(serverKey, authMessage);
}

/** The client's side: its proof, and the signature that it expects of the server. */
export function proveAsClient(
  password: Uint8Array,
  { salt, iterationCount }: { readonly salt: Uint8Array; readonly iterationCount: number },
  authMessage: string,
): { readonly proof: Uint8Array; readonly serverSignature: Uint8Array } {
  const salted = saltPassword(password, salt, iterationCount);
  const clientKey = clientKeyOf(salted);
  return {
    proof: xor(clientKey, hmac(hash(clientKey), authMessage)),
    serverSignature: hmac(serverKeyOf(salted), authMessage),
  };
}

function saltPassword(password: Uint8Array, salt: Uint8Array, iterationCount: number): Buffer {
  return pbkdf2Sync(password, salt, iterationCount, PROOF_BYTES, 'sha256');
}

function clientKeyOf(salted: Uint8Array): Buffer {
  return hmac(salted, 'Client Key');
}

function serverKeyOf(salted: Uint8Array): Buffer {
  return hmac(salted, 'Server Key');
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}

function hash(octets: Uint8Array): Buffer {
  return createHash('sha256').update(octets).digest();
}

function xor(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((octet, at) => octet ^ (right[at] ?? 0));
}
