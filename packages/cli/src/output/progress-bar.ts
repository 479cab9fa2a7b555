/**
 * How far a long command is, on standard error: a bar on a terminal, a line now and then
 * elsewhere, so that a log shows that something happens.
 */
import { systemClock } from '@homeward/service';
import { SingleBar } from 'cli-progress';
import type { OperatorConsole } from './operator-console.ts';

export interface Progress {
  advance(steps: number): void;
  /** A line for people, above the bar. */
  say(text: string): void;
  /** Idempotent; clears the bar. */
  stop(): void;
}

export interface ProgressOptions {
  readonly label: string;
  /** How many steps there will be. */
  readonly total: number;
  readonly unit: 'bytes' | 'messages' | 'mailboxes';
}

/** Short commands leave no line behind. */
const LINE_EVERY_MS = 10_000;

/** Shows nothing if there is nothing to do. */
export function startProgress(console: OperatorConsole, options: ProgressOptions): Progress {
  const { total } = options;
  if (total === 0) return { advance: () => {}, stop: () => {}, say: (text) => console.note(text) };
  return console.hasProgress ? startBar(console, options) : startLines(console, options);
}

function startBar(console: OperatorConsole, { label, total, unit }: ProgressOptions): Progress {
  const counts = unit === 'bytes' ? '' : '  {value} of {total}';
  const bar = new SingleBar({
    format: `${label} {bar} {percentage}%${counts}  {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 100,
    fps: 8,
  });
  let done = 0;
  const start = (): void => {
    bar.start(total, done);
  };
  start();
  return {
    advance: (steps) => {
      done += steps;
      bar.increment(steps);
    },
    say: (text) => {
      bar.stop();
      console.note(text);
      start();
    },
    stop: () => bar.stop(),
  };
}

function startLines(console: OperatorConsole, { label, total, unit }: ProgressOptions): Progress {
  let done = 0;
  const format = unit === 'bytes' ? formatMegabytes : (count: number) => String(count);
  let cancel = (): void => {};
  const next = (): void => {
    cancel = systemClock.after(LINE_EVERY_MS, () => {
      const percent = Math.floor((done / total) * 100);
      console.note(
        `${label}: ${format(done)} of ${format(total)} ${unit}, ${percent} %`.replace(' bytes', ''),
      );
      next();
    });
  };
  next();
  return {
    advance: (steps) => {
      done += steps;
    },
    say: (text) => console.note(text),
    stop: () => cancel(),
  };
}

function formatMegabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
