/** Keeps a log's files within their age and their total size. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isFileOf } from './log-file-names.ts';

interface LogFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly changedMs: number;
}

export interface RetentionLimits {
  /** 0: no file is too old. */
  readonly maxAgeMs: number;
  readonly maxTotalBytes: number;
}

/**
 * Deletes files of one log that are too old, then the oldest until the rest is small enough.
 * Other files of the folder are never touched. Others may do the same at the same time.
 *
 * @param keep The file that is being written: it counts, and stays.
 * @returns How many were deleted. Rejects where the folder cannot be read or written.
 */
export async function removeOldFiles(
  folder: string,
  prefix: string,
  keep: string | undefined,
  { maxAgeMs, maxTotalBytes }: RetentionLimits,
  nowMs: number,
): Promise<number> {
  const files = await listFiles(folder, prefix);
  let totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let removed = 0;
  for (const { path, sizeBytes, changedMs } of files) {
    const isTooOld = maxAgeMs > 0 && nowMs - changedMs > maxAgeMs;
    if (path === keep || (!isTooOld && totalBytes <= maxTotalBytes)) continue;
    await rm(path, { force: true });
    totalBytes -= sizeBytes;
    removed += 1;
  }
  return removed;
}

/** The oldest first. */
async function listFiles(folder: string, prefix: string): Promise<readonly LogFile[]> {
  const files: LogFile[] = [];
  for (const name of await readdir(folder)) {
    if (!isFileOf(prefix, name)) continue;
    const path = join(folder, name);
    // Another process may have deleted it a moment ago.
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true) {
      files.push({ path, sizeBytes: found.size, changedMs: found.mtimeMs });
    }
  }
  return files.toSorted((a, b) => a.changedMs - b.changedMs);
}
