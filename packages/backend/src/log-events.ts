/** The back end's own log events, beside those of the service layer. */
import { LDAP_LOG_EVENTS } from '@homeward/ldap';
import { GUARD_LOG_EVENTS } from '@homeward/login-guards';
import { LOG_EVENTS, type ServiceLogEvents } from '@homeward/service';
import { ISSUER_LOG_EVENTS } from '@homeward/token-issuers';

const EVENTS = {
  'session.started': {
    level: 'info',
    help: 'A session was opened at its home.',
    scope: 'login',
    // "read": a delegate's session that may change nothing.
    fields: { access: 'text' },
  },
  'session.client-identified': {
    level: 'debug',
    help: 'A client said what program it is (IMAP ID).',
    fields: { name: 'text', version: 'text' },
  },
  'directory.read-failed': {
    level: 'warn',
    help: 'Keys and site record could not be read; what was known stays in use.',
    fields: { error: 'error' },
  },
  'account-watch.failed': {
    level: 'error',
    help: 'A bug: judging open sessions after a change of their account failed.',
    fields: { error: 'error' },
  },
  'peer.failed': {
    level: 'error',
    help: 'A bug: a mailbox that is shared with an account of another worker could not be used.',
    fields: { error: 'error' },
  },
  'share-index.failed': {
    level: 'warn',
    help: 'Who shares mail with whom could not be read or put right on the volume.',
    fields: { error: 'error' },
  },
  'message.taken': {
    level: 'info',
    help: 'A message came in by submission or LMTP and is durable: in so many mailboxes here, in the queue for so many recipients. Its reference is in its Received line and in the reply; by submission it begins with the conversation’s id.',
    fields: {
      protocol: 'text',
      conversationId: 'text',
      accountId: 'text',
      reference: 'text',
      sizeBytes: 'number',
      recipientCount: 'number',
      deliveredCount: 'number',
      queuedCount: 'number',
    },
  },
  'message.copy-failed': {
    level: 'warn',
    help: 'A message was sent, but its copy did not get into the sender’s folder for sent mail: the mailbox is full, or fails.',
    fields: { conversationId: 'text', accountId: 'text', error: 'error' },
  },
  'delivery.failed': {
    level: 'error',
    help: 'Mail could not be written to the volume, or a bug kept it out of a mailbox; its sender tries again.',
    fields: { error: 'error' },
  },
  'delivery.done': {
    level: 'info',
    help: 'An attempt brought a queued message to all its recipients at one destination: into their mailboxes, or to a smart host.',
    fields: {
      reference: 'text',
      destination: 'text',
      remote: 'text',
      doneCount: 'number',
      deferredCount: 'number',
      failedCount: 'number',
      detail: 'text',
    },
  },
  'delivery.unfinished': {
    level: 'warn',
    help: 'An attempt did not bring a queued message to all its recipients at one destination; the rest is tried again, or given up.',
    fields: {
      reference: 'text',
      destination: 'text',
      remote: 'text',
      doneCount: 'number',
      deferredCount: 'number',
      failedCount: 'number',
      detail: 'text',
    },
  },
  'delivery.given-up': {
    level: 'warn',
    help: 'A recipient will not get a message; its sender is told, if there is one.',
    fields: {
      reference: 'text',
      recipient: 'text',
      code: 'number',
      enhanced: 'text',
      detail: 'text',
      remote: 'text',
    },
  },
  'delivery.maybe-duplicated': {
    level: 'warn',
    help: 'Recipients may have got a message twice: the process died in an attempt, or a connection between message and answer.',
    fields: { reference: 'text', cause: 'text', recipientCount: 'number' },
  },
  'notice.enqueued': {
    level: 'info',
    help: 'The sender of a message is told what became of it (DSN, RFC 3464).',
    fields: {
      reference: 'text',
      noticeReference: 'text',
      kind: 'text',
      recipientCount: 'number',
    },
  },
  'queue.opened': {
    level: 'info',
    help: 'A worker’s queue is in use, with so many messages that wait.',
    fields: { queue: 'number', messageCount: 'number' },
  },
  'queue.adopted': {
    level: 'info',
    help: 'The queue of a worker that is no more was emptied and is gone.',
    fields: { queue: 'number' },
  },
  'queue.failed': {
    level: 'error',
    help: 'A worker’s queue cannot be used or written: locked by another process, a fault of the volume, a full one. Mail is refused for now, none is lost; it is tried again.',
    fields: { queue: 'number', fault: 'text', code: 'text' },
  },
  'queue.message-unreadable': {
    level: 'error',
    help: 'The octets of a queued message cannot be read: its file is gone or cut short, and it is held until an operator releases it, or the volume fails, and it is tried again. Put the file back from a backup, or drop the message: homeward queue show says whose it is.',
    fields: { message: 'text', reference: 'text', reason: 'text', code: 'text', isHeld: 'flag' },
  },
  'smart-host.changed': {
    level: 'warn',
    help: 'A smart host is not used for a while, since it failed again and again; or it is used again.',
    fields: { host: 'text', isAvailable: 'text', reason: 'text' },
  },
  'lmtp.ended': {
    level: 'info',
    help: 'A connection by LMTP, from a front end or another worker, is over.',
    fields: { peerAddress: 'text', reason: 'text', durationMs: 'number' },
  },
  'care.done': {
    level: 'info',
    help: 'An operator cared for a mailbox by way of the control port: made a backup, or the like.',
    // outcome: "ok", or why not.
    fields: { job: 'text', caller: 'text', accountId: 'text', outcome: 'text', detail: 'text' },
  },
  'queue.changed': {
    level: 'info',
    help: 'An operator had queued messages tried now, held, released or dropped by way of the control port.',
    // outcome: "ok", or why not.
    fields: { action: 'text', caller: 'text', messageCount: 'number', outcome: 'text' },
  },
  'sessions.end-asked': {
    level: 'info',
    help: 'A front end or an operator had sessions ended by way of the control port; each ends at its next safe point.',
    fields: { caller: 'text', reason: 'text', askedCount: 'number', unknownCount: 'number' },
  },
  'deleted-mailbox.purged': {
    level: 'info',
    help: 'The mailbox of a deleted account was removed for ever (deletedMailboxes.keepDays).',
    fields: { accountId: 'text' },
  },
  'deleted-mailbox.purge-failed': {
    level: 'warn',
    help: 'Mailboxes of deleted accounts could not be removed; it is tried again in an hour.',
    fields: { error: 'error' },
  },
  'app-password-note.failed': {
    level: 'error',
    help: 'It could not be noted that an app password was used; nobody waits for that.',
    fields: { error: 'error' },
  },
  'password-thread.failed': {
    level: 'error',
    help: 'A bug: a thread that verifies passwords died and is started again.',
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

export type BackEndLogEvents = ServiceLogEvents & typeof OWN_EVENTS;
/** All events that a back end may log. */
export const BACKEND_LOG_EVENTS: BackEndLogEvents = { ...LOG_EVENTS, ...OWN_EVENTS };
