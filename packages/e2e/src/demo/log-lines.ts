/** What the demo's services log: JSON lines among other output. */
import { waitUntil } from '../poll.ts';
import type { Demo } from './demo.ts';

/** A log line's fields. */
export type LogLine = Readonly<Record<string, unknown>>;

/** Waits for a line with these fields; services write their lines a moment later. */
export function waitForLog(demo: Demo, wanted: LogLine): Promise<LogLine> {
  return waitUntil(`a log line with ${JSON.stringify(wanted)}`, () =>
    listLogLines(demo).find((line) =>
      Object.entries(wanted).every(([name, value]) => line[name] === value),
    ),
  );
}

/** All lines so far. */
export function listLogLines(demo: Demo): readonly LogLine[] {
  return demo.process.output.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      return [JSON.parse(line) as LogLine];
    } catch {
      // Two processes wrote at once, or the end of it is still to come.
      return [];
    }
  });
}
