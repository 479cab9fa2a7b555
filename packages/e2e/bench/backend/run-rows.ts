/** Runs the rows, the servers in turn, so that what else the machine does hits all alike. */
import { WrongAnswerError } from '../../src/load/imap-load.ts';
import type { BenchRow, RowContext, Sample } from './bench-row.ts';

/** What one server had in one row. */
export type Cell =
  | {
      readonly kind: 'measured';
      /** Nothing warm yet. */
      readonly first: Sample;
      /** Behind the first; empty if a row is measured once. */
      readonly later: readonly Sample[];
    }
  /** The server cannot do it. */
  | { readonly kind: 'not-offered' }
  | { readonly kind: 'failed'; readonly why: string; readonly isWrongAnswer: boolean };

export interface RowResult {
  readonly row: BenchRow;
  /** By the server's name. */
  readonly cells: ReadonlyMap<string, Cell>;
}

/** @param contexts Our own first. */
export async function runRow(row: BenchRow, contexts: readonly RowContext[]): Promise<RowResult> {
  const cells = new Map<string, Cell>();
  const measured = row.hasNoPeer === true ? contexts.slice(0, 1) : contexts;
  const rounds = row.isOnce === true ? 1 : 1 + (contexts[0]?.size.repeatCount ?? 0);
  for (let round = 0; round < rounds; round += 1) {
    // The other way round each time: nobody always comes after the same one.
    const order = round % 2 === 0 ? measured : measured.toReversed();
    for (const context of order) {
      const { name } = context.server;
      const cell = cells.get(name);
      if (cell !== undefined && cell.kind !== 'measured') continue;
      cells.set(name, await measureOnce(row, context, cell));
    }
  }
  return { row, cells };
}

async function measureOnce(
  row: BenchRow,
  context: RowContext,
  before: Extract<Cell, { readonly kind: 'measured' }> | undefined,
): Promise<Cell> {
  try {
    const sample = await row.measure(context);
    if (sample === undefined) return { kind: 'not-offered' };
    if (before === undefined) return { kind: 'measured', first: sample, later: [] };
    return { ...before, later: [...before.later, sample] };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', why, isWrongAnswer: error instanceof WrongAnswerError };
  }
}
