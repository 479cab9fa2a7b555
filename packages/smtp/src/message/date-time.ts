/** Dates of headers (RFC 5322 §3.3), in UTC. */

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
] as const;

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** @param atMs Milliseconds since 1970. */
export function formatDateTime(atMs: number): string {
  const date = new Date(atMs);
  const day = DAYS[date.getUTCDay()];
  const month = MONTHS[date.getUTCMonth()];
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits);
  return `${day}, ${date.getUTCDate()} ${month} ${date.getUTCFullYear()} ${time.join(':')} +0000`;
}
