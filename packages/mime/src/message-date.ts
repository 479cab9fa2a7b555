/**
 * The Date field (RFC 5322 §3.3 and §4.3), for SENTBEFORE, SENTON, SENTSINCE and sorting; read
 * leniently: weekday and seconds may be missing, years may be short, zones may be names.
 */

/** A day as the sender saw it, and the moment, where the field names one. */
export interface MessageDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** Milliseconds since 1970 in UTC; without a time of day, midnight UTC of that day. */
  readonly timeMs: number;
}

const monthNames = 'janfebmaraprmayjunjulaugsepoctnovdec';

const zoneHours: Readonly<Record<string, number>> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  z: 0,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
};

const dayPattern = /(?:^|[\s,])(\d{1,2})[\s-]+([a-z]{3})[a-z]*\.?[\s,-]+(\d{2,4})(?=$|[\s,])/i;
const timePattern = /(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*([+-]\d{4}|[a-z]{1,5})?/i;

/** @returns Undefined if the text names no day that exists. */
export function parseMessageDate(text: string): MessageDate | undefined {
  const plain = text.slice(0, 256).replaceAll(/\([^()]*\)/g, ' ');
  const match = dayPattern.exec(plain);
  if (match === null) return undefined;
  const day = Number(match[1]);
  const month = monthNames.indexOf((match[2] as string).toLowerCase()) / 3 + 1;
  const year = expandYear(match[3] as string);
  if (!isDay(year, month, day)) return undefined;
  const minutes = parseMinutes(plain.slice(match.index + match[0].length));
  return { year, month, day, timeMs: Date.UTC(year, month - 1, day) + minutes * 60_000 };
}

/** RFC 5322 §4.3. */
function expandYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  return digits.length === 2 && year < 50 ? 2000 + year : 1900 + year;
}

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return Number.isInteger(month) && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/**
 * RFC 5256 §2.2: an invalid time of day counts as midnight, an invalid zone as UTC.
 * @returns Minutes since midnight in UTC, seconds as a fraction; 0 without a time of day.
 */
function parseMinutes(text: string): number {
  const match = timePattern.exec(text);
  if (match === null) return 0;
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  // RFC 5322 §3.3 knows leap seconds.
  const isTime = hours < 24 && minutes < 60 && seconds <= 60;
  return (isTime ? hours * 60 + minutes + seconds / 60 : 0) - parseZoneMinutes(match[4]);
}

function parseZoneMinutes(zone: string | undefined): number {
  if (zone === undefined) return 0;
  if (!/^[+-]/.test(zone)) return (zoneHours[zone.toLowerCase()] ?? 0) * 60;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3))];
  if (hours >= 24 || minutes >= 60) return 0;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
