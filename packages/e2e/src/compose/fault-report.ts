/** What a fault was like for those who used mail meanwhile, from the ledger's evidence. */
import type { FailureKind, Ledger, Operation } from './ledger.ts';

export interface FaultReport {
  readonly fault: string;
  /** Programs that saw any failure, by site. */
  readonly hitPrograms: ReadonlyMap<string, number>;
  readonly failures: ReadonlyMap<FailureKind, number>;
  /** Until the last program that was hit worked again; 0 if none was. */
  readonly lastedMs: number;
  /** The longest that any one program went without a success. */
  readonly longestSilenceMs: number;
  readonly promiseCount: number;
  readonly breachCount: number;
}

/** Where the ledger stood when the fault began. */
export interface FaultStart {
  readonly atMs: number;
  readonly operationCount: number;
  readonly promiseCount: number;
  readonly breachCount: number;
}

/** Call it right before the fault. */
export function markStart({ operations, promises, breaches }: Ledger): FaultStart {
  return {
    atMs: Date.now(),
    operationCount: operations.length,
    promiseCount: promises.length,
    breachCount: breaches.length,
  };
}

/** Call it when every program works again. */
export function reportFault(fault: string, ledger: Ledger, start: FaultStart): FaultReport {
  const during = ledger.operations.slice(start.operationCount);
  const failures = new Map<FailureKind, number>();
  const hitPrograms = new Map<string, number>();
  let lastedMs = 0;
  let longestSilenceMs = 0;
  for (const operations of byProgram(during)) {
    const { isHit, overAtMs, silenceMs } = judgeProgram(operations, start.atMs, failures);
    longestSilenceMs = Math.max(longestSilenceMs, silenceMs);
    if (!isHit) continue;
    const site = operations[0]?.site ?? '';
    hitPrograms.set(site, (hitPrograms.get(site) ?? 0) + 1);
    lastedMs = Math.max(lastedMs, overAtMs - start.atMs);
  }
  return {
    fault,
    hitPrograms,
    failures,
    lastedMs,
    longestSilenceMs,
    promiseCount: ledger.promises.length - start.promiseCount,
    breachCount: ledger.breaches.length - start.breachCount,
  };
}

function byProgram(operations: readonly Operation[]): readonly (readonly Operation[])[] {
  const programs = new Map<string, Operation[]>();
  for (const operation of operations) {
    const own = programs.get(operation.client) ?? [];
    own.push(operation);
    programs.set(operation.client, own);
  }
  return [...programs.values()];
}

function judgeProgram(
  operations: readonly Operation[],
  startMs: number,
  failures: Map<FailureKind, number>,
): { readonly isHit: boolean; readonly overAtMs: number; readonly silenceMs: number } {
  let lastSuccessMs = startMs;
  let silenceMs = 0;
  let overAtMs = startMs;
  let isDown = false;
  let isHit = false;
  for (const { failure, endedAtMs } of operations) {
    if (failure !== undefined) {
      failures.set(failure, (failures.get(failure) ?? 0) + 1);
      isDown = true;
      isHit = true;
      continue;
    }
    silenceMs = Math.max(silenceMs, endedAtMs - lastSuccessMs);
    lastSuccessMs = endedAtMs;
    if (isDown) overAtMs = endedAtMs;
    isDown = false;
  }
  return { isHit, overAtMs, silenceMs };
}

const HEADINGS = ['fault', 'hit', 'answers', 'lasted', 'silence', 'promised', 'breaches'] as const;

/** A table for people. */
export function formatFaultTable(reports: readonly FaultReport[]): string {
  const rows = reports.map((report) => [
    report.fault,
    formatCounts(report.hitPrograms) || 'nobody',
    formatCounts(report.failures) || '-',
    report.lastedMs === 0 ? '-' : `${report.lastedMs} ms`,
    `${report.longestSilenceMs} ms`,
    String(report.promiseCount),
    String(report.breachCount),
  ]);
  const all = [[...HEADINGS], ...rows];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...all.map((row) => (row[column] ?? '').length)),
  );
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [lines[0], '-'.repeat(lines[0]?.length ?? 0), ...lines.slice(1)].join('\n');
}

function formatCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
}
