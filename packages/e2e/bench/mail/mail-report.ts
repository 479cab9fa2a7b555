/** The mail benchmark's results as a table for people. */
import { quantile } from '../backend/bench-row.ts';
import type { MailSample } from './measure-mail.ts';

const TITLE_WIDTH = 46;
const NUMBER_WIDTH = 12;

const FIGURES = [
  ['takenPerSecond', 'messages taken per second'],
  ['cpuMsPerMessage', 'CPU ms per message, delivered'],
  ['deliveredMs', 'ms until all are delivered'],
] as const satisfies readonly (readonly [keyof MailSample, string])[];

/** The line above the rows. @param names Our own first. */
export function formatMailHeading(names: readonly string[]): string {
  const columns = [...names, 'ratio'].map((name) => name.padStart(widthOf(name)));
  return `${''.padEnd(TITLE_WIDTH)}${columns.join('')}  goal`;
}

/** One row: its title, and a line for each figure, medians of all rounds. */
export function formatMailRow(
  title: string,
  samples: ReadonlyMap<string, readonly MailSample[]>,
): string {
  const lines = FIGURES.map(([key, label]) => {
    const values = [...samples].map(([name, all]) => ({ name, value: medianOf(all, key) }));
    const columns = values.map(({ name, value }) => formatNumber(value).padStart(widthOf(name)));
    const [ours, peer] = values;
    const ratio = ours && peer ? ours.value / peer.value : undefined;
    const shown = (ratio?.toFixed(2) ?? '').padStart(NUMBER_WIDTH);
    const goal = key === 'cpuMsPerMessage' ? formatGoal(ratio) : '';
    return `  ${label.padEnd(TITLE_WIDTH - 2)}${columns.join('')}${shown}  ${goal}`.trimEnd();
  });
  return [title, ...lines].join('\n');
}

/** As many messages per core as the peer. */
function formatGoal(ratio: number | undefined): string {
  const goal = '≤ 1 of peer';
  return ratio === undefined ? goal : `${goal}  ${ratio <= 1 ? 'met' : 'MISSED'}`;
}

function medianOf(samples: readonly MailSample[], key: keyof MailSample): number {
  return quantile(
    samples.map((sample) => sample[key]),
    0.5,
  );
}

function widthOf(name: string): number {
  return Math.max(NUMBER_WIDTH, name.length + 2);
}

function formatNumber(value: number): string {
  return value.toFixed(value < 100 ? 2 : 0);
}
