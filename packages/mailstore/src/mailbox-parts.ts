import type { Database, StoreFiles, WalLog } from '@homeward/durable-store';
import type { MessageDescriber, StoreClock, StoreEvent, StoreLimits } from './api.ts';
import type { MailboxLayout } from './mailbox-layout.ts';
import type { Maintenance } from './maintenance.ts';
import type { TextIndexer } from './text/text-indexer.ts';

/** What an open mailbox is made of. */
export interface MailboxParts {
  readonly layout: MailboxLayout;
  readonly database: Database;
  readonly log: WalLog;
  readonly files: StoreFiles;
  readonly maintenance: Maintenance;
  readonly textIndexer: TextIndexer;
  readonly clock: StoreClock;
  readonly limits: StoreLimits;
  readonly describe: () => MessageDescriber;
  readonly createFileName: () => string;
  /** Length of the WAL at which it is written back. */
  readonly checkpointBytes: number;
  readonly report: (event: StoreEvent) => void;
  /** Called once, when the mailbox breaks. */
  readonly onBroken: () => void;
}
