/**
 * Long commands work in batches: so many messages, and of their octets so many, are read and
 * answered before others have a turn and the client must have taken them.
 */
import type { FolderView } from './folder-view.ts';

/** Bounds of one batch; at least one message is always in it. */
export interface BatchBounds {
  readonly messageCount: number;
  /** Sizes of the messages together; Infinity where their octets are not read. */
  readonly octetBytes: number;
}

/** Octets of messages that one session has in memory at once, unless a single one has more. */
export const BATCH_OCTET_BYTES: number = 1024 * 1024;

/** @returns the end of the batch that begins at `from`, an index into `positions`. */
export function findBatchEnd(
  view: FolderView,
  positions: readonly number[],
  from: number,
  bounds: BatchBounds,
): number {
  const end = Math.min(from + bounds.messageCount, positions.length);
  if (bounds.octetBytes === Infinity) return end;
  const { index } = view.folder;
  let octetBytes = 0;
  for (let order = from; order < end; order += 1) {
    const at = view.locate(index, positions[order] ?? 0);
    octetBytes += at < 0 ? 0 : index.sizeBytesAt(at);
    if (octetBytes > bounds.octetBytes && order > from) return order;
  }
  return end;
}
