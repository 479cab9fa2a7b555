/** The front-end benchmark's results as a table of medians, with the goals judged. */
import { quantile } from '../backend/bench-row.ts';
import type { FrontEndSize } from './front-end-options.ts';
import type { Figure, Figures } from './front-end-row.ts';
import { OURS, OURS_TLS } from './proxies/proxy-kinds.ts';

/** One proxy's measurements. */
export interface ProxyResult {
  readonly name: string;
  readonly note: string;
  readonly samples: readonly Figures[];
  /** Why a measurement failed, by the ids of its figures. */
  readonly failures: readonly string[];
}

/** One line of the table. */
export interface TableLine {
  readonly title: string;
  /** One for each proxy; '' where nothing was measured. */
  readonly cells: readonly string[];
  readonly goal: string;
  /** Whether ours has reached it; undefined without a goal or a figure. */
  readonly isReached: boolean | undefined;
}

export interface Table {
  readonly columns: readonly string[];
  readonly lines: readonly TableLine[];
}

export function createTable(
  figures: readonly Figure[],
  results: readonly ProxyResult[],
  size: FrontEndSize,
): Table {
  return {
    columns: results.map(({ name }) => name),
    // What nobody has (two workers' rate on two processors) is told of below.
    lines: figures
      .map((figure) => createLine(figure, results, size))
      .filter(({ cells }) => cells.some((cell) => cell !== '')),
  };
}

function createLine(
  figure: Figure,
  results: readonly ProxyResult[],
  size: FrontEndSize,
): TableLine {
  const medians = new Map(results.map(({ name, samples }) => [name, medianOf(samples, figure.id)]));
  const ours = medians.get(OURS) ?? medians.get(OURS_TLS);
  const limit = limitOf(figure, medians, results);
  const isKnown = ours !== undefined && limit !== undefined;
  return {
    title: figure.title(size),
    cells: [...medians.values()].map((value) => value?.toFixed(figure.decimals) ?? ''),
    goal: limit === undefined ? '' : `${sign(figure)} ${limit.toFixed(figure.decimals)}`,
    isReached: isKnown ? (figure.best === 'low' ? ours <= limit : ours >= limit) : undefined,
  };
}

function limitOf(
  { goal }: Figure,
  medians: ReadonlyMap<string, number | undefined>,
  results: readonly ProxyResult[],
): number | undefined {
  if (goal === undefined) return undefined;
  if (goal.kind === 'absolute') return goal.value;
  if (goal.kind === 'of-figure') {
    const other = ourMedian(results, goal.id);
    return other === undefined ? undefined : other * goal.times;
  }
  const peer = medians.get(goal.peer);
  return peer === undefined ? undefined : peer * goal.times;
}

function ourMedian(results: readonly ProxyResult[], id: string): number | undefined {
  const ours =
    results.find(({ name }) => name === OURS) ?? results.find(({ name }) => name === OURS_TLS);
  return ours === undefined ? undefined : medianOf(ours.samples, id);
}

function sign({ best }: Figure): string {
  return best === 'low' ? '≤' : '≥';
}

/** @returns undefined if it was never measured. */
export function medianOf(samples: readonly Figures[], id: string): number | undefined {
  const values = samples.flatMap((sample) => sample[id] ?? []);
  return values.length === 0 ? undefined : quantile(values, 0.5);
}

/** As Markdown. */
export function formatTable({ columns, lines }: Table): string {
  const heading = ['figure', ...columns, 'goal', ''];
  const rows = lines.map(({ title, cells, goal, isReached }) => [
    title,
    ...cells.map((cell) => cell || '-'),
    goal,
    isReached === undefined ? '' : isReached ? '✓' : '✗',
  ]);
  const widths = heading.map((text, column) =>
    Math.max(3, text.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const format = (row: readonly string[]): string =>
    `| ${row.map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => '-'.repeat(width + 1) + (column === 0 ? '-' : ':')).join('|')}|`;
  return [format(heading), rule, ...rows.map(format)].join('\n');
}
