/**
 * The values that labels of a back end's metrics can have. The compiler holds each list against
 * the union that it stands for.
 */
import type { CommandName } from '@homeward/imap/grammar';
import type { SessionEnd as ImapEnd } from '@homeward/imap/session';
import type { Pop3CommandName } from '@homeward/pop3/grammar';
import type { SessionEnd as Pop3End } from '@homeward/pop3/session';
import type { SmtpCommandName } from '@homeward/smtp/grammar';
import type { SessionEnd as SmtpEnd } from '@homeward/smtp/session';
import type { LoginRefusalReason } from '../login/login.ts';

function keysOf<Name extends string>(all: Readonly<Record<Name, true>>): readonly Name[] {
  return Object.keys(all) as Name[];
}

/** `other`: what is no command, or none after login. */
export const IMAP_COMMANDS: readonly (CommandName | 'other')[] = keysOf<CommandName | 'other'>({
  append: true,
  authenticate: true,
  capability: true,
  check: true,
  close: true,
  compress: true,
  copy: true,
  create: true,
  delete: true,
  deleteacl: true,
  enable: true,
  esearch: true,
  examine: true,
  expunge: true,
  fetch: true,
  getacl: true,
  getmetadata: true,
  getquota: true,
  getquotaroot: true,
  id: true,
  idle: true,
  list: true,
  listrights: true,
  login: true,
  logout: true,
  lsub: true,
  move: true,
  myrights: true,
  namespace: true,
  noop: true,
  notify: true,
  rename: true,
  replace: true,
  search: true,
  select: true,
  setacl: true,
  setmetadata: true,
  setquota: true,
  sort: true,
  starttls: true,
  status: true,
  store: true,
  subscribe: true,
  thread: true,
  unselect: true,
  unsubscribe: true,
  other: true,
});

export const POP3_COMMANDS: readonly (Pop3CommandName | 'other')[] = keysOf<
  Pop3CommandName | 'other'
>({
  AUTH: true,
  CAPA: true,
  DELE: true,
  LANG: true,
  LIST: true,
  NOOP: true,
  PASS: true,
  QUIT: true,
  RETR: true,
  RSET: true,
  STAT: true,
  STLS: true,
  TOP: true,
  UIDL: true,
  USER: true,
  UTF8: true,
  XCLIENT: true,
  other: true,
});

export const SMTP_COMMANDS: readonly (SmtpCommandName | 'other')[] = keysOf<
  SmtpCommandName | 'other'
>({
  AUTH: true,
  BDAT: true,
  DATA: true,
  EHLO: true,
  EXPN: true,
  HELO: true,
  HELP: true,
  LHLO: true,
  MAIL: true,
  NOOP: true,
  QUIT: true,
  RCPT: true,
  RSET: true,
  STARTTLS: true,
  VRFY: true,
  XCLIENT: true,
  other: true,
});

/** By the first digit of a reply. */
export const REPLY_CLASSES = ['2', '3', '4', '5'] as const;

/** What a worker serves behind a listener. */
export const SERVED_PROTOCOLS = ['imap', 'pop3', 'submission', 'lmtp'] as const;
export type ServedProtocol = (typeof SERVED_PROTOCOLS)[number];

/** How sessions end. */
export type SessionEnd = ImapEnd | Pop3End | SmtpEnd;

export const SESSION_ENDS: readonly SessionEnd[] = keysOf<SessionEnd>({
  'logged-out': true,
  'client-gone': true,
  'idle-too-long': true,
  'too-many-errors': true,
  'protocol-error': true,
  failed: true,
  'store-failed': true,
  'shutting-down': true,
  draining: true,
  kicked: true,
  'credentials-changed': true,
  'token-expired': true,
  'account-disabled': true,
  'account-changed': true,
  'access-denied': true,
  'mail-unavailable': true,
});

export const LOGIN_OUTCOMES: readonly ('ok' | LoginRefusalReason)[] = keysOf<
  'ok' | LoginRefusalReason
>({
  ok: true,
  'ticket-malformed': true,
  'ticket-unknown-key': true,
  'ticket-revoked-key': true,
  'ticket-bad-signature': true,
  'ticket-expired': true,
  'ticket-not-yet-valid': true,
  'ticket-wrong-site': true,
  'ticket-wrong-protocol': true,
  'ticket-wrong-connection': true,
  'ticket-replayed': true,
  'direct-login-off': true,
  'unknown-account': true,
  'no-secret': true,
  'wrong-password': true,
  'switched-off': true,
  'privacy-required': true,
  'channel-binding-failed': true,
  'token-refused': true,
  'access-rule': true,
  'access-denied': true,
  throttled: true,
  'too-many-sessions': true,
  'too-many-connections': true,
  'token-issuer-unavailable': true,
  'ldap-unavailable': true,
  'ldap-account-refused': true,
  'login-deadline': true,
  'blocked-kind': true,
  'account-disabled': true,
  'protocol-disabled': true,
  'act-as-not-allowed': true,
  'too-busy': true,
  'account-elsewhere': true,
  'not-this-worker': true,
  'directory-away': true,
  'stale-epoch': true,
  'unconfirmed-epoch': true,
  'mailbox-sealed': true,
  'mailbox-locked': true,
  'mailbox-unavailable': true,
  'too-many-mailboxes': true,
  'maildrop-in-use': true,
  'too-soon': true,
});

/** Slower than a person waits, than a program waits, than Exchange puts up with. */
export const SLOW_COMMAND_SECONDS = ['1', '10', '60'] as const;
