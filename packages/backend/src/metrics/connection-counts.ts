/** Counts what connections and sessions tell, and passes it on. */
import type { Protocol } from '@homeward/directory';
import type { SessionEvent as ImapEvent } from '@homeward/imap/session';
import type { SessionEvent as Pop3Event } from '@homeward/pop3/session';
import type { Metrics } from '@homeward/service';
import type { ConnectionLog } from '../connection/connection-log.ts';
import type { BackEndMetrics } from './back-end-metrics.ts';
import { timeCommands } from './command-times.ts';
import { IMAP_COMMANDS, POP3_COMMANDS, SESSION_ENDS } from './metric-labels.ts';

/** A log that counts, too. */
export function countConnections(
  metrics: Metrics<BackEndMetrics>,
  log: ConnectionLog,
): ConnectionLog {
  const logins = metrics.counter('homeward_backend_logins_total');
  const sessions = metrics.gauge('homeward_backend_sessions');
  const ends = metrics.counter('homeward_backend_session_ends_total');
  sessions.set({ protocol: 'imap' }, 0);
  sessions.set({ protocol: 'pop3' }, 0);
  return {
    started(login) {
      const protocol = labelOf(login.protocol);
      logins.add({ protocol, outcome: 'ok' });
      sessions.add({ protocol }, 1);
      log.started(login);
    },
    refused(reason, attempt, detail, about) {
      logins.add({ protocol: labelOf(attempt.protocol), outcome: reason });
      log.refused(reason, attempt, detail, about);
    },
    ended(login, reason, durationMs) {
      const protocol = labelOf(login.protocol);
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

/** A worker has no submission. */
function labelOf(protocol: Protocol): 'imap' | 'pop3' {
  return protocol === 'pop3' ? 'pop3' : 'imap';
}
