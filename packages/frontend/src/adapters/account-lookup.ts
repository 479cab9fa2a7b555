/** Accounts and sites as a login asks for them, over the directory's view. */
import type { DirectoryView } from '@homeward/directory';
import type { AccountLookup } from '../conversation/ports.ts';

export function createAccountLookup(
  directory: Pick<DirectoryView, 'lookUpLogin' | 'getSite' | 'rereadLogin' | 'rereadSite'>,
): AccountLookup {
  return {
    findAccount: (name) => directory.lookUpLogin(name),
    getSite: (name) => directory.getSite(name),
    rereadAccount: (name, doubted) => directory.rereadLogin(name, doubted),
    rereadSite: (name, doubted) => directory.rereadSite(name, doubted),
  };
}
