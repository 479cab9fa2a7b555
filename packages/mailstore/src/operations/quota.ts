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

/** True if one more message of this size must be refused. */
export function isOverQuota(used: QuotaUse, sizeBytes: number, bounds: QuotaBounds): boolean {
  const { mailboxBytes, mailboxMessageCount = Infinity } = bounds;
  return used.totalBytes + sizeBytes > mailboxBytes || used.messageCount + 1 > mailboxMessageCount;
}
