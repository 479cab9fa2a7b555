/**
 * SCRAM on the directory's side: how an account's keys were made, and whether a proof was made
 * with them.
 *
 * Who asks for a name that nobody has, for an account without a secret, of a blocked kind or
 * judged by LDAP, is told a salt all the same (RFC 5802 §9): always the same one for the same name, at every front
 * end and after every restart, made with a secret that all of them have from the directory. No
 * proof is right for such a salt.
 * Gap: keys made with another iteration count than the present one show that there is an account;
 * and so do two names of one account, which have one salt, to who knows both.
 */
import { createHmac } from 'node:crypto';
import { isProofRight, signForClient, type ScramParameters, type ScramProof } from '@homeward/sasl';
import { isBlockedKind } from '../login-policy.ts';
import { DirectoryUnavailableError, type LoginRecord, type Protocol } from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import { usableAppPasswords } from './app-passwords.ts';
import { SCRAM_ITERATION_COUNT } from './scram-cost.ts';

/** As long as the salts that are real. */
const SALT_BYTES = 16;
/** No proof is right for it: it is the hash of no key that anybody knows. */
const NOBODYS_KEY: Uint8Array = new Uint8Array(32);

export type ScramVerdict =
  | {
      readonly outcome: 'match';
      readonly serverSignature: Uint8Array;
      /** Whose secret it was: an app password's, by its id, or undefined: the account's own. */
      readonly appPasswordId: string | undefined;
    }
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
  /**
   * Takes the same time for every proof that is wrong, but some microseconds more for each app
   * password of the account.
   *
   * @param protocol For which app passwords must be made.
   */
  verify(login: LoginRecord | undefined, proof: ScramProof, protocol: Protocol): ScramVerdict;
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
      const real = parametersOf(login);
      if (real !== undefined) return { salt: real.salt, iterationCount: real.iterationCount };
      return { salt: salt.toString('base64'), iterationCount: SCRAM_ITERATION_COUNT };
    },
    verify(login, proof, protocol) {
      // All of them: the time tells nothing of their order.
      const right = keysOf(login, protocol).filter(({ storedKey }) =>
        isProofRight(storedKey, proof),
      );
      const found = right.find(({ isReal }) => isReal);
      if (found === undefined) return { outcome: 'mismatch' };
      const { serverKey, appPasswordId } = found;
      const serverSignature = signForClient(serverKey, proof.authMessage);
      return { outcome: 'match', serverSignature, appPasswordId };
    },
  };
}

interface CandidateKeys {
  readonly isReal: boolean;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
  readonly appPasswordId: string | undefined;
}

/** How the keys were made of the password that may be used, or of the app passwords. */
function parametersOf(login: LoginRecord | undefined): ScramParameters | undefined {
  if (login === undefined || isBlockedKind(login.account.kind)) return undefined;
  return ownKeysOf(login) ?? login.appPasswords?.scram;
}

/** Undefined where the account's own password is not for us to judge, or lets nobody in. */
function ownKeysOf({
  account,
  credentials,
}: LoginRecord): NonNullable<LoginRecord['credentials']>['scramSha256'] | undefined {
  // Whatever password was set here before, LDAP is the one that judges now.
  if (account.ldap !== undefined || account.isPasswordLoginOff === true) return undefined;
  return credentials?.scramSha256;
}

/** At least one: nobody's, who is not real. */
function keysOf(login: LoginRecord | undefined, protocol: Protocol): readonly CandidateKeys[] {
  const nobody = {
    isReal: false,
    storedKey: NOBODYS_KEY,
    serverKey: NOBODYS_KEY,
    appPasswordId: undefined,
  };
  if (login === undefined || isBlockedKind(login.account.kind)) return [nobody];
  const own = ownKeysOf(login);
  return [
    own === undefined ? nobody : decodeKeys(own, undefined),
    ...usableAppPasswords(login, protocol).map((one) => decodeKeys(one, one.id)),
  ];
}

function decodeKeys(
  { storedKey, serverKey }: { readonly storedKey: string; readonly serverKey: string },
  appPasswordId: string | undefined,
): CandidateKeys {
  return {
    isReal: true,
    storedKey: Buffer.from(storedKey, 'base64'),
    serverKey: Buffer.from(serverKey, 'base64'),
    appPasswordId,
  };
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
