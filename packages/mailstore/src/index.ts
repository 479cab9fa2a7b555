/**
 * Public face of the mail store: the interfaces, the SQLite store that supplies them, and the
 * care of mailboxes from outside of a store, for operators' tools.
 */
export type * from './api.ts';
export { backupMailbox, type BackupRequest, type BackupSummary } from './care/backup-mailbox.ts';
export type { CareRefusal, MailboxPlace } from './care/claim-mailbox.ts';
export {
  deleteMailbox,
  type DeletedMailbox,
  listDeletedMailboxes,
  purgeDeletedMailboxes,
  undeleteMailbox,
} from './care/deleted-mailboxes.ts';
export type { Finding, FindingKind } from './care/findings.ts';
export { readSummary, restoreMailbox, type RestoreRequest } from './care/restore-mailbox.ts';
export { verifyMailbox, type VerifyReport, type VerifyRequest } from './care/verify-mailbox.ts';
export { DEFAULT_STORE_LIMITS, openMailStore, type MailStoreOptions } from './mail-store.ts';
