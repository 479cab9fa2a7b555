/** A health page's body: what load balancers read the status of, and people the rest. */
import type { HealthReport, LayerReport } from './health-report.ts';

/** `layer`: of one layer, which decides its own page; `verbose`: of all of them. */
export type HealthDetail = 'plain' | 'layer' | 'verbose';

/** JSON and a line feed. */
export function formatHealth(
  isReady: boolean,
  { layers }: HealthReport,
  detail: HealthDetail,
): string {
  const deciding = Object.entries(layers).filter(([, { decides }]) => decides);
  const failed = deciding.flatMap(([name, { ok, why }]) => (ok ? [] : [[name, why ?? 'down']]));
  const passed = deciding.flatMap(([name, { ok }]) => (ok ? [name] : []));
  const status = isReady ? (failed.length === 0 ? 'ready' : 'degraded') : 'not-ready';
  const page = { status, failed: Object.fromEntries(failed) as object, passed };
  if (detail === 'plain') return `${JSON.stringify(page)}\n`;
  const details = Object.entries(layers).map(([name, layer]) => [name, describe(layer, detail)]);
  const body = { ...page, layers: Object.fromEntries(details) as object };
  return `${JSON.stringify(body, undefined, 2)}\n`;
}

function describe({ ok, why, decides, facts }: LayerReport, detail: HealthDetail): object {
  return {
    ok,
    ...(why !== undefined && { why }),
    ...(detail === 'verbose' && { decides }),
    ...facts,
  };
}
