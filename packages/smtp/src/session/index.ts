/** Submission and LMTP sessions behind login; for back ends only. */
export type * from './ports.ts';
export type { SessionEnd, SessionEvent, SmtpSessionOptions } from './session-context.ts';
export { createSmtpSession } from './smtp-session.ts';
export type { SmtpSession, SmtpSessionParts } from './smtp-session.ts';
