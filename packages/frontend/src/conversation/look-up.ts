/**
 * Login name to account, the first step of a login. A directory that is away is told apart
 * from an account that is not there: only the second may ever look like a bad password.
 */
import type { LoginRecord } from '@homeward/directory';
import type { LoginFault } from './login-fault.ts';
import type { AccountLookup } from './ports.ts';

/**
 * @param loginName As typed.
 * @returns The account, nothing when nobody has that name, or a fault when the directory could
 *   not tell.
 */
export async function lookUpAccount(
  accounts: AccountLookup,
  loginName: string,
): Promise<{ readonly ok: true; readonly login: LoginRecord | undefined } | LoginFault> {
  const found = await accounts.findAccount(loginName);
  switch (found.kind) {
    case 'found':
      return { ok: true, login: found.record };
    case 'unknown':
      return { ok: true, login: undefined };
    case 'unavailable':
      return { ok: false, reason: 'directory-unavailable', logDetail: 'account' };
  }
}
