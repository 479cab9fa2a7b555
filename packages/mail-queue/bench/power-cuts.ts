/**
 * Many power cuts: `node packages/mail-queue/bench/power-cuts.ts [--runs 100] [--seed 1]`. Each
 * run is a schedule of its own seed, cut at several moments. Prints what does not agree, and
 * ends with status 1 if anything does.
 */
import { parseArgs } from 'node:util';
import { runCutSchedule } from '../src/testing/cut-schedule.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
});
const first = Number(values.seed);
const runs = Number(values.runs);
let cutCount = 0;
let faultCount = 0;
for (let seed = first; seed < first + runs; seed += 1) {
  const report = await runCutSchedule(seed);
  cutCount += report.cutCount;
  faultCount += report.faults.length;
  for (const fault of report.faults) process.stdout.write(`${fault}\n`);
}
process.stdout.write(`${runs} runs, ${cutCount} cuts, ${faultCount} faults\n`);
process.exitCode = faultCount === 0 ? 0 : 1;
