/** What an import did, or would do, for people and for scripts. */
import { formatTable } from '../output/format-table.ts';
import type { FolderPlan, PlannedFolder } from './folder-plan.ts';
import type { ImportTarget } from './import-target.ts';
import type { ImportResult } from './run-import.ts';

/** A folder of `--dry-run`; a contract with scripts. */
export interface PlannedFolderView {
  readonly source: string;
  readonly target: string;
  /** Whether the target is there already. */
  readonly exists: boolean;
  /** Null where the source does not say it without being read. */
  readonly messageCount: number | null;
  readonly sizeBytes: number | null;
}

export function viewPlan(plan: FolderPlan, target: ImportTarget): readonly PlannedFolderView[] {
  return plan.planned.map(({ folder, target: path }: PlannedFolder) => ({
    source: folder.name,
    target: path,
    exists: target.hasFolder(path),
    messageCount: folder.messageCount ?? null,
    sizeBytes: folder.sizeBytes ?? null,
  }));
}

export function formatPlan(
  folders: readonly PlannedFolderView[],
  leftOut: FolderPlan['leftOut'],
): string {
  const table = formatTable(
    ['from', 'to', '', 'messages', 'MB'],
    folders.map(({ source, target, exists, messageCount, sizeBytes }) => [
      source,
      target,
      exists ? '' : 'new',
      messageCount === null ? '?' : String(messageCount),
      sizeBytes === null ? '?' : (sizeBytes / 1_000_000).toFixed(1),
    ]),
  );
  return [table, ...formatLeftOut(leftOut), 'Nothing was imported.'].join('\n');
}

export function formatResult(result: ImportResult, address: string): string {
  const { importedCount, skippedCount, failedCount, folders, leftOut } = result;
  const parts = [
    `${importedCount} imported`,
    ...(skippedCount > 0 ? [`${skippedCount} there already`] : []),
    ...(failedCount > 0 ? [`${failedCount} failed`] : []),
  ];
  const summary = `${address}: ${parts.join(', ')}, from ${folders.length} folder(s).`;
  return [summary, ...formatLeftOut(leftOut)].join('\n');
}

function formatLeftOut(leftOut: FolderPlan['leftOut']): readonly string[] {
  return leftOut
    .filter(({ reason }) => reason !== 'not chosen')
    .map(
      ({ name, reason }) => `Left out: ${name}, since ${reason}. Name it by --folder to have it.`,
    );
}
