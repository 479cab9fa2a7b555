/** From the messages that an index of texts names to the UIDs that they have in a folder. */
import type { Uid } from '../api.ts';
import type { PublishedIndex } from '../published-index.ts';
import type { TextCandidates } from './text-indexer.ts';

/**
 * @returns Those that may match, all that the index does not know among them; undefined if these
 *   are all that there are.
 */
export function candidateUids(
  { messageIds, watermark }: TextCandidates,
  index: PublishedIndex,
): ReadonlySet<Uid> | undefined {
  if (messageIds === undefined || watermark === 0) return undefined;
  const isIn = createLookup(messageIds, watermark);
  const uids = new Set<Uid>();
  const { values, length } = index.uids;
  for (let at = 0; at < length; at += 1) {
    const id = index.messageIdAt(at);
    if (id > watermark || isIn(id)) uids.add(values[at] as Uid);
  }
  return uids.size === length ? undefined : uids;
}

/** A bit for each id, unless they are few among many. */
function createLookup(messageIds: Float64Array, watermark: number): (id: number) => boolean {
  if (messageIds.length < watermark / 64) {
    const set = new Set(messageIds);
    return (id) => set.has(id);
  }
  const bits = new Uint8Array(Math.floor(watermark / 8) + 1);
  for (const id of messageIds) {
    const at = Math.floor(id / 8);
    bits[at] = (bits[at] ?? 0) | (1 << (id % 8));
  }
  return (id) => ((bits[Math.floor(id / 8)] ?? 0) & (1 << (id % 8))) !== 0;
}
