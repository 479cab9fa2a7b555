/** A progress bar on standard error; nothing at all where that is no terminal. */
import { SingleBar } from 'cli-progress';

export interface ProgressBar {
  advance(steps: number): void;
  /** Idempotent; clears the line. */
  stop(): void;
}

const SILENT: ProgressBar = { advance: () => {}, stop: () => {} };

/** @param total How many steps there will be. */
export function startProgressBar(isShown: boolean, label: string, total: number): ProgressBar {
  if (!isShown || total === 0) return SILENT;
  const bar = new SingleBar({
    format: `${label} {bar} {percentage}%  {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 100,
    fps: 8,
  });
  bar.start(total, 0);
  return { advance: (steps) => bar.increment(steps), stop: () => bar.stop() };
}
