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
  'component.state-changed': {
    level: 'info',
    help: 'A front end, site or worker went into maintenance or came back (`homeward component set`).',
    fields: { component: 'text', state: 'text', detail: 'text' },
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
  'ldap.account-refused': {
    level: 'warn',
    help: 'Somebody whom LDAP knows can have no account; the reason says what to mend.',
    fields: { reason: 'text' },
  },
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
  'lmtp.message': {
    level: 'info',
    help: 'An MTA’s message has come to its end, and each recipient’s home has answered; `refusedCount` of them did not take it.',
    scope: 'conversation',
    fields: {
      reference: 'text',
      sizeBytes: 'number',
      recipientCount: 'number',
      refusedCount: 'number',
    },
  },
  'lmtp.site-away': {
    level: 'warn',
    help: 'A site did not answer by LMTP, or took a message too slowly: the MTA tries again for its recipients.',
    fields: { site: 'text', detail: 'text' },
  },
  'lmtp.refused': {
    level: 'warn',
    help: 'Somebody came to a door of LMTP who may not; `untrusted`: not from lmtp.trustedNetworks.',
    fields: { clientAddress: 'text', reason: 'text', detail: 'text' },
  },
  'lmtp.ended': {
    level: 'debug',
    help: 'An MTA’s connection ended.',
    scope: 'conversation',
    fields: { reason: 'text', durationMs: 'number' },
  },
  'lmtp.failed': {
    level: 'error',
    help: 'A bug while mail was taken from an MTA, which was told to try again.',
    fields: { conversationId: 'text', error: 'error' },
  },
  'home-health.failed': {
    level: 'error',
    help: 'A bug: a probe of a home failed otherwise than by its outcome.',
    fields: { error: 'error' },
  },
  'revocation.failed': {
    level: 'error',
    help: 'A bug: it could not be judged whether sessions may stay; they stay.',
    fields: { error: 'error' },
  },
  'app-password-note.failed': {
    level: 'error',
    help: 'It could not be noted that an app password was used; nobody waits for that.',
    fields: { error: 'error' },
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
