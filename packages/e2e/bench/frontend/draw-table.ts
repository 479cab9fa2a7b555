/** Draws the benchmark's table as an SVG that can be read on light and on dark pages. */
import type { Table, TableLine } from './front-end-report.ts';

const LINE_HEIGHT = 30;
const TITLE_WIDTH = 330;
const COLUMN_WIDTH = 104;
const GOAL_WIDTH = 96;
const MARGIN = 16;
const HEADING_HEIGHT = 56;

const STYLE = `
    text { font: 13px system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328 }
    .heading { font-weight: 600 }
    .ours { font-weight: 700 }
    .quiet { fill: #59636e }
    .reached { fill: #1a7f37; font-weight: 700 }
    .missed { fill: #9a6700 }
    .page { fill: #ffffff; stroke: #d1d9e0 }
    .band { fill: #f6f8fa }
    .column { fill: #0969da; fill-opacity: 0.08 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .quiet { fill: #9198a1 }
      .reached { fill: #3fb950 }
      .missed { fill: #d29922 }
      .page { fill: #0d1117; stroke: #3d444d }
      .band { fill: #161b22 }
      .column { fill: #4493f8; fill-opacity: 0.14 }
    }`;

/** The first column of the table is ours. */
export function drawTable({ columns, lines }: Table): string {
  const width = 2 * MARGIN + TITLE_WIDTH + columns.length * COLUMN_WIDTH + GOAL_WIDTH;
  const height = HEADING_HEIGHT + lines.length * LINE_HEIGHT + MARGIN;
  const isBanded = (index: number): boolean => index % 2 === 0;
  const parts = [
    `<rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...lines.flatMap((_unused, index) => (isBanded(index) ? [drawBand(index, width)] : [])),
    `<rect class="column" x="${rightOf(-1) + 12}" y="8" width="${COLUMN_WIDTH}" height="${height - 16}" rx="6"/>`,
    ...columns.flatMap((name, index) => drawHeading(name, index)),
    drawText(rightOf(columns.length), 38, 'goal', 'heading quiet', 'end'),
    ...lines.flatMap((line, index) => drawLine(line, index)),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Homeward's front end beside other proxies">
  <style>${STYLE}
  </style>
  ${parts.join('\n  ')}
</svg>
`;
}

/** Long names take two lines. */
function drawHeading(name: string, index: number): readonly string[] {
  const [first = '', second] = name.split(', ');
  const kind = index === 0 ? 'ours' : 'heading';
  if (second === undefined) return [drawText(rightOf(index), 38, first, kind, 'end')];
  return [
    drawText(rightOf(index), 24, `${first},`, kind, 'end'),
    drawText(rightOf(index), 40, second, kind, 'end'),
  ];
}

function drawBand(index: number, width: number): string {
  const top = HEADING_HEIGHT + index * LINE_HEIGHT;
  return `<rect class="band" x="8" y="${top}" width="${width - 16}" height="${LINE_HEIGHT}" rx="4"/>`;
}

function drawLine({ title, cells, goal, isReached }: TableLine, index: number): readonly string[] {
  const baseline = HEADING_HEIGHT + index * LINE_HEIGHT + 20;
  const verdict = isReached === undefined ? 'quiet' : isReached ? 'reached' : 'missed';
  const mark = isReached === undefined ? '' : isReached ? ' ✓' : ' ✗';
  return [
    drawText(MARGIN, baseline, title, '', 'start'),
    ...cells.map((cell, column) =>
      drawText(rightOf(column), baseline, cell || '–', column === 0 ? 'ours' : '', 'end'),
    ),
    drawText(rightOf(cells.length), baseline, goal + mark, verdict, 'end'),
  ];
}

/** Where a column's numbers end; -1 is the titles' column. */
function rightOf(column: number): number {
  return MARGIN + TITLE_WIDTH + (column + 1) * COLUMN_WIDTH - 12;
}

function drawText(x: number, y: number, text: string, kind: string, anchor: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const attributes = kind === '' ? '' : ` class="${kind}"`;
  return `<text x="${x}" y="${y}" text-anchor="${anchor}"${attributes}>${escaped}</text>`;
}
