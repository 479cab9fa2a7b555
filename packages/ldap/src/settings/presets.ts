/**
 * What differs between kinds of LDAP directories: how a person is found, and what his entry says
 * under which names. A setting that is given replaces its part.
 */

/** Names of attributes; an empty one is not read. */
export interface AttributeNames {
  /** Stable for the entry's life, whatever it is renamed to. */
  readonly id: string;
  /** Primary address. */
  readonly address: string;
  /** Further login names; of values like `smtp:x@y` the address, of other schemes nothing. */
  readonly names: readonly string[];
  readonly displayName: string;
  /** A kind of account (`user`, `shared`, …); without a value the account is a user. */
  readonly kind: string;
  /**
   * Whether somebody may log in: `TRUE`, `FALSE` and the like; AD's `userAccountControl` is read
   * bit by bit. Without a value he may.
   */
  readonly enabled: string;
  /** Home site of a new account. */
  readonly site: string;
  /** Which protocols it speaks, one a value; without a value all. */
  readonly protocols: string;
}

export type LdapKind = 'inetOrgPerson' | 'activeDirectory';

export interface LdapPreset {
  readonly filter: string;
  readonly attributes: AttributeNames;
}

/** AD: an ordinary user account, whatever else is derived from the class. */
const AD_PERSON = '(sAMAccountType=805306368)';

export const LDAP_PRESETS: Readonly<Record<LdapKind, LdapPreset>> = {
  // RFC 2798; entryUUID is RFC 4530's.
  inetOrgPerson: {
    filter: '(&(objectClass=inetOrgPerson)(|(uid={user})(mail={login})))',
    attributes: {
      id: 'entryUUID',
      address: 'mail',
      names: ['uid', 'mail'],
      displayName: 'displayName',
      kind: '',
      enabled: '',
      site: '',
      protocols: '',
    },
  },
  activeDirectory: {
    filter: `(&${AD_PERSON}(|(sAMAccountName={user})(userPrincipalName={login})(proxyAddresses=smtp:{login})))`,
    attributes: {
      id: 'objectGUID',
      address: 'mail',
      names: ['sAMAccountName', 'userPrincipalName', 'proxyAddresses'],
      displayName: 'displayName',
      kind: '',
      enabled: 'userAccountControl',
      site: '',
      protocols: '',
    },
  },
};
