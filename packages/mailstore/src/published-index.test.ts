import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Database } from '@homeward/durable-store';
import type { Uid } from './api.ts';
import { FlagSetTable } from './flag-sets.ts';
import { PublishedIndex } from './published-index.ts';
import type { FolderDelta, FolderRecord } from './publication.ts';
import { migrateSchema } from './schema.ts';

const RECORD: FolderRecord = {
  id: 1,
  path: 'INBOX',
  objectId: 'F1',
  uidValidity: 1,
  uidNext: 1,
  highestModSeq: 0,
  recentFrom: 1,
  messageCount: 0,
  unseenCount: 0,
  recentCount: 0,
  totalBytes: 0,
  deletedCount: 0,
  deletedBytes: 0,
  historyFrom: 0,
  historyCount: 0,
  specialUse: undefined,
  isSelectable: true,
};

function createFlagSets(): FlagSetTable {
  const database = new Database(':memory:');
  migrateSchema(database);
  const table = new FlagSetTable(database);
  for (const names of [[], ['\\Seen'], ['$k']]) table.intern(names);
  table.commit();
  return table;
}

/** What one publication does: how many messages come, and which of those there go or change. */
const publication = fc.record({
  appendedCount: fc.nat(5),
  expunged: fc.array(fc.nat(60), { maxLength: 6 }),
  flagged: fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 3 })), { maxLength: 6 }),
  isGroupEnd: fc.boolean(),
});

describe('PublishedIndex', () => {
  it('shows after each group what a plain map of messages shows', () => {
    const flagSets = createFlagSets();
    fc.assert(
      fc.property(fc.array(publication, { maxLength: 30 }), (publications) => {
        const index = new PublishedIndex(flagSets, RECORD);
        const model = new Map<number, { flagSetId: number; modSeq: number }>();
        const gone: { uid: number; modSeq: number }[] = [];
        let uidNext = 1;
        for (const [
          at,
          { appendedCount, expunged, flagged, isGroupEnd },
        ] of publications.entries()) {
          const modSeq = at + 1;
          const delta: FolderDelta = { flagged: [], expungedUids: [], appended: [] };
          for (const [uid, flagSetId] of flagged) {
            if (!model.has(uid)) continue;
            model.set(uid, { flagSetId, modSeq });
            delta.flagged.push({ uid, flagSetId });
          }
          for (const uid of new Set(expunged)) {
            if (!model.delete(uid)) continue;
            gone.push({ uid, modSeq });
            delta.expungedUids.push(uid);
          }
          for (let count = 0; count < appendedCount; count += 1) {
            const entry = { uid: uidNext, messageId: uidNext * 10, flagSetId: 1, modSeq };
            delta.appended.push({ ...entry, sizeBytes: uidNext, epochMs: 5, zoneMinutes: -60 });
            model.set(uidNext, { flagSetId: 1, modSeq });
            uidNext += 1;
          }
          const kept = index.uids;
          const keptUids = [...kept.values.subarray(0, kept.length)];
          index.apply({ ...RECORD, uidNext, highestModSeq: modSeq }, delta, modSeq);
          if (isGroupEnd) index.settle();
          expect([...kept.values.subarray(0, kept.length)]).toEqual(keptUids);
        }
        index.settle();
        const { values, length } = index.uids;
        const uids = [...values.subarray(0, length)];
        expect(uids).toEqual([...model.keys()].toSorted((a, b) => a - b));
        for (const [at, uid] of uids.entries()) {
          expect(index.positionOf(uid as Uid)).toBe(at);
          expect(index.flagsAt(at)).toBe(flagSets.getById(model.get(uid)?.flagSetId ?? 0));
          expect(index.modSeqAt(at)).toBe(model.get(uid)?.modSeq);
          expect(index.sizeBytesAt(at)).toBe(uid);
          expect(index.messageIdAt(at)).toBe(uid * 10);
          expect(index.internalDateAt(at)).toEqual({ epochMs: 5, zoneMinutes: -60 });
        }
        const hasKeyword = [...model.values()].some(({ flagSetId }) => flagSetId === 3);
        expect(index.keywords).toEqual(hasKeyword ? ['$k'] : []);
        for (let since = 0; since <= publications.length; since += 1) {
          const expected = gone.filter(({ modSeq }) => modSeq > since).map(({ uid }) => uid);
          expect(index.expungedSince(since)).toEqual(expected.toSorted((a, b) => a - b));
        }
        expect(index.positionOf(uidNext as Uid)).toBe(-1);
      }),
    );
  });

  it('sends those who ask far back to the database', () => {
    const flagSets = createFlagSets();
    const index = new PublishedIndex(flagSets, RECORD);
    const count = 9000;
    for (let uid = 1; uid <= count; uid += 1) {
      const entry = { uid, messageId: uid, sizeBytes: 1, epochMs: 0, zoneMinutes: 0 };
      index.append([{ ...entry, flagSetId: 1, modSeq: 1 }]);
    }
    for (let uid = 1; uid <= count; uid += 1) {
      index.apply(RECORD, { flagged: [], expungedUids: [uid], appended: [] }, uid + 1);
    }
    index.settle();
    expect(index.expungedSince(1)).toBeUndefined();
    expect(index.expungedSince(count - 10)).toEqual(
      Array.from({ length: 11 }, (_, at) => count - 10 + at),
    );
  });
});
