/** What a mailbox may hold, counted over all its folders, each copy by itself. */

export interface QuotaBounds {
  readonly mailboxBytes: number;
  /** Undefined: any number of messages. */
  readonly mailboxMessageCount: number | undefined;
}

/** What it holds, as the asker sees it: a transaction, or the published state. */
export interface QuotaUse {
  readonly totalBytes: number;
  readonly messageCount: number;
}

/** True if what comes must be refused. */
export function isOverQuota(used: QuotaUse, coming: QuotaUse, bounds: QuotaBounds): boolean {
  const { mailboxBytes, mailboxMessageCount = Infinity } = bounds;
  if (coming.messageCount === 0) return false;
  return (
    used.totalBytes + coming.totalBytes > mailboxBytes ||
    used.messageCount + coming.messageCount > mailboxMessageCount
  );
}
