/** Care of mailboxes, for operators' tools: by a control port, or on a volume whose site is down. */
export type {
  BackupFacts,
  CareAnswer,
  CareDesk,
  CareJob,
  CareRefusal,
  CareValues,
  DeletedFacts,
  VerifyFacts,
} from './care-job.ts';
export { createCareDesk, type CareDeskOptions } from './care-desk.ts';
