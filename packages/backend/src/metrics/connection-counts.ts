/** Counts what connections and sessions tell, and passes it on. */
import type { Protocol } from '@homeward/directory';
import type { SessionEvent as ImapEvent } from '@homeward/imap/session';
import type { SessionEvent as Pop3Event } from '@homeward/pop3/session';
import type { SessionEvent as SmtpEvent } from '@homeward/smtp/session';
import type { Metrics } from '@homeward/service';
import type { ConnectionLog } from '../connection/connection-log.ts';
import type { BackEndMetrics, MailIntake } from './back-end-metrics.ts';
import { timeCommands } from './command-times.ts';
import {
  IMAP_COMMANDS,
  POP3_COMMANDS,
  REPLY_CLASSES,
  SESSION_ENDS,
  SMTP_COMMANDS,
} from './metric-labels.ts';

const PROTOCOLS: readonly Protocol[] = ['imap', 'pop3', 'submission'];

/** A log that counts, too. */
export function countConnections(
  metrics: Metrics<BackEndMetrics>,
  log: ConnectionLog,
): ConnectionLog {
  const logins = metrics.counter('homeward_backend_logins_total');
  const sessions = metrics.gauge('homeward_backend_sessions');
  const ends = metrics.counter('homeward_backend_session_ends_total');
  for (const protocol of PROTOCOLS) sessions.set({ protocol }, 0);
  return {
    started(login) {
      const { protocol } = login;
      logins.add({ protocol, outcome: 'ok' });
      sessions.add({ protocol }, 1);
      log.started(login);
    },
    refused(reason, attempt, detail, about) {
      logins.add({ protocol: attempt.protocol, outcome: reason });
      log.refused(reason, attempt, detail, about);
    },
    ended(login, reason, durationMs) {
      const { protocol } = login;
      sessions.add({ protocol }, -1);
      ends.add({ protocol, reason: SESSION_ENDS.find((end) => end === reason) ?? 'failed' });
      log.ended(login, reason, durationMs);
    },
    failed: (protocol, error) => log.failed(protocol, error),
  };
}

/** Counts an IMAP session's commands. */
export function countImapCommands(metrics: Metrics<BackEndMetrics>): (event: ImapEvent) => void {
  const commands = metrics.counter('homeward_backend_imap_commands_total');
  // What a client typed is no label.
  const known = new Map(IMAP_COMMANDS.map((name) => [name as string, name]));
  const noteTime = timeCommands(metrics, 'imap');
  return (event) => {
    if (event.kind !== 'command') return;
    noteTime(event.name, event.durationMs);
    commands.add({ command: known.get(event.name) ?? 'other', outcome: event.outcome });
  };
}

/** Counts a POP3 session's commands. */
export function countPop3Commands(metrics: Metrics<BackEndMetrics>): (event: Pop3Event) => void {
  const commands = metrics.counter('homeward_backend_pop3_commands_total');
  const known = new Map(POP3_COMMANDS.map((name) => [name as string, name]));
  const noteTime = timeCommands(metrics, 'pop3');
  return (event) => {
    if (event.kind !== 'command') return;
    noteTime(event.name, event.durationMs);
    commands.add({ command: known.get(event.name) ?? 'other', outcome: event.outcome });
  };
}

/** Counts the commands and messages of a submission or LMTP session. */
export function countSmtpEvents(
  metrics: Metrics<BackEndMetrics>,
  protocol: MailIntake,
): (event: SmtpEvent) => void {
  const commands = metrics.counter('homeward_backend_smtp_commands_total');
  const taken = metrics.counter('homeward_backend_messages_taken_total');
  const refused = metrics.counter('homeward_backend_messages_refused_total');
  const known = new Map(SMTP_COMMANDS.map((name) => [name as string, name]));
  const noteTime = timeCommands(metrics, protocol);
  return (event) => {
    if (event.kind === 'command') {
      noteTime(event.name, event.durationMs);
      const reply = REPLY_CLASSES.find((digit) => digit === String(event.code)[0]) ?? '5';
      commands.add({ protocol, command: known.get(event.name) ?? 'other', reply });
    } else if (event.kind === 'message') {
      const isTaken = event.refusedCount < event.recipientCount;
      (isTaken ? taken : refused).add({ protocol });
    }
  };
}

/** What became of the recipients of one message. */
export interface RecipientCounts {
  readonly recipientCount: number;
  readonly deliveredCount: number;
  readonly queuedCount: number;
}

/** Counts the recipients of messages. */
export function countRecipients(
  metrics: Metrics<BackEndMetrics>,
  protocol: MailIntake,
): (counts: RecipientCounts) => void {
  const recipients = metrics.counter('homeward_backend_mail_recipients_total');
  return ({ recipientCount, deliveredCount, queuedCount }) => {
    recipients.add({ protocol, outcome: 'delivered' }, deliveredCount);
    recipients.add({ protocol, outcome: 'queued' }, queuedCount);
    const refusedCount = recipientCount - deliveredCount - queuedCount;
    recipients.add({ protocol, outcome: 'refused' }, refusedCount);
  };
}
