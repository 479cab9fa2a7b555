/** How often `homeward ldap sync --every` runs: `90s`, `15m`, `1h`. */

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
const LEAST_MS = 60_000;
const MOST_MS = 24 * 3_600_000;

/** Milliseconds; undefined if it is no time, or not between a minute and a day. */
export function parseSyncInterval(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const intervalMs = Number(digits) * (UNIT_MS[unit] ?? 0);
  return intervalMs >= LEAST_MS && intervalMs <= MOST_MS ? intervalMs : undefined;
}
