/** Accounts and sites as a login asks for them, over the directory. */
import {
  normaliseLoginName,
  type DirectoryDriver,
  type SiteName,
  type SiteRecord,
} from '@homeward/directory';
import type { AccountLookup } from '../conversation/ports.ts';

/**
 * Gap: a delegate form (`delegate/mailbox`) is nobody's name here, so it is refused as one that
 * is unknown.
 */
export function createAccountLookup(
  directory: Pick<DirectoryDriver, 'findAccountId' | 'loadLogin' | 'getSite'>,
): AccountLookup {
  return {
    async findAccount(loginName) {
      const name = normaliseLoginName(loginName);
      const id = name === undefined ? undefined : await directory.findAccountId(name);
      return id === undefined ? undefined : directory.loadLogin(id);
    },
    isNameOf(record, loginName) {
      const name = normaliseLoginName(loginName);
      return name !== undefined && record.names.includes(name);
    },
    getSite(name: SiteName): Promise<SiteRecord | undefined> {
      return directory.getSite(name);
    },
  };
}
