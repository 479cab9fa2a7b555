/**
 * Ed25519 keys of front ends: making a pair, and reading public halves. Reading one costs 20 µs,
 * a fourth of a verification, so key objects are kept.
 */
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { decodeBase64Url } from '@homeward/wire';

/** A DER-encoded Ed25519 SPKI has 44 octets (RFC 8410 §4). */
const SPKI_BYTES = 44;
const CACHED_KEY_LIMIT = 256;

/** A new pair in the forms in which they are kept. */
export interface TicketKeyPair {
  /** First 16 characters of the base64url SHA-256 of the public half. */
  readonly keyId: string;
  /** PKCS#8, PEM. Secret: whoever holds it can open mailboxes. */
  readonly privateKey: string;
  /** SPKI, base64url of the DER, as the directory keeps it. */
  readonly publicKey: string;
}

/**
 * Makes a pair for one front end. Its id does not begin with "-", which one in 64 would: on a
 * command line that is an option.
 */
export function createTicketKeyPair(): TicketKeyPair {
  for (;;) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    const keyId = formatKeyId(spki);
    if (keyId.startsWith('-')) continue;
    return {
      keyId,
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      publicKey: spki.toString('base64url'),
    };
  }
}

/**
 * The name under which the directory has a key, unless it was given another one.
 *
 * @param spki The public half, DER.
 */
export function formatKeyId(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('base64url').slice(0, 16);
}

/**
 * Reads a public half.
 *
 * @param publicKey SPKI, base64url of the DER.
 * @returns undefined if it is not an Ed25519 key.
 */
export function parsePublicKey(publicKey: string): KeyObject | undefined {
  const der = decodeBase64Url(publicKey, SPKI_BYTES);
  if (!der.ok) return undefined;
  try {
    const key = createPublicKey({ key: der.octets, type: 'spki', format: 'der' });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    // node:crypto has no other way to say that these octets are no key.
    return undefined;
  }
}

/** Remembers key objects by their text; the oldest go first. */
export class PublicKeyCache {
  readonly #keys = new Map<string, KeyObject>();

  /** @returns undefined if the text is no Ed25519 key; that is not remembered. */
  find(publicKey: string): KeyObject | undefined {
    const known = this.#keys.get(publicKey);
    if (known !== undefined) return known;
    const key = parsePublicKey(publicKey);
    if (key === undefined) return undefined;
    if (this.#keys.size >= CACHED_KEY_LIMIT) {
      for (const oldest of this.#keys.keys()) {
        this.#keys.delete(oldest);
        break;
      }
    }
    this.#keys.set(publicKey, key);
    return key;
  }
}
