/** What a back end counts, beside what every service does. */
import type { Protocol } from '@homeward/directory';
import type { CommandName } from '@homeward/imap/grammar';
import { ACCEPT_REFUSALS, type AcceptRefusal } from '@homeward/net';
import type { Pop3CommandName } from '@homeward/pop3/grammar';
import type { SmtpCommandName } from '@homeward/smtp/grammar';
import {
  SERVICE_METRICS,
  type CounterDeclaration,
  type GaugeDeclaration,
  type ServiceMetrics,
} from '@homeward/service';
import type { LoginRefusalReason } from '../login/login.ts';
import {
  IMAP_COMMANDS,
  LOGIN_OUTCOMES,
  POP3_COMMANDS,
  REPLY_CLASSES,
  SERVED_PROTOCOLS,
  type ServedProtocol,
  SESSION_ENDS,
  type SessionEnd,
  SLOW_COMMAND_SECONDS,
  SMTP_COMMANDS,
} from './metric-labels.ts';

interface ByProtocol {
  readonly protocol: readonly Protocol[];
}

interface ByServedProtocol {
  readonly protocol: readonly ServedProtocol[];
}

/** Ways on which mail comes in. */
export type MailIntake = Extract<ServedProtocol, 'submission' | 'lmtp'>;

/** What became of a recipient of a message that was taken. */
export const MAIL_OUTCOMES = ['delivered', 'queued', 'refused'] as const;

export type OwnMetrics = {
  readonly homeward_backend_connections: GaugeDeclaration;
  readonly homeward_backend_connections_refused_total: CounterDeclaration & {
    readonly labels: {
      readonly protocol: readonly ServedProtocol[];
      readonly reason: readonly AcceptRefusal[];
    };
  };
  readonly homeward_backend_logins_total: CounterDeclaration & {
    readonly labels: ByProtocol & { readonly outcome: readonly ('ok' | LoginRefusalReason)[] };
  };
  readonly homeward_backend_sessions: GaugeDeclaration & { readonly labels: ByProtocol };
  readonly homeward_backend_session_ends_total: CounterDeclaration & {
    readonly labels: ByProtocol & { readonly reason: readonly SessionEnd[] };
  };
  readonly homeward_backend_command_seconds_total: CounterDeclaration & {
    readonly labels: ByServedProtocol;
  };
  readonly homeward_backend_slow_commands_total: CounterDeclaration & {
    readonly labels: ByServedProtocol & {
      readonly longer_than_seconds: typeof SLOW_COMMAND_SECONDS;
    };
  };
  readonly homeward_backend_imap_commands_total: CounterDeclaration & {
    readonly labels: {
      readonly command: readonly (CommandName | 'other')[];
      readonly outcome: readonly ('OK' | 'NO' | 'BAD')[];
    };
  };
  readonly homeward_backend_pop3_commands_total: CounterDeclaration & {
    readonly labels: {
      readonly command: readonly (Pop3CommandName | 'other')[];
      readonly outcome: readonly ('OK' | 'ERR')[];
    };
  };
  readonly homeward_backend_smtp_commands_total: CounterDeclaration & {
    readonly labels: {
      readonly protocol: readonly MailIntake[];
      readonly command: readonly (SmtpCommandName | 'other')[];
      readonly reply: typeof REPLY_CLASSES;
    };
  };
  readonly homeward_backend_messages_taken_total: CounterDeclaration & {
    readonly labels: { readonly protocol: readonly MailIntake[] };
  };
  readonly homeward_backend_messages_refused_total: CounterDeclaration & {
    readonly labels: { readonly protocol: readonly MailIntake[] };
  };
  readonly homeward_backend_mail_recipients_total: CounterDeclaration & {
    readonly labels: {
      readonly protocol: readonly MailIntake[];
      readonly outcome: typeof MAIL_OUTCOMES;
    };
  };
  readonly homeward_backend_open_mailboxes: GaugeDeclaration;
  readonly homeward_backend_appended_octets_total: CounterDeclaration;
};

export type BackEndMetrics = ServiceMetrics & OwnMetrics;

const intake = ['submission', 'lmtp'] as const;
const protocol = ['imap', 'pop3', 'submission'] as const;

/** For the reference: those of the service layer have a page of their own. */
export const OWN_METRICS: OwnMetrics = {
  homeward_backend_connections: {
    kind: 'gauge',
    help: 'Connections that are open, logged in or not; front ends keep some ready.',
  },
  homeward_backend_connections_refused_total: {
    kind: 'counter',
    help: 'Connections that ended before their greeting. `gone` is the peer’s own doing.',
    labels: { protocol: SERVED_PROTOCOLS, reason: ACCEPT_REFUSALS },
  },
  homeward_backend_logins_total: {
    kind: 'counter',
    help: 'Logins by what came of them. Refused tickets are faults of ours, or an attack.',
    labels: { protocol, outcome: LOGIN_OUTCOMES },
  },
  homeward_backend_sessions: {
    kind: 'gauge',
    help: 'Sessions that are open.',
    labels: { protocol },
  },
  homeward_backend_session_ends_total: {
    kind: 'counter',
    help: 'Sessions that ended, and why. Any failed or store-failed is worth an alarm.',
    labels: { protocol, reason: SESSION_ENDS },
  },
  homeward_backend_command_seconds_total: {
    kind: 'counter',
    help: 'Time that commands took, IDLE apart; with the counts of commands it gives the average. An APPEND’s time is the client’s as well.',
    labels: { protocol: SERVED_PROTOCOLS },
  },
  homeward_backend_slow_commands_total: {
    kind: 'counter',
    help: 'Commands that took longer than so many seconds, IDLE and APPEND apart; one of 12 s counts for 1 and for 10. Exchange alarms at 60 on average.',
    labels: { protocol: SERVED_PROTOCOLS, longer_than_seconds: SLOW_COMMAND_SECONDS },
  },
  homeward_backend_imap_commands_total: {
    kind: 'counter',
    help: 'IMAP commands that were answered, UID forms with the plain ones.',
    labels: { command: IMAP_COMMANDS, outcome: ['OK', 'NO', 'BAD'] },
  },
  homeward_backend_pop3_commands_total: {
    kind: 'counter',
    help: 'POP3 commands that were answered.',
    labels: { command: POP3_COMMANDS, outcome: ['OK', 'ERR'] },
  },
  homeward_backend_smtp_commands_total: {
    kind: 'counter',
    help: 'Commands of submission and LMTP, by the first digit of their reply.',
    labels: { protocol: intake, command: SMTP_COMMANDS, reply: REPLY_CLASSES },
  },
  homeward_backend_messages_taken_total: {
    kind: 'counter',
    help: 'Messages that were accepted for one recipient at least; they are durable.',
    labels: { protocol: intake },
  },
  homeward_backend_messages_refused_total: {
    kind: 'counter',
    help: 'Messages that came in and were accepted for nobody.',
    labels: { protocol: intake },
  },
  homeward_backend_mail_recipients_total: {
    kind: 'counter',
    help: 'Recipients of messages that came in: `delivered` into a mailbox of this worker, `queued` for elsewhere or a later attempt, or `refused`.',
    labels: { protocol: intake, outcome: MAIL_OUTCOMES },
  },
  homeward_backend_open_mailboxes: {
    kind: 'gauge',
    help: 'Mailboxes that are open, used or kept ready; limits.openMailboxes is the most.',
  },
  homeward_backend_appended_octets_total: {
    kind: 'counter',
    help: 'Octets of messages that were appended and are on disk.',
  },
};

/** All that a back end counts. */
export const BACK_END_METRICS: BackEndMetrics = { ...SERVICE_METRICS, ...OWN_METRICS };
