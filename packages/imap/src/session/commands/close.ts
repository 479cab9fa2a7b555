/** CLOSE (RFC 3501 §6.4.2) and UNSELECT (RFC 3691 §2). */
import { hasRight } from '../access/rights.ts';
import { type CommandResult, no, ok } from '../command-result.ts';
import { refusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';

/**
 * Expunges silently, then leaves the folder; one opened by EXAMINE, or in which the user may not
 * expunge (RFC 4314 §4), keeps everything.
 */
export async function runClose(context: SessionContext): Promise<CommandResult> {
  const { folder } = context.selectedView;
  if (!folder.isReadOnly && !folder.isGone && hasRight(folder, 'e')) {
    const outcome = await context.waitFor(folder.expunge(undefined), folder.index.uids.length);
    if (!outcome.ok) return no(refusalText(outcome.reason));
  }
  context.deselect();
  return ok('CLOSE completed');
}

export async function runUnselect(context: SessionContext): Promise<CommandResult> {
  context.deselect();
  return ok('UNSELECT completed');
}
