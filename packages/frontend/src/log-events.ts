/** The events that front ends log, beside and instead of those that all services share. */
import { LDAP_LOG_EVENTS } from '@homeward/ldap';
import { GUARD_LOG_EVENTS } from '@homeward/login-guards';
import { LOG_EVENTS, type Logger } from '@homeward/service';
import { ISSUER_LOG_EVENTS } from '@homeward/token-issuers';

const EVENTS = {
  'conversation.ended': {
    level: 'info',
    help: 'A client’s connection ended that had logged in, or tried to. `declined`: why a login was refused that nobody had to look at (`privacy-required`, `mechanism-not-offered`, `unusable-credentials`: a name or password that is empty, too long or no UTF-8, or a response that is not as the mechanism wants it); it has no event of its own.',
    scope: 'login',
    fields: {
      account: 'text',
      refusalCount: 'number',
      declined: 'text',
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
  'home-control.failed': {
    level: 'warn',
    help: 'A worker of a site could not be asked, at its control port, to end sessions: they end when what both sides said last shows that nothing is under way.',
    fields: { worker: 'text', reason: 'text', detail: 'text' },
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

/** For the reference: those of the service layer have a page of their own. */
export const OWN_EVENTS: typeof EVENTS &
  typeof GUARD_LOG_EVENTS &
  typeof LDAP_LOG_EVENTS &
  typeof ISSUER_LOG_EVENTS = {
  ...EVENTS,
  ...GUARD_LOG_EVENTS,
  ...LDAP_LOG_EVENTS,
  ...ISSUER_LOG_EVENTS,
};

/** The catalogue of a front end's log. */
export const FRONT_END_LOG_EVENTS: Omit<typeof LOG_EVENTS, keyof typeof OWN_EVENTS> &
  typeof OWN_EVENTS = { ...LOG_EVENTS, ...OWN_EVENTS };

export type FrontEndLog = Pick<Logger<typeof FRONT_END_LOG_EVENTS>, 'log'>;
