import { describe, expect, it } from 'vitest';
import { formatOtherPath, parseOtherPath } from './other-users-path.ts';

describe('parseOtherPath()', () => {
  it.each([
    ['Other Users', '', ''],
    ['Other Users/', '', ''],
    ['Other Users/anna@example.org', 'anna@example.org', ''],
    ['Other Users/anna@example.org/', 'anna@example.org', ''],
    ['Other Users/anna@example.org/INBOX', 'anna@example.org', 'INBOX'],
    ['Other Users/Anna@Example.ORG/Work/2026', 'anna@example.org', 'Work/2026'],
    ['Other Users/A\u0308nna/Sent', 'änna', 'Sent'],
    ['Other Users//INBOX', '', 'INBOX'],
  ])('%j is of %j: %j', (path, address, rest) => {
    expect(parseOtherPath(path)).toEqual({ address, rest });
  });

  it.each([
    '',
    'INBOX',
    'Other',
    'Other Users2',
    'other users/anna',
    'a/Other Users/b',
    '/Other Users',
  ])('%j is one’s own', (path) => {
    expect(parseOtherPath(path)).toBeUndefined();
  });
});

describe('formatOtherPath()', () => {
  it.each([
    ['anna@example.org', ''],
    ['anna@example.org', 'INBOX'],
    ['anna@example.org', 'Work/2026'],
  ])('of %j and %j is read again', (address, rest) => {
    expect(parseOtherPath(formatOtherPath(address, rest))).toEqual({ address, rest });
  });
});
