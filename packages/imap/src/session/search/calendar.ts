/** Days, as SEARCH compares them: without time and zone (RFC 3501 §6.4.4). */
import type { CalendarDay, InternalDate } from '../../grammar/command.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Days since 1970-01-01. */
export type DayNumber = number;

export function dayNumberOf(day: CalendarDay): DayNumber {
  return Math.floor(Date.UTC(day.year, day.month - 1, day.day) / DAY_MS);
}

/** The day on the calendar of whoever gave the date: its own zone counts. */
export function dayNumberOfInternalDate(date: InternalDate): DayNumber {
  return Math.floor((date.epochMs + date.zoneMinutes * MINUTE_MS) / DAY_MS);
}
