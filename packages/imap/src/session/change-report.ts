/**
 * Tells a session's client what happened: in its selected folder (RFC 3501 §5.2), and wherever
 * else it wishes to hear of (RFC 5465).
 */
import { fetchArrivals } from './commands/fetch.ts';
import type { FolderView, ViewReport } from './folder-view.ts';
import { writeUpdate } from './message-update.ts';
import type { SessionContext } from './session-context.ts';
import { formatSpans, spansOf } from './uid-spans.ts';

/**
 * Tells what changed in the selected folder.
 *
 * @returns nothing if that took no waiting.
 */
export function reportChanges(
  context: SessionContext,
  mayReportExpunges: boolean,
  withUids: boolean,
  which: 'as-wished' | 'whatever-is-wished' = 'as-wished',
): Promise<void> | undefined {
  const { view } = context;
  if (view === undefined) return undefined;
  const wishes = which === 'as-wished' ? (context.watch?.wishes ?? 'all') : 'all';
  if (mayReportExpunges) reportGone(context, view);
  const tellsFlags = wishes === 'all';
  if (wishes === 'nothing' || !view.hasNews(mayReportExpunges, tellsFlags)) return undefined;
  context.reportKeywords();
  const to = createReport(context, view, withUids);
  const isDone = view.report(mayReportExpunges, tellsFlags, to);
  if (isDone && view.arrivedFrom === undefined) return undefined;
  return reportRest(context, view, isDone, () => view.report(mayReportExpunges, tellsFlags, to));
}

/** Tells what happened, in the selected folder and elsewhere, though no command is under way. */
export async function tellUnasked(
  context: SessionContext,
  mayReportExpunges: boolean,
): Promise<void> {
  await reportChanges(context, mayReportExpunges, true);
  await context.watch?.tell();
}

/** A client that does not read holds up the report, and so what is gathered for it. */
async function reportRest(
  context: SessionContext,
  view: FolderView,
  isDone: boolean,
  more: () => boolean,
): Promise<void> {
  for (let isOver = isDone; !isOver; isOver = more()) {
    if (!(await context.breathe())) return;
  }
  const from = view.arrivedFrom;
  view.arrivedFrom = undefined;
  const items = context.watch?.newItems;
  if (from !== undefined && items !== undefined) await fetchArrivals(context, view, from, items);
}

function reportGone({ writer }: SessionContext, view: FolderView): void {
  if (!view.folder.isGone || view.isToldGone) return;
  view.isToldGone = true;
  writer.untagged('NO The selected mailbox has been deleted');
}

function createReport(context: SessionContext, view: FolderView, withUid: boolean): ViewReport {
  const { writer } = context;
  const what = { withFlags: true, withUid };
  return {
    gone: (positions) => reportExpunges(context, view, positions),
    arrived: (messageCount, from) => {
      writer.untagged(`${messageCount} EXISTS`);
      if (context.watch?.newItems !== undefined) view.arrivedFrom = from;
    },
    recent: (recentCount) => writer.untagged(`${recentCount} RECENT`),
    flags: (message) => writeUpdate(context, view, message, what),
  };
}

function reportExpunges(
  { writer, enabled }: SessionContext,
  view: FolderView,
  positions: readonly number[],
): void {
  if (!enabled.qresync && !enabled.uidOnly) {
    // From the top down, so that no number shifts before it was said.
    for (const position of positions.toReversed()) writer.untagged(`${position + 1} EXPUNGE`);
    return;
  }
  const uids = positions.map((position) => view.uidAt(position));
  for (const set of formatSpans(spansOf(uids))) writer.untagged(`VANISHED ${set}`);
}
