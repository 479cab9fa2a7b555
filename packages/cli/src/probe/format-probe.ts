/** A probe for people: Exchange's columns, the hops, and the hosts behind the front end. */
import { type FoldedRow, formatFoldedTable } from '../output/format-table.ts';
import type { HomeHostView, ProbeView } from './probe-view.ts';

/** Of a terminal. */
const WIDTH = 80;
/** Result and latency, and the gaps around them. */
const MEASURE_WIDTH = 24;

export function formatProbe(view: ProbeView): string {
  const { casServer, localSite, scenario, result, latencyMs, error, hops, homes } = view;
  const summary = formatFoldedTable(
    ['CasServer', 'LocalSite', 'Scenario', 'Result', 'Latency(ms)'],
    [
      {
        cells: [casServer, localSite ?? '-', scenario, result, formatMs(latencyMs)],
        below: error === null ? [] : [error],
      },
    ],
  );
  const parts = [
    summary,
    formatMeasures(
      'hop',
      hops.map(({ hop, ...rest }) => ({ name: hop, ...rest })),
    ),
  ];
  if (homes.length > 0) {
    const rows = homes.map(({ host, ...rest }) => ({ name: host, ...rest }));
    parts.push(formatMeasures('home host', rows));
  }
  return parts.join('\n\n');
}

type Measure = Omit<HomeHostView, 'host'> & { readonly name: string };

/** What is worth knowing of each stands beside it, or below where that has no room. */
function formatMeasures(title: string, measures: readonly Measure[]): string {
  const nameWidth = Math.max(title.length, ...measures.map(({ name }) => name.length));
  const room = WIDTH - nameWidth - MEASURE_WIDTH;
  const rows = measures.map(({ name, result, latencyMs, detail }): FoldedRow => {
    const latency = result === 'Skipped' ? '' : formatMs(latencyMs);
    const text = detail ?? '';
    return text.length <= room
      ? { cells: [name, result, latency, text], below: [] }
      : { cells: [name, result, latency, ''], below: [text] };
  });
  return formatFoldedTable([title, 'result', 'latency(ms)', ''], rows);
}

function formatMs(ms: number): string {
  return ms.toFixed(ms < 10 ? 2 : 1);
}
