/** Reads one series of a page of metrics. */

/** @param series As the page has it: `homeward_x_y{protocol="imap",worker="0"}`. */
export function readMetric(page: string, series: string): number | undefined {
  const line = page.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}
