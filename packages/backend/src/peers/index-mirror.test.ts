/** The mirror shows what the original shows, whatever happened in between. */
import type { FlagName } from '@homeward/imap/grammar';
import type { FlagSet, FolderIndex, ModSeq, Uid } from '@homeward/imap/session';
import fc from 'fast-check';
import { deserialize, serialize } from 'node:v8';
import { expect, it } from 'vitest';
import { type IndexChange, IndexSender, MirroredIndex } from './index-mirror.ts';

interface Message {
  readonly uid: number;
  flags: readonly FlagName[];
  modSeq: number;
}

/** A folder's index that the test changes. */
class Original {
  messages: Message[] = [];
  uidNext = 1;
  modSeq = 1;

  add(flags: readonly FlagName[]): void {
    this.modSeq += 1;
    this.messages.push({ uid: this.uidNext, flags, modSeq: this.modSeq });
    this.uidNext += 1;
  }

  remove(which: number): void {
    this.modSeq += 1;
    this.messages = this.messages.filter((_, order) => order % 7 !== which);
  }

  change(which: number, flags: readonly FlagName[]): void {
    const message = this.messages[which % Math.max(1, this.messages.length)];
    if (message === undefined) return;
    this.modSeq += 1;
    message.flags = flags;
    message.modSeq = this.modSeq;
  }

  /** New objects each time, as if nothing were interned. */
  get index(): FolderIndex {
    const { messages } = this;
    const at = (position: number): Message => messages[position] ?? fail();
    return {
      uids: { values: Uint32Array.from(messages, ({ uid }) => uid), length: messages.length },
      uidNext: this.uidNext as Uid,
      highestModSeq: this.modSeq as ModSeq,
      keywords: [...new Set(messages.flatMap(({ flags }) => flags))],
      positionOf: (uid) => messages.findIndex((one) => one.uid === uid),
      flagsAt: (position) => ({ names: at(position).flags }) as FlagSet,
      sizeBytesAt: (position) => at(position).uid * 10,
      internalDateAt: (position) => ({ epochMs: at(position).uid * 1e9, zoneMinutes: -90 }),
      modSeqAt: (position) => at(position).modSeq as ModSeq,
    };
  }
}

function fail(): never {
  throw new RangeError('no such position');
}

function describe(index: FolderIndex): unknown {
  return {
    uidNext: index.uidNext,
    highestModSeq: index.highestModSeq,
    keywords: index.keywords,
    messages: Array.from({ length: index.uids.length }, (_, position) => ({
      uid: index.uids.values[position],
      isFound: index.positionOf((index.uids.values[position] ?? 0) as Uid) === position,
      flags: index.flagsAt(position).names,
      size: index.sizeBytesAt(position),
      date: index.internalDateAt(position),
      modSeq: index.modSeqAt(position),
    })),
  };
}

const flags = fc.subarray(['\\Seen', '\\Deleted', 'Later', 'ÄÖ']);
const step = fc.oneof(
  flags.map((names) => (original: Original) => original.add(names)),
  fc.nat(6).map((which) => (original: Original) => original.remove(which)),
  fc.tuple(fc.nat(50), flags).map(
    ([which, names]) =>
      (original: Original) =>
        original.change(which, names),
  ),
);

it('a mirror follows any changes, told one by one or many at once', () => {
  fc.assert(
    fc.property(fc.array(fc.array(step, { maxLength: 12 }), { maxLength: 8 }), (rounds) => {
      const original = new Original();
      const sender = new IndexSender();
      const mirror = new MirroredIndex();
      for (const round of rounds) {
        for (const run of round) run(original);
        const change = sender.takeChange(original.index);
        // As it goes over the connection.
        if (change !== undefined) mirror.apply(deserialize(serialize(change)) as IndexChange);
        expect(describe(mirror)).toEqual(describe(original.index));
        expect(sender.takeChange(original.index)).toBeUndefined();
      }
    }),
  );
});

it('a row of UIDs that somebody holds stays as it was', () => {
  const original = new Original();
  const sender = new IndexSender();
  const mirror = new MirroredIndex();
  const follow = (): void => {
    const change = sender.takeChange(original.index);
    if (change !== undefined) mirror.apply(change);
  };
  for (let count = 0; count < 5; count += 1) original.add([]);
  follow();
  const { values, length } = mirror.uids;
  original.remove(0);
  original.add([]);
  follow();
  expect([...values.subarray(0, length)]).toEqual([1, 2, 3, 4, 5]);
  expect([...mirror.uids.values]).toEqual([2, 3, 4, 5, 6]);
  expect(mirror.positionOf(1 as Uid)).toBe(-1);
  expect(mirror.positionOf(9 as Uid)).toBe(-1);
});

it('flag sets know their members in any case, and what has changed since', () => {
  const original = new Original();
  const sender = new IndexSender();
  const mirror = new MirroredIndex();
  original.add(['\\Seen', 'Later']);
  const change = sender.takeChange(original.index);
  if (change !== undefined) mirror.apply(change);
  const set = mirror.flagsAt(0);
  expect([set.isSeen, set.isDeleted, set.has('LATER'), set.has('x')]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect(mirror.hasChangesSince(1 as ModSeq)).toBe(true);
  expect(mirror.hasChangesSince(2 as ModSeq)).toBe(false);
});
