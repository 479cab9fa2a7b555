import { describe, expect, test } from 'vitest';
import { findLiteralMarker } from './literal-marker.ts';

describe('findLiteralMarker()', () => {
  test.each([
    ['a LOGIN {4}', 8, 4, true, false],
    ['{0}', 0, 0, true, false],
    ['x {310+}', 2, 310, false, false],
    ['x ~{12}', 2, 12, true, true],
    ['x ~{12+}', 2, 12, false, true],
    ['x {007}', 2, 7, true, false],
    ['x {123456789012345}', 2, 123_456_789_012_345, true, false],
  ])('finds the one of %j', (line, start, sizeBytes, isSynchronizing, isBinary) => {
    const marker = { start, sizeBytes, isSynchronizing, isBinary };
    expect(findLiteralMarker(Buffer.from(line))).toEqual(marker);
  });

  test.each([
    ['', undefined],
    ['a NOOP', undefined],
    ['a {4} b', undefined],
    ['}', undefined],
    ['4}', undefined],
    ['a {x}', undefined],
    ['a {-1}', undefined],
    ['a {4 }', undefined],
    ['a {}', 'bad'],
    ['a {+}', 'bad'],
    ['a {1234567890123456}', 'bad'],
  ])('finds none in %j: %j', (line, expected) => {
    expect(findLiteralMarker(Buffer.from(line))).toBe(expected);
  });
});
