/** Date fields of RFC 5322 §3.3 and §4.3. */
import { describe, expect, it } from 'vitest';
import { parseMessageDate } from './message-date.ts';

describe('parseMessageDate()', () => {
  it.each([
    ['Fri, 21 Nov 1997 09:55:06 -0600', '1997-11-21T15:55:06.000Z'],
    ['Tue, 1 Jul 2003 10:52:37 +0200', '2003-07-01T08:52:37.000Z'],
    ['13 Feb 1969 23:32 -0330', '1969-02-14T03:02:00.000Z'],
    ['Thu,\t13\tFeb\t1969 23:32:54 -0330 (Newfoundland Time)', '1969-02-14T03:02:54.000Z'],
    ['21 Nov 97 09:55:06 GMT', '1997-11-21T09:55:06.000Z'],
    ['Fri, 21 Nov 1997 09(comment): 55 : 06 -0600', '1997-11-21T00:00:00.000Z'],
    ['1 Jan 49 00:00:00 EST', '2049-01-01T05:00:00.000Z'],
    ['1 Jan 50 00:00:00 PDT', '1950-01-01T07:00:00.000Z'],
    ['1 Jan 103 00:00 Z', '2003-01-01T00:00:00.000Z'],
    ['29 Feb 2024', '2024-02-29T00:00:00.000Z'],
    ['Sunday, 02-Mar-25 08:00:00 UTC', '2025-03-02T08:00:00.000Z'],
    ['3 March 2025 08:00 XYZ', '2025-03-03T08:00:00.000Z'],
    ['3 Mar 2025 25:00:00 +0000', '2025-03-03T00:00:00.000Z'],
    ['3 Mar 2025 08:60:00 +0000', '2025-03-03T00:00:00.000Z'],
    ['3 Mar 2025 08:00:00 +9900', '2025-03-03T08:00:00.000Z'],
    ['3 Mar 2025 08:00:00 -0160', '2025-03-03T08:00:00.000Z'],
    ['31 Dec 2016 23:59:60 +0000', '2017-01-01T00:00:00.000Z'],
  ])('reads %j', (text, expected) => {
    const date = parseMessageDate(text);
    expect(date && new Date(date.timeMs).toISOString()).toBe(expected);
  });

  it('gives the day as the sender saw it, whatever the zone', () => {
    expect(parseMessageDate('Mon, 31 Dec 2024 23:30:00 -0800')).toMatchObject({
      year: 2024,
      month: 12,
      day: 31,
    });
  });

  it.each([
    '',
    'yesterday',
    '31 Feb 2025',
    '0 Jan 2025',
    '12 Foo 2025',
    '2025-03-04',
    '1 Jan 20255',
  ])('finds no day in %j', (text) => {
    expect(parseMessageDate(text)).toBeUndefined();
  });

  it('is done with a long text in time', () => {
    const startMs = performance.now();
    parseMessageDate(`${'1 Jan '.repeat(200_000)}`);
    parseMessageDate('('.repeat(1_000_000));
    expect(performance.now() - startMs).toBeLessThan(500);
  });
});
