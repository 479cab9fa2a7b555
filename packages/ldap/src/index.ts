/** Accounts and passwords from an LDAP directory. */
export { confirmEntry, type ConfirmedEntry } from './accounts/confirm-entry.ts';
export { finderOf, LdapAccounts, type LdapAccountsOptions } from './accounts/ldap-accounts.ts';
export type { LdapAuthentication, NewcomerOutcome } from './accounts/ldap-accounts.ts';
export type { LdapPresence } from './accounts/entry-presence.ts';
export type { FollowOutcome } from './accounts/follow-entry.ts';
export type { EntryLookup, LdapDirectory, SecretVerdict } from './accounts/ldap-directory.ts';
export type { AccountStore, LdapEvent, RememberedSecrets } from './accounts/ports.ts';
export { readEntryFields, type EntryFieldsOutcome } from './entry/entry-account.ts';
export { LDAP_LOG_EVENTS } from './log-events.ts';
export type { LdapEntry } from './entry/ldap-entry.ts';
export {
  findLdapProblem,
  ldapSchema,
  type LdapSettings,
  resolvePreset,
} from './settings/ldap-settings.ts';
export { fillDn, fillFilter, splitLogin } from './settings/login-words.ts';
