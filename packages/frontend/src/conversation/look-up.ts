/**
 * Login name to account, the first step of a login. A directory that is away is told apart
 * from an account that is not there: only the second may ever look like a bad password.
 */
import { DirectoryUnavailableError, type LoginRecord } from '@homeward/directory';
import type { LoginFault } from './login-fault.ts';
import type { AccountLookup } from './ports.ts';

/** Longer names are nobody's (RFC 5321 §4.5.3.1 allows 254 octets, a delegate form twice that). */
const MAX_LOGIN_NAME_CHARACTERS = 1024;

/**
 * @returns The account, nothing when nobody has that name, or a fault when the directory could
 *   not tell.
 */
export async function lookUpAccount(
  accounts: AccountLookup,
  loginName: string,
): Promise<{ readonly ok: true; readonly found: LoginRecord | undefined } | LoginFault> {
  if (loginName.length === 0 || loginName.length > MAX_LOGIN_NAME_CHARACTERS) {
    return { ok: true, found: undefined };
  }
  return askDirectory(async () => ({
    ok: true as const,
    found: await accounts.findAccount(loginName),
  }));
}

/** Makes a value of the directory's one expected exception; all others stay what they are: bugs. */
export async function askDirectory<Answer>(
  ask: () => Promise<Answer>,
): Promise<Answer | LoginFault> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) {
      return { ok: false, reason: 'directory-unavailable', logDetail: error.message };
    }
    throw error;
  }
}
