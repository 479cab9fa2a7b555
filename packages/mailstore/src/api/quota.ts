/** What is used of a mailbox's bounds. */

/** What is used of something bounded. */
export interface QuotaUsage {
  readonly used: number;
  /** Undefined: unbounded. */
  readonly limit: number | undefined;
}

/** Counted exactly, over all folders, each copy by itself. */
export interface QuotaRecord {
  readonly storageBytes: QuotaUsage;
  readonly messages: QuotaUsage;
}

/** Limits of one mailbox; undefined: the store's. */
export interface QuotaLimits {
  readonly storageBytes: number | undefined;
  readonly messages: number | undefined;
}

/** Totals over all folders, each copy counted. */
export interface MailboxUsage {
  readonly messageCount: number;
  readonly totalBytes: number;
}
