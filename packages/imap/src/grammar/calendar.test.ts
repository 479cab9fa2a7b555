import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCalendarDay, formatInternalDate, parseCalendarDay } from './calendar.ts';
import { parseInternalDate } from './calendar.ts';

describe('parseInternalDate()', () => {
  it.each([
    ['17-Jul-1996 02:44:25 -0700', Date.UTC(1996, 6, 17, 9, 44, 25), -420],
    [' 1-feb-2024 00:00:00 +0530', Date.UTC(2024, 0, 31, 18, 30, 0), 330],
    ['1-Feb-2024 00:00:00 +0000', Date.UTC(2024, 1, 1), 0],
    ['29-Feb-2024 23:59:60 -0000', Date.UTC(2024, 2, 1), 0],
    ['01-Jan-1970 00:00:00 +0000', 0, 0],
  ])('reads %j', (text, epochMs, zoneMinutes) => {
    expect(parseInternalDate(text)).toEqual({ epochMs, zoneMinutes });
  });

  it.each([
    '',
    '17-Jul-1996 02:44:25',
    '17-Jul-96 02:44:25 -0700',
    '32-Jul-1996 02:44:25 -0700',
    '29-Feb-2023 02:44:25 -0700',
    '00-Jul-1996 02:44:25 -0700',
    '17-Xyz-1996 02:44:25 -0700',
    '17-Jul-1996 24:00:00 -0700',
    '17-Jul-1996 02:60:00 -0700',
    '17-Jul-1996 02:44:61 -0700',
    '17-Jul-1996 02:44:25 -2400',
    '17-Jul-1996 02:44:25 -0760',
    '17-Jul-1996 02:44:25 PST',
    '17-Jul-1996  02:44:25 -0700',
    ' 17-Jul-1996 02:44:25 -0700',
  ])('refuses %j', (text) => {
    expect(parseInternalDate(text)).toBeUndefined();
  });
});

describe('formatInternalDate()', () => {
  it('pads the day with a blank (RFC 3501 §9 date-day-fixed)', () => {
    const date = { epochMs: Date.UTC(2024, 1, 1, 3, 4, 5), zoneMinutes: -90 };
    expect(formatInternalDate(date)).toBe('" 1-Feb-2024 01:34:05 -0130"');
  });

  it('is undone by parsing, for every moment of four-digit years', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -62_167_000_000, max: 253_402_000_000 }),
        fc.integer({ min: -1439, max: 1439 }),
        (epochSeconds, zoneMinutes) => {
          const date = { epochMs: epochSeconds * 1000, zoneMinutes };
          expect(parseInternalDate(formatInternalDate(date).slice(1, -1))).toEqual(date);
        },
      ),
    );
  });
});

describe('parseCalendarDay()', () => {
  it.each(['1-Feb-2024', '29-Feb-2000', '31-Dec-9999', '1-Jan-0000'])('reads %j', (text) => {
    const day = parseCalendarDay(text);
    expect(day && formatCalendarDay(day)).toBe(text);
  });

  it.each(['0-Feb-2024', '30-Feb-2024', '29-Feb-1900', '31-Apr-2024', '1-Feb-24', 'Feb-1-2024'])(
    'refuses %j',
    (text) => {
      expect(parseCalendarDay(text)).toBeUndefined();
    },
  );
});
