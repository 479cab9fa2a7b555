/** What accounts from LDAP need of others; the programs' wiring supplies it. */
import type { DirectoryDriver, LoginRecord } from '@homeward/directory';

/** What is read and written in the directory. */
export type AccountStore = Pick<
  DirectoryDriver,
  'findAccountId' | 'findHolder' | 'getAccount' | 'loadLogin' | 'addAccount' | 'replaceAccount'
>;

/** Secrets that were right a short while ago (`VerifiedSecrets` of the directory). */
export interface RememberedSecrets {
  markOf(login: LoginRecord, secret: Uint8Array): string;
  has(mark: string): boolean;
  add(mark: string): void;
  clear(): void;
}

/** What happened, for the log. */
export type LdapEvent =
  | { readonly name: 'ldap.server-lost'; readonly server: string; readonly reason: string }
  | { readonly name: 'ldap.server-back'; readonly server: string }
  | { readonly name: 'ldap.misconfigured'; readonly problem: string }
  | { readonly name: 'ldap.account-added'; readonly account: string; readonly site: string }
  | { readonly name: 'ldap.account-changed'; readonly account: string }
  | { readonly name: 'ldap.absence-doubted'; readonly reason: string }
  | { readonly name: 'ldap.account-refused'; readonly reason: string };
