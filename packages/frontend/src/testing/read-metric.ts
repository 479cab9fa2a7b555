/** Reads one series of a page of metrics. */

/** @param series As the page has it, labels in any order: `homeward_x_y{protocol="imap"}`. */
export function readMetric(page: string, series: string): number | undefined {
  const wanted = normalize(series);
  for (const line of page.split('\n')) {
    const end = line.lastIndexOf(' ');
    if (normalize(line.slice(0, end)) === wanted) return Number(line.slice(end + 1));
  }
  return undefined;
}

function normalize(series: string): string {
  const [name = '', labels = ''] = series.split(/[{}]/);
  return [name, ...labels.split(',').toSorted()].join();
}
