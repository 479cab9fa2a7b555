/** The benchmark's results as a table for people, or as JSON. */
import type { BenchRow, BenchSize, Goal, Sample } from './bench-row.ts';
import { quantile } from './bench-row.ts';
import type { Cell, RowResult } from './run-rows.ts';

const HEADINGS = ['first', 'warm', 'CPU'] as const;
const TITLE_WIDTH = 64;
const NUMBER_WIDTH = 9;
const VERDICT_WIDTH = 16;

/** The line above the rows. @param names Of the servers, our own first. */
export function formatHeading(names: readonly string[]): string {
  const columns = names.map((name) =>
    HEADINGS.map((heading, at) => (at === 1 ? `${name} ` : '') + heading)
      .map((text) => text.padStart(at(text)))
      .join(''),
  );
  return `${''.padEnd(TITLE_WIDTH)}${columns.join('')}${'ratio'.padStart(NUMBER_WIDTH)}  goal`;
}

function at(text: string): number {
  return Math.max(NUMBER_WIDTH, text.length + 2);
}

/** One row of the table, and a line for each remark. */
export function formatRow(
  { row, cells }: RowResult,
  names: readonly string[],
  size: BenchSize,
): string {
  const columns = names.map((name) => formatCell(row, cells.get(name), name)).join('');
  const [ours, peer] = names.map((name) => typicalOf(cells.get(name)));
  const ratio = ours !== undefined && peer !== undefined ? (ours / peer).toFixed(2) : '';
  const verdict = formatGoal(row.goal, row.unit, ours, peer);
  const remarks = names.flatMap((name) => formatRemark(cells.get(name), name));
  const line = `${row.title(size).padEnd(TITLE_WIDTH)}${columns}${ratio.padStart(NUMBER_WIDTH)}  ${verdict}`;
  return [line, ...remarks].join('\n');
}

function formatCell(row: BenchRow, cell: Cell | undefined, name: string): string {
  const widths = [NUMBER_WIDTH, at(`${name} warm`), NUMBER_WIDTH];
  const texts = cell === undefined ? ['', '', ''] : formatTexts(row, cell);
  return texts.map((text, index) => text.padStart(widths[index] ?? NUMBER_WIDTH)).join('');
}

function formatTexts({ unit }: BenchRow, cell: Cell): string[] {
  if (cell.kind !== 'measured') return ['', cell.kind === 'failed' ? 'FAILED' : '-', ''];
  const cpu = medianOf(samplesOf(cell).flatMap(({ cpuMs }) => cpuMs ?? []));
  const typical = `${formatNumber(typicalOf(cell))}${unit === 'ms' ? '' : ` ${unit}`}`;
  const first = cell.later.length > 0 ? formatNumber(cell.first.value) : '';
  return [first, typical, formatNumber(cpu)];
}

function formatRemark(cell: Cell | undefined, name: string): string[] {
  if (cell?.kind === 'failed') return [`    ${name}: ${cell.why}`];
  if (cell?.kind !== 'measured') return [];
  const { note } = cell.first;
  return note === undefined ? [] : [`    ${name}: ${note}`];
}

function formatGoal(
  goal: Goal,
  unit: BenchRow['unit'],
  ours: number | undefined,
  peer: number | undefined,
): string {
  const text = {
    'of-peer': goal.kind === 'of-peer' ? `≤ ${goal.share} of peer` : '',
    'at-most': goal.kind === 'at-most' ? `≤ ${goal.value} ${unit}` : '',
    'at-least': goal.kind === 'at-least' ? `≥ ${goal.value} ${unit}` : '',
  }[goal.kind];
  const isMet = judge(goal, ours, peer);
  return isMet === undefined ? text : `${text.padEnd(VERDICT_WIDTH)}${isMet ? 'met' : 'MISSED'}`;
}

/** @returns undefined if there is nothing to judge by. */
function judge(
  goal: Goal,
  ours: number | undefined,
  peer: number | undefined,
): boolean | undefined {
  if (ours === undefined) return undefined;
  if (goal.kind === 'at-most') return ours <= goal.value;
  if (goal.kind === 'at-least') return ours >= goal.value;
  return peer === undefined ? undefined : ours <= goal.share * peer;
}

/** The median behind the first measurement, or the only one. */
function typicalOf(cell: Cell | undefined): number | undefined {
  return cell?.kind === 'measured'
    ? medianOf(samplesOf(cell).map(({ value }) => value))
    : undefined;
}

function samplesOf(cell: Extract<Cell, { readonly kind: 'measured' }>): readonly Sample[] {
  return cell.later.length > 0 ? cell.later : [cell.first];
}

function medianOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : quantile(values, 0.5);
}

function formatNumber(value: number | undefined): string {
  if (value === undefined) return '';
  return value.toFixed(value < 100 ? 1 : 0);
}

/** Everything that was measured. */
export function formatJson(results: readonly RowResult[], size: BenchSize): string {
  const rows = results.map(({ row, cells }) => ({
    id: row.id,
    title: row.title(size),
    unit: row.unit,
    goal: row.goal,
    servers: Object.fromEntries(cells),
  }));
  return JSON.stringify({ size, rows }, undefined, 2);
}
