/** The events that front ends log, beside and instead of those that all services share. */
import { LOG_EVENTS, type Logger } from '@homeward/service';

/** For the reference: those of the service layer have a page of their own. */
export const OWN_EVENTS = {
  'conversation.ended': {
    level: 'info',
    help: 'A client’s connection ended that had logged in, or tried to.',
    scope: 'login',
    fields: {
      account: 'text',
      refusalCount: 'number',
      loginMs: 'number',
      clientOctets: 'number',
      homeOctets: 'number',
      endedBy: 'text',
    },
  },
  'visitor.left': {
    level: 'debug',
    help: 'A client’s connection ended without a login: a health check, a port scan.',
    scope: 'conversation',
    fields: { durationMs: 'number', endedBy: 'text' },
  },
  'home-control.failed': {
    level: 'warn',
    help: 'A worker of a site could not be asked, at its control port, to end sessions: they end when both sides are silent.',
    fields: { worker: 'text', reason: 'text', detail: 'text' },
  },
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
  'password-thread.failed': {
    level: 'error',
    help: 'A thread that verifies passwords died; another takes its place.',
    fields: { error: 'error' },
  },
} as const;

/** The catalogue of a front end's log. */
export const FRONT_END_LOG_EVENTS: Omit<typeof LOG_EVENTS, keyof typeof OWN_EVENTS> &
  typeof OWN_EVENTS = { ...LOG_EVENTS, ...OWN_EVENTS };

export type FrontEndLog = Pick<Logger<typeof FRONT_END_LOG_EVENTS>, 'log'>;
