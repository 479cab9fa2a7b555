/** What comes of LDAP, for the log catalogues of the programs that ask it. */
export const LDAP_LOG_EVENTS = {
  'ldap.server-lost': {
    level: 'warn',
    help: 'An LDAP server failed twice in a row and is left alone for a few seconds; the next one is asked.',
    fields: { server: 'text', reason: 'text' },
  },
  'ldap.server-back': {
    level: 'info',
    help: 'An LDAP server answers again.',
    fields: { server: 'text' },
  },
  'ldap.misconfigured': {
    level: 'error',
    help: 'The settings of LDAP cannot work; whoever needs LDAP is told that the service is unavailable.',
    fields: { problem: 'text' },
  },
  'ldap.account-added': {
    level: 'info',
    help: 'Somebody whom LDAP knows logged in for the first time and has an account now.',
    fields: { account: 'text', site: 'text' },
  },
  'ldap.account-changed': {
    level: 'info',
    help: 'An account was changed as its entry in LDAP was.',
    fields: { account: 'text' },
  },
  'ldap.absence-doubted': {
    level: 'warn',
    help: 'Entries of people who log in are not found, but LDAP seems to be wrong; their logins are refused, their accounts are left as they are.',
    fields: { reason: 'text' },
  },
  'ldap.account-refused': {
    level: 'warn',
    help: 'Somebody whom LDAP knows can have no account; the reason says what to mend.',
    fields: { reason: 'text' },
  },
} as const;
