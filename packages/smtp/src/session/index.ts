/** Submission and LMTP sessions behind login, for back ends; front ends have that of LMTP. */
export {
  DIRECTORY_AWAY,
  GROUP_TOO_LARGE,
  RECIPIENT_DISABLED,
  UNKNOWN_RECIPIENT,
} from './address-refusals.ts';
export type * from './ports.ts';
export type { SessionEnd, SessionEvent, SmtpSessionOptions } from './session-context.ts';
export { createSmtpSession } from './smtp-session.ts';
export type { SmtpSession, SmtpSessionParts } from './smtp-session.ts';
