/** A probe for people: Exchange's columns, then the hops. */
import { formatTable } from '../output/format-table.ts';
import type { ProbeView } from './probe-view.ts';

export function formatProbe(view: ProbeView): string {
  const summary = formatTable(
    ['CasServer', 'LocalSite', 'Scenario', 'Result', 'Latency(ms)', 'Error'],
    [
      [
        view.casServer,
        view.localSite ?? '-',
        view.scenario,
        view.result,
        formatMs(view.latencyMs),
        view.error ?? '',
      ],
    ],
  );
  const hops = formatTable(
    ['hop', 'result', 'latency(ms)', ''],
    view.hops.map(({ hop, result, latencyMs, detail }) => [
      hop,
      result,
      result === 'Skipped' ? '' : formatMs(latencyMs),
      detail ?? '',
    ]),
  );
  return `${summary}\n\n${hops}`;
}

function formatMs(ms: number): string {
  return ms.toFixed(ms < 10 ? 2 : 1);
}
