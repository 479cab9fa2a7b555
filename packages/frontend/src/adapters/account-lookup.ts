/**
 * Accounts and sites as a login asks for them, over the directory's view; whom that does not know
 * LDAP may.
 */
import type { DirectoryView, LoginLookup } from '@homeward/directory';
import type { LdapAccounts } from '@homeward/ldap';
import type { AccountLookup } from '../login/ports.ts';

export function createAccountLookup(
  directory: Pick<DirectoryView, 'lookUpLogin' | 'getSite' | 'rereadLogin' | 'rereadSite'>,
  ldap: Pick<LdapAccounts, 'lookUp'>,
): AccountLookup {
  const orFromLdap = async (name: string, known: Promise<LoginLookup>): Promise<LoginLookup> => {
    const found = await known;
    return found.kind === 'unknown' ? ldap.lookUp(name) : found;
  };
  return {
    findAccount: (name) => orFromLdap(name, directory.lookUpLogin(name)),
    getSite: (name) => directory.getSite(name),
    rereadAccount: (name, doubted) => orFromLdap(name, directory.rereadLogin(name, doubted)),
    rereadSite: (name, doubted) => directory.rereadSite(name, doubted),
  };
}
