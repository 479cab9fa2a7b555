/**
 * Days and moments as IMAP writes them (RFC 3501 §9 date, date-time).
 */
import type { CalendarDay, InternalDate } from './command.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH_NUMBERS: ReadonlyMap<string, number> = new Map(
  MONTHS.map((name, index) => [name.toLowerCase(), index + 1]),
);
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

// Both have a bounded number of fixed-width parts: nothing for a matcher to retry.
const DATE = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/;
/**
 * Deviation: RFC 3501 §9 date-day-fixed has two octets; migration scripts write one digit, and
 * nothing else can be meant.
 */
const DATE_TIME = /^( ?\d|\d\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/;

/** @returns The day that `date-text` names, or undefined if there is no such day. */
export function parseCalendarDay(text: string): CalendarDay | undefined {
  const match = DATE.exec(text);
  return match === null ? undefined : dayOf(match[1], match[2], match[3]);
}

function dayOf(
  dayText: string | undefined,
  monthName: string | undefined,
  yearText: string | undefined,
): CalendarDay | undefined {
  const month = MONTH_NUMBERS.get(monthName?.toLowerCase() ?? '');
  if (month === undefined) return undefined;
  const day = Number(dayText);
  const year = Number(yearText);
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const dayLimit = month === 2 && !isLeapYear ? 28 : (DAYS_IN_MONTH[month - 1] ?? 0);
  return day >= 1 && day <= dayLimit ? { year, month, day } : undefined;
}

/** Reads the inside of a `date-time`'s quotes. A leap second counts as the next minute's first. */
export function parseInternalDate(text: string): InternalDate | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const day = dayOf(match[1], match[2], match[3]);
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6])];
  const [zoneHour, zoneMinute] = [Number(match[8]), Number(match[9])];
  if (day === undefined || hour > 23 || minute > 59 || second > 60) return undefined;
  if (zoneHour > 23 || zoneMinute > 59) return undefined;
  const zoneSize = zoneHour * 60 + zoneMinute;
  const zoneMinutes = match[7] === '-' && zoneSize > 0 ? -zoneSize : zoneSize;
  const moment = new Date(0);
  // Not Date.UTC: it takes the years 0 to 99 for 1900 to 1999.
  moment.setUTCFullYear(day.year, day.month - 1, day.day);
  moment.setUTCHours(hour, minute, second);
  return { epochMs: moment.getTime() - zoneMinutes * MINUTE_MS, zoneMinutes };
}

/** Writes `date-time` with its quotes; the day is two octets wide (date-day-fixed). */
export function formatInternalDate(date: InternalDate): string {
  const localMs = date.epochMs + date.zoneMinutes * MINUTE_MS;
  const dayNumber = Math.floor(localMs / DAY_MS);
  const seconds = Math.floor((localMs - dayNumber * DAY_MS) / 1_000);
  const minutes = Math.floor(seconds / 60);
  const time = `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}`;
  const zone = Math.abs(date.zoneMinutes);
  const sign = date.zoneMinutes < 0 ? '-' : '+';
  const zoneText = `${sign}${twoDigits(Math.floor(zone / 60))}${twoDigits(zone % 60)}`;
  return `"${formatDay(dayNumber)} ${time} ${zoneText}"`;
}

/** The day written last: neighbours in a folder mostly came on the same. */
let lastDay = { dayNumber: Number.NaN, text: '' };

function formatDay(dayNumber: number): string {
  if (dayNumber === lastDay.dayNumber) return lastDay.text;
  const local = new Date(dayNumber * DAY_MS);
  const day = String(local.getUTCDate()).padStart(2, ' ');
  const month = MONTHS[local.getUTCMonth()] ?? 'Jan';
  const year = String(Math.min(Math.max(local.getUTCFullYear(), 0), 9999)).padStart(4, '0');
  lastDay = { dayNumber, text: `${day}-${month}-${year}` };
  return lastDay.text;
}

function twoDigits(number: number): string {
  return number < 10 ? `0${number}` : `${number}`;
}

/** Writes `date-text`, unquoted. */
export function formatCalendarDay(day: CalendarDay): string {
  return `${day.day}-${MONTHS[day.month - 1] ?? 'Jan'}-${String(day.year).padStart(4, '0')}`;
}
