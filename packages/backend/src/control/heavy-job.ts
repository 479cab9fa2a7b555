/** Jobs that read and write whole mailboxes: for a thread that may block. */
import {
  backupMailbox,
  type BackupSummary,
  readSummary,
  restoreMailbox,
  verifyMailbox,
} from '@homeward/mailstore';
import { createMessageDescriber } from '../mail/message-description.ts';
import type { BackupFacts, CareAnswer, VerifyFacts } from './care-job.ts';

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
  | {
      readonly kind: 'verify';
      readonly root: string;
      readonly accountId: string;
      readonly mends: boolean;
      readonly epoch: number;
      readonly nowMs: number;
    }
  /** Whether there is a backup at all. */
  | { readonly kind: 'look'; readonly source: string };

/** What the system refuses is `failed`; bugs are thrown. */
export async function runHeavyJob(job: HeavyJob): Promise<CareAnswer<BackupFacts | VerifyFacts>> {
  try {
    return await start(job);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    return { ok: false, reason: 'failed', detail: error.message };
  }
}

async function start(job: HeavyJob): Promise<CareAnswer<BackupFacts | VerifyFacts>> {
  switch (job.kind) {
    case 'backup':
      return toFacts(await backupMailbox(job));
    case 'restore':
      return toFacts(await restoreMailbox(job));
    case 'verify':
      return verifyMailbox({ ...job, isMending: job.mends, describe: createMessageDescriber });
    case 'look': {
      const summary = await readSummary(job.source);
      const isOne = typeof summary?.accountId === 'string' && Array.isArray(summary.missingFiles);
      return isOne
        ? toFacts({ ok: true, value: summary })
        : { ok: false, reason: 'nonexistent', detail: `${job.source} is no backup` };
    }
  }
}

function toFacts(outcome: CareAnswer<BackupSummary>): CareAnswer<BackupFacts> {
  if (!outcome.ok) return outcome;
  const { missingFiles, accountId, madeMs, messageCount, totalBytes } = outcome.value;
  const missingCount = missingFiles.length;
  return { ok: true, value: { accountId, madeMs, messageCount, totalBytes, missingCount } };
}
