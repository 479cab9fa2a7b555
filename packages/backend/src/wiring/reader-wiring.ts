/** The protocols by which people read their mail: IMAP and POP3. */
import type { SessionEvent as ImapEvent } from '@homeward/imap/session';
import { DeadlineWheel } from '@homeward/net';
import type { SessionEvent as Pop3Event } from '@homeward/pop3/session';
import { liveView } from '@homeward/service';
import { createImapService } from '../connection/imap-service.ts';
import { createPop3Service } from '../connection/pop3-service.ts';
import { createReminders } from '../connection/reminders.ts';
import { countImapCommands, countPop3Commands } from '../metrics/connection-counts.ts';
import type { BackEndSettings } from '../settings.ts';
import { breathe } from './breathe.ts';
import { loginOptionsOf, personsMechanisms } from './login-wiring.ts';
import type { MailboxParts } from './mailbox-wiring.ts';
import type { ProcessParts, WorkerParts } from './process-parts.ts';

/** What they are made of beside what the worker has. */
export interface ReaderNeeds extends Pick<MailboxParts, 'openForLogin' | 'sessionMailboxes'> {
  /** Those in force. */
  readonly settings: () => BackEndSettings;
}

export function createImap(
  { settings, openForLogin: openMailbox, sessionMailboxes }: ReaderNeeds,
  { config, clock, log, metrics }: WorkerParts,
): ReturnType<typeof createImapService> {
  const count = countImapCommands(metrics);
  return createImapService({
    login: () => ({ ...loginOptionsOf(config, 'imap', settings), offersStartTls: true }),
    limits: liveView(() => settings().limits),
    openMailbox,
    nowMs: () => clock.nowMs(),
    breathe,
    remindRegularly: createReminders(new DeadlineWheel(clock)),
    observe(event) {
      count(event);
      logSessionEvent(log, event);
    },
    mailboxFor: (login, mailbox) => sessionMailboxes.createFor(login, mailbox),
  });
}

export function createPop3(
  { settings, openForLogin: openMailbox }: ReaderNeeds,
  { config, clock, log, metrics }: WorkerParts,
): ReturnType<typeof createPop3Service> {
  const count = countPop3Commands(metrics);
  return createPop3Service({
    login: () => ({ ...loginOptionsOf(config, 'pop3', settings), offersStls: true }),
    personsMechanisms: () => personsMechanisms('pop3', settings()),
    limits: liveView(() => settings().limits),
    settings: () => settings().pop3,
    clock,
    openMailbox,
    breathe,
    observe(event) {
      count(event);
      logSessionEvent(log, event);
    },
  });
}

function logSessionEvent(log: ProcessParts['log'], event: ImapEvent | Pop3Event): void {
  if (event.kind === 'failed') {
    log.log('session.failed', { command: event.command, error: event.error });
  } else if (event.kind === 'client-id') {
    log.log('session.client-identified', {
      name: event.fields.get('name'),
      version: event.fields.get('version'),
    });
  }
}
