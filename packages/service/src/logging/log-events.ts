/**
 * The events of the service layer and those that front end and back end share. A program adds
 * its own: `createLogger({ events: { ...LOG_EVENTS, ...FRONTEND_LOG_EVENTS } })`, where its
 * list is a literal `as const` like this one.
 */
export const LOG_EVENTS = {
  'log.event-unknown': {
    level: 'error',
    help: 'A program logged an event that it has not declared.',
    fields: {
      name: 'text',
    },
  },
  'log.level-changed': {
    level: 'info',
    help: 'The log level was changed while running.',
    fields: { to: 'text' },
  },
  'service.started': {
    level: 'info',
    help: 'All parts are up.',
    fields: { durationMs: 'number', version: 'text' },
  },
  'service.start-failed': {
    level: 'fatal',
    help: 'A part did not start; the process ends.',
    fields: {
      part: 'text',
      reason: 'text',
      error: 'error',
    },
  },
  'service.stopping': {
    level: 'info',
    help: 'The process was asked to stop.',
    fields: {
      cause: 'text',
      mode: 'text',
    },
  },
  'service.part-stop-failed': {
    level: 'error',
    help: 'A part did not stop in order.',
    fields: {
      part: 'text',
      reason: 'text',
      error: 'error',
    },
  },
  'service.stopped': {
    level: 'info',
    help: 'The process ends.',
    fields: {
      exitCode: 'number',
      durationMs: 'number',
    },
  },
  'service.crashed': {
    level: 'fatal',
    help: 'A bug: an error that nobody caught. The process ends.',
    fields: {
      kind: 'text',
      error: 'error',
    },
  },
  'configuration.loaded': {
    level: 'info',
    help: 'The configuration was read.',
    fields: { file: 'text' },
  },
  'configuration.reloaded': {
    level: 'info',
    help: 'The configuration was read again (SIGHUP) and what is live applies; `needsRestart` names changed keys that do not.',
    fields: { needsRestart: 'texts' },
  },
  'configuration.rejected': {
    level: 'error',
    help: 'The configuration was read again (SIGHUP) and is wrong: nothing was changed.',
    fields: { problems: 'texts' },
  },
  'configuration.doubtful': {
    level: 'warn',
    help: 'The configuration is valid but looks wrong.',
    fields: {
      warning: 'text',
    },
  },
  'worker.started': {
    level: 'info',
    help: 'A worker process is ready.',
    fields: {
      worker: 'number',
      pid: 'number',
      durationMs: 'number',
    },
  },
  'worker.exited': {
    level: 'error',
    help: 'A worker ended that should run; it is started again.',
    fields: {
      worker: 'number',
      pid: 'number',
      exitCode: 'number',
      signal: 'text',
      restartInMs: 'number',
    },
  },
  'worker.stopped': {
    level: 'info',
    help: 'A worker ended as asked.',
    fields: {
      worker: 'number',
      pid: 'number',
      exitCode: 'number',
      signal: 'text',
    },
  },
  'worker.killed': {
    level: 'error',
    help: 'A worker was killed: it did not start (not-ready) or stop (not-stopped) within its limit, or answered nothing for so long that it is frozen. It is started again unless the service stops.',
    fields: {
      worker: 'number',
      pid: 'number',
      reason: 'text',
      silentMs: 'number',
    },
  },
  'listener.opened': {
    level: 'info',
    help: 'A port is open.',
    fields: {
      protocol: 'text',
      address: 'text',
      tls: 'text',
    },
  },
  'listener.failed': {
    level: 'fatal',
    help: 'A port could not be opened.',
    fields: {
      protocol: 'text',
      address: 'text',
      reason: 'text',
      detail: 'text',
    },
  },
  'connection.accepted': {
    level: 'debug',
    help: 'A client connected.',
    scope: 'conversation',
    fields: {},
  },
  'connection.refused': {
    level: 'info',
    help: 'A connection was turned away before its greeting.',
    scope: 'conversation',
    fields: {
      reason: 'text',
      detail: 'text',
    },
  },
  'connection.left': {
    level: 'debug',
    help: 'A peer went away before its greeting: a load balancer’s check, a port scan.',
    scope: 'conversation',
    fields: {},
  },
  'certificate.loaded': {
    level: 'info',
    help: 'Certificates are in use from now on.',
    fields: {
      files: 'texts',
      names: 'texts',
      expiresAt: 'text',
    },
  },
  'certificate.rejected': {
    level: 'error',
    help: 'New certificate files are not usable; the old ones stay in use.',
    fields: { file: 'text', reason: 'text', detail: 'text' },
  },
  'login.accepted': {
    level: 'info',
    help: 'A login was let through, and its session is open at its home.',
    scope: 'login',
    fields: {
      // The identity to act as (SASL), as typed.
      actAs: 'text',
      // Where its time went at a front end.
      lookUpMs: 'number',
      gateMs: 'number',
      secretMs: 'number',
      connectMs: 'number',
      claimMs: 'number',
      innerLoginMs: 'number',
    },
  },
  'login.rejected': {
    level: 'info',
    help: 'A login was refused for a reason on the person’s side.',
    scope: 'login',
    fields: {
      reason: 'text',
      detail: 'text',
      // The identity to act as (SASL), as typed.
      actAs: 'text',
      reference: 'text',
      // Where its time went at a front end.
      lookUpMs: 'number',
      gateMs: 'number',
      secretMs: 'number',
      connectMs: 'number',
      claimMs: 'number',
      innerLoginMs: 'number',
    },
  },
  'login.failed': {
    level: 'warn',
    help: 'A login was refused for a reason on our side.',
    scope: 'login',
    fields: {
      reason: 'text',
      detail: 'text',
      // The identity to act as (SASL), as typed.
      actAs: 'text',
      reference: 'text',
      // Where its time went at a front end.
      lookUpMs: 'number',
      gateMs: 'number',
      secretMs: 'number',
      connectMs: 'number',
      claimMs: 'number',
      innerLoginMs: 'number',
      error: 'error',
    },
  },
  'conversation.ended': {
    level: 'info',
    help: 'A client’s connection ended.',
    scope: 'login',
    fields: {
      clientOctets: 'number',
      homeOctets: 'number',
      endedBy: 'text',
      reason: 'text',
    },
  },
  'conversation.failed': {
    level: 'error',
    help: 'A bug: a conversation ended by an error.',
    scope: 'conversation',
    fields: {
      error: 'error',
    },
  },
  'session.ended': {
    level: 'info',
    help: 'A session at its home ended.',
    scope: 'login',
    fields: {
      reason: 'text',
      commandCount: 'number',
      octetsIn: 'number',
      octetsOut: 'number',
    },
  },
  'session.failed': {
    level: 'error',
    help: 'A bug: a session ended by an error.',
    scope: 'login',
    fields: {
      command: 'text',
      error: 'error',
    },
  },
  'ticket.refused': {
    level: 'warn',
    help: 'A front end’s ticket was not accepted.',
    scope: 'conversation',
    fields: {
      reason: 'text',
      keyId: 'text',
    },
  },
  'site.unreachable': {
    level: 'warn',
    help: 'A host of a site is passed over from now on: clients or probes had no answer.',
    fields: {
      site: 'text',
      address: 'text',
      reason: 'text',
      detail: 'text',
    },
  },
  'site.recovered': {
    level: 'info',
    help: 'A host of a site answers again; logins are let in by and by.',
    fields: { site: 'text', address: 'text' },
  },
  'warm-pool.failed': {
    level: 'error',
    help: 'A bug: keeping connections warm failed.',
    fields: { error: 'error' },
  },
  'directory.unavailable': {
    level: 'error',
    help: 'The directory was not heard of for three seconds; whom it is needed for is told that the service is unavailable. The detail begins with directory-empty or directory-replaced where Redis answers, but has lost the directory or has another one.',
    fields: {
      detail: 'text',
      error: 'error',
    },
  },
  'directory.account-set-back': {
    level: 'error',
    help: 'The account’s record has a lower epoch than this process has seen: Redis was set back to before a move. The account counts as unavailable; repeat the move.',
    fields: { accountId: 'text', address: 'text', epoch: 'number', knownEpoch: 'number' },
  },
  'directory.recovered': {
    level: 'info',
    help: 'The directory answers again.',
    fields: { durationMs: 'number' },
  },
  'mailbox.opened': {
    level: 'debug',
    help: 'A mailbox was opened.',
    fields: { accountId: 'text' },
  },
  'mailbox.closed': {
    level: 'debug',
    help: 'A mailbox was closed.',
    fields: { accountId: 'text' },
  },
  'mailbox.created': {
    level: 'info',
    help: 'A mailbox was created.',
    fields: { accountId: 'text' },
  },
  'mailbox.broke': {
    level: 'error',
    help: 'A mailbox had a fault and is opened anew.',
    fields: {
      accountId: 'text',
      code: 'text',
      error: 'error',
    },
  },
  'mailbox.volume-full': {
    level: 'error',
    help: 'The volume is full; nothing can be stored.',
    fields: {
      accountId: 'text',
      code: 'text',
    },
  },
  'mailbox.orphans-put-aside': {
    level: 'info',
    help: 'Files without a row were moved to lost/, where they stay for 14 days.',
    fields: {
      accountId: 'text',
      count: 'number',
    },
  },
  'mailbox.maintenance-failed': {
    level: 'warn',
    help: 'Upkeep of a mailbox failed; it is tried again.',
    fields: {
      accountId: 'text',
      code: 'text',
    },
  },
  'mailbox.text-index-failed': {
    level: 'warn',
    help: 'The index of texts could not be used; searches look into every message for a while.',
    fields: {
      accountId: 'text',
      code: 'text',
    },
  },
  'mailbox.description-failed': {
    level: 'error',
    help: 'Preview and the like of a new message could not be made: a bug. It is read for them.',
    fields: {
      accountId: 'text',
      code: 'text',
    },
  },
  'mailbox.text-unreadable': {
    level: 'warn',
    help: 'Messages could not be read for the index of texts; every search looks into them.',
    fields: {
      accountId: 'text',
      count: 'number',
    },
  },
  'mailbox.file-removal-failed': {
    level: 'warn',
    help: 'The file of an expunged message is still there.',
    fields: {
      accountId: 'text',
      code: 'text',
    },
  },
  'settings.changed': {
    level: 'info',
    help: 'Settings of the directory are in force from now on.',
    fields: {},
  },
  'settings.value-ignored': {
    level: 'warn',
    help: 'A setting in the directory has no valid value; the configured one stays in force.',
    fields: { setting: 'text', problem: 'text' },
  },
  'settings.unavailable': {
    level: 'warn',
    help: 'The directory is away; the last settings stay in force.',
    fields: {},
  },
  'settings.failed': {
    level: 'error',
    help: 'A bug: reading the settings failed.',
    fields: { error: 'error' },
  },
  'protocol-log.failed': {
    level: 'error',
    help: 'A protocol log’s file cannot be made or written; its lines are lost until it can.',
    fields: { protocol: 'text', folder: 'text', error: 'error' },
  },
  'protocol-log.lines-lost': {
    level: 'warn',
    help: 'A protocol log is written again; so many lines of it were lost.',
    fields: { protocol: 'text', count: 'number' },
  },
  'ops.failed': {
    level: 'error',
    help: 'The ops port could not be opened or a check failed.',
    fields: {
      address: 'text',
      check: 'text',
      reason: 'text',
      error: 'error',
    },
  },
} as const;

export type ServiceLogEvents = typeof LOG_EVENTS;
