/** `* n FETCH (…)` that nobody asked for: what changed about a message (RFC 3501 §7.4.2). */
import { formatFlagsItem } from './flag-text.ts';
import type { FolderView, UpdatedMessage } from './folder-view.ts';
import type { SessionContext } from './session-context.ts';

/**
 * Says the flags, or the mod-sequence alone. Whoever knows mod-sequences gets UID and MODSEQ in
 * every one of these (RFC 7162 §3.2.4), whoever speaks IMAP4rev2 the UID (RFC 9051 §7.5.2),
 * and with UIDONLY it stands in front (RFC 9586 §3.3).
 *
 * @param withUid The command under way is a UID command (RFC 3501 §6.4.8).
 */
export function writeUpdate(
  { writer, enabled }: SessionContext,
  view: FolderView,
  { position, index, indexPosition }: UpdatedMessage,
  what: { readonly withFlags: boolean; readonly withUid: boolean },
): void {
  const uid = view.uidAt(position);
  let text = enabled.uidOnly ? `${uid} UIDFETCH (` : `${position + 1} FETCH (`;
  const withUid = what.withUid || enabled.condstore || enabled.rev2;
  if (withUid && !enabled.uidOnly) text += `UID ${uid} `;
  if (what.withFlags) text += formatFlagsItem(index.flagsAt(indexPosition), view.isRecent(uid));
  if (enabled.condstore) {
    text += `${what.withFlags ? ' ' : ''}MODSEQ (${index.modSeqAt(indexPosition)})`;
  }
  writer.untagged(`${text})`);
}
