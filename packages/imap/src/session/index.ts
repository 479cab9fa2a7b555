/** IMAP sessions behind login; for back ends only. */
export { createImapSession } from './imap-session.ts';
export type { ImapSession, ImapSessionParts } from './imap-session.ts';
export { createKeptTexts } from './fetch/kept-texts.ts';
export type { KeptTexts } from './fetch/kept-texts.ts';
export { describeArguments } from './describe-command.ts';
export type * from './ports.ts';
export type {
  EndRequest,
  ImapSessionOptions,
  SessionEnd,
  SessionEvent,
} from './session-context.ts';
export type { ModSeq, SequenceNumber, Uid, UidValidity } from '../ids.ts';
export { SESSION_CAPABILITIES, capabilitiesWithLimit } from '../session-capabilities.ts';
