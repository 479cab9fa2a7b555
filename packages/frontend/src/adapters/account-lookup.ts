/** Accounts and sites as a login asks for them, over the directory's view. */
import { normaliseLoginName, type DirectoryView } from '@homeward/directory';
import type { AccountLookup } from '../conversation/ports.ts';

/**
 * Gap: a delegate form (`delegate/mailbox`) is nobody's name here, so it is refused as one that
 * is unknown.
 */
export function createAccountLookup(
  directory: Pick<DirectoryView, 'lookUpLogin' | 'getSite'>,
): AccountLookup {
  return {
    async findAccount(loginName) {
      const name = normaliseLoginName(loginName);
      return name === undefined ? { kind: 'unknown' } : directory.lookUpLogin(name);
    },
    isNameOf(account, loginName) {
      const name = normaliseLoginName(loginName);
      return name !== undefined && account.names.includes(name);
    },
    getSite: (name) => directory.getSite(name),
  };
}
