/**
 * Puts the metrics of several processes together on one page. Each process has labelled its own
 * series, so nothing is added up; but Prometheus's text format wants all series of a metric
 * behind one another.
 */

/** What the text has as content type. */
export const METRICS_CONTENT_TYPE: string = 'text/plain; version=0.0.4; charset=utf-8';

/** @param texts As `Metrics.format` gives them. */
export function mergeMetricTexts(texts: readonly string[]): string {
  const series = new Map<string, string[]>();
  for (const text of texts) {
    for (const block of text.trimEnd().split('\n\n')) {
      const lines = block.split('\n');
      // `# HELP name …` and `# TYPE name …`, the same for all processes of a service.
      const head = lines.slice(0, 2).join('\n');
      const known = series.get(head);
      if (known === undefined) series.set(head, lines.slice(2));
      else known.push(...lines.slice(2));
    }
  }
  return [...series].map(([head, lines]) => `${[head, ...lines].join('\n')}\n`).join('\n');
}
