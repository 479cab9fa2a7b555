/** What guards log, for the catalogues of the programs that have them. */
export const GUARD_LOG_EVENTS = {
  'throttle.held': {
    level: 'info',
    help: 'A login waits before its password is looked at, since too many wrong ones were tried; `reason` says by whom: this network (address), strangers at this account (account), or this account’s own known network (known).',
    scope: 'login',
    fields: {
      network: 'text',
      reason: 'text',
      failureCount: 'number',
      waitMs: 'number',
    },
  },
  'throttle.spraying-seen': {
    level: 'warn',
    help: 'A network has tried wrong passwords at many accounts; told at most every ten minutes.',
    fields: { network: 'text', accountCount: 'number' },
  },
  'session-end.carried-out': {
    level: 'info',
    help: 'Sessions were told to end since an operator wants so (`homeward session kick`).',
    fields: { request: 'text', requestedBy: 'text', sessionCount: 'number' },
  },
  'session-end.failed': {
    level: 'error',
    help: 'A request to end sessions met a bug.',
    fields: { error: 'error' },
  },
} as const;
