/**
 * `npm run bench -- frontend`: our front end beside the proxies that are installed, in one run, by
 * one load generator, one processor for what is measured. Says what was measured; the goals stand
 * beside.
 *
 *     npm run bench -- frontend --quick
 *     npm run bench -- frontend --only 'login' --proxies 'Homeward|Dovecot'
 */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { openBenchWorld } from './frontend/bench-world.ts';
import { drawTable } from './frontend/draw-table.ts';
import { type FrontEndOptions, parseFrontEndOptions, USAGE } from './frontend/front-end-options.ts';
import { createTable, formatTable, type ProxyResult } from './frontend/front-end-report.ts';
import { FRONT_END_ROWS } from './frontend/front-end-rows.ts';
import { PROXY_KINDS } from './frontend/proxies/proxy-kinds.ts';
import { tellOfProcessors } from './frontend/worker-rows.ts';
import { runFrontEndRows } from './frontend/run-front-end-rows.ts';

const options = parseFrontEndOptions(process.argv.slice(2));
if (options.isHelp) process.stdout.write(USAGE);
else process.exit((await Promise.race([runBench(options), untilStopped()])) ? 0 : 1);

/** What was started ends with this process. */
async function untilStopped(): Promise<false> {
  await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)));
  tell('stopped');
  return false;
}

/** @returns whether everything could be measured and every answer was right. */
async function runBench({
  size,
  only,
  proxies,
  isJson,
  svgFile,
}: FrontEndOptions): Promise<boolean> {
  const rows = FRONT_END_ROWS.filter(({ figures }) => figures.some(({ id }) => only.test(id)));
  const figures = rows.flatMap((row) => row.figures).filter(({ id }) => only.test(id));
  const kinds = PROXY_KINDS.filter(({ name }) => proxies.test(name));
  await using world = await openBenchWorld();
  const lacking = tellOfProcessors(figures.map(({ id }) => id));
  const results = await runFrontEndRows(rows, kinds, size, world, tell);
  const table = createTable(figures, results, size);
  if (svgFile !== undefined) await writeFile(svgFile, drawTable(table));
  print(isJson ? JSON.stringify({ size, results, table }, undefined, 2) : formatReport(results));
  return results.every(({ failures }) => failures.length === 0);

  function formatReport(all: readonly ProxyResult[]): string {
    const notes = all.map(({ name, note }) => `${name}: ${note}.`);
    const failures = all.flatMap(({ name, failures: some }) =>
      some.map((why) => `FAILED ${name}: ${why}`),
    );
    return [
      formatTable(table),
      '',
      ...notes,
      ...(lacking ? [`${lacking}.`] : []),
      ...failures,
    ].join('\n');
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
