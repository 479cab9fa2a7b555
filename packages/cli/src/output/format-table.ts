/** Tables for people: no borders, columns that line up, safe to print. */
import Table from 'cli-table3';

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** @param head Column titles; undefined for a table of names and values. */
export function formatTable(
  head: readonly string[] | undefined,
  rows: readonly (readonly string[])[],
  columnWidths?: readonly (number | null)[],
): string {
  const table = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    ...(head !== undefined && { head: head.map((title) => title.toUpperCase()) }),
    ...(columnWidths !== undefined && { colWidths: [...columnWidths], wordWrap: true }),
  });
  for (const row of rows) table.push(row.map(printable));
  const lines = table.toString().split('\n');
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** A row, and what has a line of its own below it. */
export interface FoldedRow {
  readonly cells: readonly string[];
  readonly below: readonly string[];
}

/** For rows that would be wider than a terminal of 80 columns with what is ordinary. */
export function formatFoldedTable(head: readonly string[], rows: readonly FoldedRow[]): string {
  const [titles = '', ...lines] = formatTable(
    head,
    rows.map(({ cells }) => cells),
  ).split('\n');
  const folded = rows.flatMap(({ below }, index) => [
    lines[index] ?? '',
    ...below.map((text) => `  ${printable(text)}`),
  ]);
  return [titles, ...folded].join('\n');
}

/** Records may come from elsewhere: nothing in them reaches the terminal as a command. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}
