/** What comes of issuers, for the log catalogues of the programs that believe some. */
export const ISSUER_LOG_EVENTS = {
  'issuer-keys.loaded': {
    level: 'info',
    help: 'The keys of an issuer of access tokens were read.',
    fields: { issuer: 'text' },
  },
  'issuer-keys.unavailable': {
    level: 'warn',
    help: 'The keys of an issuer of access tokens could not be read; those that are known stay.',
    fields: { issuer: 'text', detail: 'text' },
  },
} as const;
