/** POP3 sessions behind login; for back ends only. */
export { describeArguments } from './describe-command.ts';
export type { RetrievalOrder } from './maildrop-view.ts';
export { MemoryMaildrop } from './memory-maildrop.ts';
export type { MemoryMessage } from './memory-maildrop.ts';
export { createPop3Session } from './pop3-session.ts';
export type { Pop3Session, Pop3SessionParts } from './pop3-session.ts';
export type * from './ports.ts';
export type {
  EndRequest,
  Outcome,
  Pop3SessionOptions,
  SessionEnd,
  SessionEvent,
} from './session-context.ts';
