/** Jobs that read and write whole mailboxes: for a thread that may block. */
import {
  backupMailbox,
  type BackupSummary,
  readSummary,
  restoreMailbox,
} from '@homeward/mailstore';
import type { BackupFacts, CareAnswer } from './care-job.ts';

export type HeavyJob =
  | {
      readonly kind: 'backup';
      readonly root: string;
      readonly accountId: string;
      readonly target: string;
      readonly nowMs: number;
    }
  | {
      readonly kind: 'restore';
      readonly root: string;
      readonly accountId: string;
      readonly source: string;
      readonly nowMs: number;
    }
  /** Whether there is a backup at all. */
  | { readonly kind: 'look'; readonly source: string };

/** What the system refuses is `failed`; bugs are thrown. */
export async function runHeavyJob(job: HeavyJob): Promise<CareAnswer<BackupFacts>> {
  try {
    const outcome = await start(job);
    return outcome.ok ? { ok: true, value: toFacts(outcome.value) } : outcome;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    return { ok: false, reason: 'failed', detail: error.message };
  }
}

async function start(job: HeavyJob): Promise<CareAnswer<BackupSummary>> {
  switch (job.kind) {
    case 'backup':
      return backupMailbox(job);
    case 'restore':
      return restoreMailbox(job);
    case 'look': {
      const summary = await readSummary(job.source);
      const isOne = typeof summary?.accountId === 'string' && Array.isArray(summary.missingFiles);
      return isOne
        ? { ok: true, value: summary }
        : { ok: false, reason: 'nonexistent', detail: `${job.source} is no backup` };
    }
  }
}

function toFacts({
  missingFiles,
  accountId,
  madeMs,
  messageCount,
  totalBytes,
}: BackupSummary): BackupFacts {
  return { accountId, madeMs, messageCount, totalBytes, missingCount: missingFiles.length };
}
