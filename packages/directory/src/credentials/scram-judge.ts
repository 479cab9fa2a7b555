/**
 * SCRAM on the directory's side: how an account's keys were made, and whether a proof was made
 * with them.
 *
 * Who asks for a name that nobody has, for an account without a password, of a blocked kind or
 * judged by LDAP, is told a salt all the same (RFC 5802 §9): always the same one for the same name, at every front
 * end and after every restart, made with a secret that all of them have from the directory. No
 * proof is right for such a salt.
 * Gap: keys made with another iteration count than the present one show that there is an account.
 */
import { createHmac } from 'node:crypto';
import { isProofRight, signForClient, type ScramParameters, type ScramProof } from '@homeward/sasl';
import { isBlockedKind } from '../login-policy.ts';
import { DirectoryUnavailableError, type DirectoryDriver, type LoginRecord } from '../ports.ts';
import { SCRAM_ITERATION_COUNT } from './scram-cost.ts';

/** As long as the salts that are real. */
const SALT_BYTES = 16;
/** No proof is right for it: it is the hash of no key that anybody knows. */
const NOBODYS_KEY: Uint8Array = new Uint8Array(32);

export type ScramVerdict =
  | { readonly outcome: 'match'; readonly serverSignature: Uint8Array }
  | { readonly outcome: 'mismatch' };

/** Knows no clock and keeps nothing but the secret; there is nothing to close. */
export interface ScramJudge {
  /**
   * @param login The account as the directory has it now; undefined for an unknown name.
   * @param name What the client calls it, in normal form if it has one.
   * @returns `unavailable` while the directory is away and the secret was never read.
   */
  findParameters(
    login: LoginRecord | undefined,
    name: string,
  ): Promise<ScramParameters | 'unavailable'>;
  /** Takes the same time for every proof that is wrong. */
  verify(login: LoginRecord | undefined, proof: ScramProof): ScramVerdict;
}

/** @param driver Asked for the shared secret once. */
export function createScramJudge(driver: Pick<DirectoryDriver, 'getSharedSecret'>): ScramJudge {
  let secret: Uint8Array | undefined;
  return {
    async findParameters(login, name) {
      // Read for real accounts, too: else the first answers would differ in time.
      secret ??= await readSecret(driver);
      if (secret === undefined) return 'unavailable';
      const salt = createHmac('sha256', secret).update(name).digest().subarray(0, SALT_BYTES);
      const real = keysOf(login);
      if (real !== undefined) return { salt: real.salt, iterationCount: real.iterationCount };
      return { salt: salt.toString('base64'), iterationCount: SCRAM_ITERATION_COUNT };
    },
    verify(login, proof) {
      const keys = keysOf(login);
      const storedKey = keys === undefined ? NOBODYS_KEY : Buffer.from(keys.storedKey, 'base64');
      if (!isProofRight(storedKey, proof) || keys === undefined) return { outcome: 'mismatch' };
      const serverKey = Buffer.from(keys.serverKey, 'base64');
      return {
        outcome: 'match',
        serverSignature: signForClient(serverKey, proof.authMessage),
      };
    },
  };
}

function keysOf(
  login: LoginRecord | undefined,
): NonNullable<LoginRecord['credentials']>['scramSha256'] | undefined {
  if (login === undefined || isBlockedKind(login.account.kind)) return undefined;
  // Whatever password was set here before, LDAP is the one that judges now.
  if (login.account.ldap !== undefined) return undefined;
  return login.credentials?.scramSha256;
}

async function readSecret(
  driver: Pick<DirectoryDriver, 'getSharedSecret'>,
): Promise<Uint8Array | undefined> {
  try {
    return await driver.getSharedSecret('scram-salts');
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return undefined;
    throw error;
  }
}
