/** Ticket keys on disk: the private half in a PEM file of mode 600, the rest is computed. */
import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createTicketKeyPair, formatKeyId } from '@homeward/ticket';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { writeNewFile } from './write-new-file.ts';

export interface TicketKey {
  readonly keyId: string;
  /** SPKI, base64url of the DER, as the directory keeps it. */
  readonly publicKey: string;
  readonly isNew: boolean;
}

/** Reads the key, or makes one. @throws OperatorError if the file holds something else. */
export async function ensureTicketKey(file: string): Promise<TicketKey> {
  const made = createTicketKeyPair();
  if (await writeNewFile(file, made.privateKey, 0o600)) {
    return { keyId: made.keyId, publicKey: made.publicKey, isNew: true };
  }
  return { ...readTicketKey(file, await readFile(file, 'utf8')), isNew: false };
}

/** Public half and id of a private key, as `createTicketKeyPair` makes them. */
export function readTicketKey(file: string, pem: string): Omit<TicketKey, 'isNew'> {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('not Ed25519');
    const spki = key.export({ type: 'spki', format: 'der' });
    return {
      keyId: formatKeyId(spki),
      publicKey: spki.toString('base64url'),
    };
  } catch {
    throw new OperatorError(
      `${file} holds no Ed25519 key; restore it, or remove it to get a new one`,
      EXIT_CODES.badData,
    );
  }
}
