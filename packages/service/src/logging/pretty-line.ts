/** One JSON log line as a person reads it in a terminal. */

const COLOURS: Readonly<Record<string, string>> = {
  debug: '\u001b[2m',
  info: '\u001b[32m',
  warn: '\u001b[33m',
  error: '\u001b[31m',
  fatal: '\u001b[41m',
};
const OFF = '\u001b[0m';
const NOT_SHOWN: ReadonlySet<string> = new Set(['time', 'level', 'event', 'service', 'worker']);

/** @returns The line with its line feed; a line that is not JSON comes back as it is. */
export function formatPrettyLine(json: string): string {
  let line: Record<string, unknown>;
  try {
    line = JSON.parse(json) as Record<string, unknown>;
  } catch {
    return json;
  }
  const { time, level, event, service, worker } = line;
  const clock = typeof time === 'string' ? time.slice(11, 23) : '';
  const name = typeof level === 'string' ? level : '';
  const place = typeof service === 'string' ? service : '';
  const who = typeof worker === 'number' ? `${place}/${worker}` : place;
  const fields = Object.entries(line)
    .filter(([key]) => !NOT_SHOWN.has(key))
    .map(([key, value]) => `${key}=${formatValue(value)}`);
  const colour = COLOURS[name] ?? '';
  const head = `${clock} ${colour}${name.padEnd(5)}${OFF} ${who} ${String(event)}`;
  return `${[head, ...fields].join(' ')}\n`;
}

// Quoted unless harmless: a log line must not move a terminal's cursor.
function formatValue(value: unknown): string {
  if (typeof value === 'string' && /^[\w.:@/+-]+$/.test(value)) return value;
  return JSON.stringify(value).replaceAll(/[\u007f-\u009f\u2028\u2029]/g, '?');
}
