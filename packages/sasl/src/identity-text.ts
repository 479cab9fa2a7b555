/** Names and secrets as they come out of a mechanism: UTF-8 without NUL, bounded. */
import { viewAsBuffer } from '@homeward/wire';
import type { SaslFailure } from './sasl-server.ts';

/** RFC 4616 §2 asks for 255 at least; an address has 254 (RFC 5321 §4.5.3.1.3). */
export const IDENTITY_LIMIT_BYTES: number = 512;
/** RFC 4616 §2 asks for 255 at least; argon2 gets to see no more than this. */
export const PASSWORD_LIMIT_BYTES: number = 1024;

/** Reads an identity. @returns The text, or why it is none; an empty one is 'malformed'. */
export function readIdentity(
  octets: Uint8Array,
):
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: SaslFailure } {
  if (octets.length === 0 || octets.includes(0)) return { ok: false, reason: 'malformed' };
  if (octets.length > IDENTITY_LIMIT_BYTES) return { ok: false, reason: 'too-long' };
  const text = decodeUtf8(octets);
  return text === undefined ? { ok: false, reason: 'not-utf8' } : { ok: true, text };
}

/** @returns The text, or undefined if the octets are not UTF-8. */
export function decodeUtf8(octets: Uint8Array): string | undefined {
  const text = viewAsBuffer(octets).toString('utf8');
  // The decoder puts U+FFFD where it fails; encoding again shows it.
  return Buffer.from(text, 'utf8').equals(octets) ? text : undefined;
}

/** Why a secret cannot be one, if so. It stays octets: what counts is what was typed. */
export function findPasswordProblem(octets: Uint8Array): SaslFailure | undefined {
  if (octets.length === 0 || octets.includes(0)) return 'malformed';
  return octets.length > PASSWORD_LIMIT_BYTES ? 'too-long' : undefined;
}
