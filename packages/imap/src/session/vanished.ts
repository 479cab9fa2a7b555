/**
 * Messages that are no longer there, told to a client that comes back: VANISHED (EARLIER)
 * (RFC 7162 §3.2.10.1), for SELECT (QRESYNC) and UID FETCH (VANISHED).
 *
 * Where the history of expunges does not reach back far enough, everything that was asked about
 * and is not there is told (RFC 7162 §3.2.6): it cannot have been there since.
 */
import {
  type NumberSet,
  type NumberSpan,
  normalizeNumberSet,
  spansContain,
} from '../grammar/number-set.ts';
import type { ModSeq } from '../ids.ts';
import type { FolderView } from './folder-view.ts';
import type { ResponseWriter } from './response-writer.ts';
import { lowerBoundOfUid } from './uid-list.ts';
import { formatSpans, spansOf, withoutNumbers } from './uid-spans.ts';

/** What a client asks. */
export interface VanishedQuestion {
  /** UIDs that it knows; undefined: all that ever were. */
  readonly known: NumberSet | undefined;
  readonly since: ModSeq;
  /** Of these and all below it knows what went (RFC 7162 §3.2.5.2); counts without history. */
  readonly settledUid: number;
}

/** Says what vanished. What the view still has is told without EARLIER, by the next report. */
export async function writeVanished(
  writer: ResponseWriter,
  view: FolderView,
  question: VanishedQuestion,
): Promise<void> {
  const spans = await findVanished(view, question);
  for (const set of formatSpans(spans)) writer.untagged(`VANISHED (EARLIER) ${set}`);
}

async function findVanished(
  view: FolderView,
  { known, since, settledUid }: VanishedQuestion,
): Promise<readonly NumberSpan[]> {
  const { folder } = view;
  if (since >= folder.index.highestModSeq) return [];
  const uids = await folder.expungedSince(since);
  const lastUid = folder.index.uidNext - 1;
  const asked = normalizeNumberSet(known ?? [{ first: 1, last: lastUid }], lastUid);
  if (uids !== undefined) {
    const gone = uids.filter((uid) => spansContain(asked, uid) && view.positionOf(uid) < 0);
    return spansOf(gone);
  }
  const open = asked
    .filter(({ low, high }) => high > settledUid && low <= lastUid)
    .map(({ low, high }) => ({
      low: Math.max(low, settledUid + 1),
      high: Math.min(high, lastUid),
    }));
  return withoutNumbers(open, presentUids(view));
}

/** The view's, and what came since: ascending. */
function* presentUids(view: FolderView): Generator<number> {
  for (let position = 0; position < view.messageCount; position += 1) yield view.uidAt(position);
  const { uids } = view.folder.index;
  for (let at = lowerBoundOfUid(uids, view.lastUid + 1); at < uids.length; at += 1) {
    yield uids.values[at] ?? 0;
  }
}
