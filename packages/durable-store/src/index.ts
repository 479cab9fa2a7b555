/**
 * What a store that loses nothing is built of: databases on SQLite, the sync of their log, the
 * lock of their one owner, threads for what is slow, and files that are durable before anything points to them.
 */
export {
  classifyDatabaseError,
  type ColumnValue,
  Database,
  type DatabaseFault,
  type DatabaseOptions,
  openDatabase,
  type Row,
  Statement,
} from './database.ts';
export {
  type ContentFiles,
  type ContentTarget,
  createContentTarget,
  type StoredContent,
} from './content-target.ts';
export { OwnerLock } from './owner-lock.ts';
export {
  errorCode,
  type LogFile,
  nodeStoreFiles,
  type ReadableFile,
  type StoreFiles,
  type WritableFile,
} from './store-files.ts';
export { createThreadCalls, type ThreadCalls, ThreadError } from './thread-calls.ts';
export { serveThread } from './thread-service.ts';
export { WalLog } from './wal-log.ts';
