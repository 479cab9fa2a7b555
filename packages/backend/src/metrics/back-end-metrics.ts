/** What a back end counts, beside what every service does. */
import type { Protocol, ThrottleCause } from '@homeward/directory';
import type { CommandName } from '@homeward/imap/grammar';
import { ACCEPT_REFUSALS, type AcceptRefusal } from '@homeward/net';
import {
  ATTEMPT_OUTCOMES,
  type AttemptOutcome,
  DUPLICATE_CAUSES,
  type DuplicateCause,
  type EnqueueRefusal,
  NOTICE_KINDS,
  type NoticeKind,
  REFUSAL_REASONS,
  UNREADABLE_REASONS,
  type UnreadableReason,
} from '@homeward/mail-queue';
import type { Pop3CommandName } from '@homeward/pop3/grammar';
import type { SmtpCommandName } from '@homeward/smtp/grammar';
import {
  SERVICE_METRICS,
  type CounterDeclaration,
  type GaugeDeclaration,
  type HistogramDeclaration,
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

/** What queued messages do. */
const QUEUE_STATES = ['waiting', 'trying', 'held'] as const;
/** `none`: the router knew no way. */
const DESTINATION_KINDS = ['worker', 'elsewhere', 'none'] as const;

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
  readonly homeward_backend_throttled_logins_total: CounterDeclaration & {
    readonly labels: {
      readonly cause: readonly (ThrottleCause | 'tarpit-full')[];
      readonly action: readonly ('held' | 'refused')[];
    };
  };
  readonly homeward_backend_held_logins: GaugeDeclaration;
  readonly homeward_backend_passwords_hashed_total: CounterDeclaration;
  readonly homeward_backend_passwords_in_queue: GaugeDeclaration;
  readonly homeward_backend_ldap_duration_seconds: HistogramDeclaration & {
    readonly labels: {
      readonly operation: readonly ('search' | 'bind')[];
      readonly outcome: readonly ('answered' | 'unavailable')[];
    };
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
  readonly homeward_backend_queue_messages: GaugeDeclaration & {
    readonly labels: { readonly state: typeof QUEUE_STATES };
  };
  readonly homeward_backend_queue_octets: GaugeDeclaration;
  readonly homeward_backend_queue_oldest_seconds: GaugeDeclaration;
  readonly homeward_backend_queue_attempts_total: CounterDeclaration & {
    readonly labels: {
      readonly destination: typeof DESTINATION_KINDS;
      readonly outcome: readonly AttemptOutcome[];
    };
  };
  readonly homeward_backend_queue_notices_total: CounterDeclaration & {
    readonly labels: { readonly kind: readonly NoticeKind[] };
  };
  readonly homeward_backend_queue_duplicates_total: CounterDeclaration & {
    readonly labels: { readonly cause: readonly DuplicateCause[] };
  };
  readonly homeward_backend_queue_refusals_total: CounterDeclaration & {
    readonly labels: { readonly reason: readonly EnqueueRefusal[] };
  };
  readonly homeward_backend_queue_unreadable_total: CounterDeclaration & {
    readonly labels: { readonly reason: readonly UnreadableReason[] };
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
  homeward_backend_throttled_logins_total: {
    kind: 'counter',
    help: 'With directLogin: logins that were slowed down because of wrong passwords: of their network (address), of strangers at their account (account), or of their account’s known network (known).',
    labels: {
      cause: ['address', 'account', 'known', 'tarpit-full'],
      action: ['held', 'refused'],
    },
  },
  homeward_backend_held_logins: {
    kind: 'gauge',
    help: 'With directLogin: logins that wait before their passwords are looked at; beyond 2,000 those of networks that guess are refused, others wait no longer.',
  },
  homeward_backend_passwords_hashed_total: {
    kind: 'counter',
    help: 'With directLogin: passwords whose hash was computed: not those that were right a moment ago, nor those that were refused before.',
  },
  homeward_backend_passwords_in_queue: {
    kind: 'gauge',
    help: 'With directLogin: passwords that are being verified or wait for it; beyond 64 logins are refused with too-busy.',
  },
  homeward_backend_ldap_duration_seconds: {
    kind: 'histogram',
    help: 'With directLogin: questions to LDAP, from asking to the answer of whichever server gave one; `unavailable`: none did.',
    labels: { operation: ['search', 'bind'], outcome: ['answered', 'unavailable'] },
    buckets: [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5],
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
  homeward_backend_queue_messages: {
    kind: 'gauge',
    help: 'Messages in the queue, waiting for their next attempt, in one, or held by an operator.',
    labels: { state: QUEUE_STATES },
  },
  homeward_backend_queue_octets: {
    kind: 'gauge',
    help: 'Octets of messages in the queue.',
  },
  homeward_backend_queue_oldest_seconds: {
    kind: 'gauge',
    help: 'For how long the oldest message of the queue waits; 0: there is none. Worth an alarm beyond some hours.',
  },
  homeward_backend_queue_attempts_total: {
    kind: 'counter',
    help: 'What attempts came to, by recipient: at another worker or by smart hosts; `none`: there was no way.',
    labels: { destination: DESTINATION_KINDS, outcome: ATTEMPT_OUTCOMES },
  },
  homeward_backend_queue_notices_total: {
    kind: 'counter',
    help: 'Notices to senders of what became of their message (DSN).',
    labels: { kind: NOTICE_KINDS },
  },
  homeward_backend_queue_duplicates_total: {
    kind: 'counter',
    help: 'Recipients that may have got a message twice, and why.',
    labels: { cause: DUPLICATE_CAUSES },
  },
  homeward_backend_queue_refusals_total: {
    kind: 'counter',
    help: 'Messages that the queue did not take: it is full by its limits or the volume has no room (full), or it is not open (unavailable). Their clients try again.',
    labels: { reason: REFUSAL_REASONS },
  },
  homeward_backend_queue_unreadable_total: {
    kind: 'counter',
    help: 'Attempts that found the octets of a queued message unreadable: its file is gone or cut short, or the volume fails (fault). Any is worth an alarm.',
    labels: { reason: UNREADABLE_REASONS },
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
