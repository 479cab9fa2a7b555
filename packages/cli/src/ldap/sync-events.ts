/** What `homeward ldap sync --every` logs, beside what all services do (`docs/reference`). */
import { LOG_EVENTS } from '@homeward/service';

/** Its own, for the reference. */
export const OWN_SYNC_EVENTS = {
  'ldap-sync.duty-taken': {
    level: 'info',
    help: 'This process is the one of all hosts that runs: at once, and then at its interval.',
    fields: {},
  },
  'ldap-sync.stood-by': {
    level: 'info',
    help: 'Another process runs; this one takes over when that one ends, or has been silent for a minute.',
    fields: { holder: 'text' },
  },
  'ldap-sync.duty-lost': {
    level: 'warn',
    help: 'This process no longer knows that it alone runs: the directory did not answer for a minute, or names another. A run under way is broken off.',
    fields: { holder: 'text', detail: 'text' },
  },
  'ldap-sync.directory-unavailable': {
    level: 'warn',
    help: 'The directory did not say who runs; it is asked again every 15 seconds. Logged once until it answers.',
    fields: { detail: 'text' },
  },
  'ldap-sync.account-changed': {
    level: 'info',
    help: 'An account was made (added), follows its entry (changed), or was switched off since the entry is gone (gone).',
    fields: { address: 'text', change: 'text' },
  },
  'ldap-sync.account-failed': {
    level: 'warn',
    help: 'An account could not follow its entry, or none could be made of an entry; `detail` says what to mend. The next run tries again.',
    fields: { detail: 'text' },
  },
  'ldap-sync.completed': {
    level: 'info',
    help: 'A run is over. `failed` counts accounts that are left as they were.',
    fields: {
      checked: 'number',
      added: 'number',
      changed: 'number',
      gone: 'number',
      failed: 'number',
      durationMs: 'number',
    },
  },
  'ldap-sync.broken-off': {
    level: 'info',
    help: 'A run ended between two accounts, since the process stops or lost the duty. The next one does the rest.',
    fields: { durationMs: 'number' },
  },
  'ldap-sync.failed': {
    level: 'error',
    help: 'A run failed: LDAP or the directory did not answer (unavailable), too many entries are gone or --add is not allowed (refused), LDAP is not set up (configuration), or a bug. What was changed until then stays; the next run tries again.',
    fields: { reason: 'text', detail: 'text', error: 'error', durationMs: 'number' },
  },
} as const;

export type SyncLogEvents = Omit<typeof LOG_EVENTS, keyof typeof OWN_SYNC_EVENTS> &
  typeof OWN_SYNC_EVENTS;

export const SYNC_EVENTS: SyncLogEvents = { ...LOG_EVENTS, ...OWN_SYNC_EVENTS };
