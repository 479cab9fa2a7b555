/** What is kept of messages is given back, within its bound, longest unused first to go. */
import { describe, expect, it } from 'vitest';
import type { Uid } from '../../ids.ts';
import type { FolderIndex } from '../ports.ts';
import { createKeptTexts } from './kept-texts.ts';

const uid = (number: number): Uid => number as Uid;
const createIndex = (): FolderIndex => ({}) as FolderIndex;
const text = (length: number): string => 'x'.repeat(length);

describe('createKeptTexts()', () => {
  it('gives back what was kept, by folder, kind and message', () => {
    const kept = createKeptTexts(100_000);
    const [one, other] = [createIndex(), createIndex()];
    kept.of(one, 'ENVELOPE').set(uid(1), 'a\xe9');
    expect(kept.of(one, 'ENVELOPE').get(uid(1))).toBe('a\xe9');
    expect(kept.of(one, 'ENVELOPE').get(uid(2))).toBeUndefined();
    expect(kept.of(one, 'BODY').get(uid(1))).toBeUndefined();
    expect(kept.of(other, 'ENVELOPE').get(uid(1))).toBeUndefined();
  });

  it('stays within its bound, and lets go of what was used longest ago', () => {
    const kept = createKeptTexts(12_000);
    const indexes = [createIndex(), createIndex(), createIndex()];
    for (const index of indexes) {
      kept.of(index, 'BODY').set(uid(1), text(4_000));
      kept.of(indexes[0] as FolderIndex, 'BODY');
      expect(kept.sizeBytes).toBeLessThanOrEqual(12_000);
    }
    const isThere = indexes.map((index) => kept.of(index, 'BODY').get(uid(1)) !== undefined);
    expect(isThere).toEqual([true, false, true]);
  });

  it('bounds what one command gathers of a folder that is too large for it', () => {
    const kept = createKeptTexts(10_000);
    const texts = kept.of(createIndex(), 'BODY');
    let keptCount = 0;
    for (let number = 1; number <= 1_000; number += 1) {
      texts.set(uid(number), text(900));
      if (texts.get(uid(number)) !== undefined) keptCount += 1;
      expect(kept.sizeBytes).toBeLessThanOrEqual(10_000);
    }
    expect(keptCount).toBeGreaterThan(800);
    expect(texts.get(uid(1))).toBeUndefined();
  });

  it('keeps no long texts, and no more kinds of a folder than clients ask for', () => {
    const kept = createKeptTexts(1_000_000);
    const index = createIndex();
    kept.of(index, 'BODY').set(uid(1), text(9_000));
    expect(kept.of(index, 'BODY').get(uid(1))).toBeUndefined();
    for (let number = 0; number < 100; number += 1) {
      kept.of(index, `BODY[HEADER.FIELDS (X-${number})]`).set(uid(1), text(100));
    }
    expect(kept.sizeBytes).toBeLessThan(16 * 1_200);
  });
});
