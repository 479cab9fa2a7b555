/**
 * SELECT and EXAMINE (RFC 3501 §6.3.1, §6.3.2), with MAILBOXID (RFC 8474 §4.2), HIGHESTMODSEQ,
 * CONDSTORE and QRESYNC (RFC 7162 §3.1.2, §3.1.8, §3.2.5).
 */
import type { CommandOf } from '../../grammar/command.ts';
import { type CommandResult, bad, no, ok } from '../command-result.ts';
import type { FolderView } from '../folder-view.ts';
import { folderAttributes } from '../list/list-entries.ts';
import { refusalText } from '../refusals.ts';
import { resynchronize } from '../resynchronize.ts';
import { type SessionContext, writeFlagLists } from '../session-context.ts';

/** A failed SELECT leaves no folder selected (RFC 3501 §6.3.1). */
export async function runSelect(
  context: SessionContext,
  command: CommandOf<'select' | 'examine'>,
): Promise<CommandResult> {
  const { qresync } = command;
  // RFC 7162 §3.2.3: BAD, and so nothing is done.
  if (qresync !== undefined && !context.enabled.qresync)
    return bad('[CLIENTBUG] ENABLE QRESYNC first');
  leaveSelected(context);
  if (command.condstore) context.enable('CONDSTORE');
  const outcome = await context.mailbox.openFolder(command.mailbox, command.name === 'examine');
  if (!outcome.ok) return no(refusalText(outcome.reason));
  const view = context.select(outcome.value);
  describeFolder(context, view);
  if (context.enabled.rev2) await listFolder(context, view.folder.path);
  if (qresync !== undefined) await resynchronize(context, view, qresync);
  const access = view.folder.isReadOnly ? 'READ-ONLY' : 'READ-WRITE';
  return ok(`[${access}] ${command.name.toUpperCase()} completed`);
}

/** What follows CLOSED is about another folder (RFC 7162 §3.2.11). */
function leaveSelected(context: SessionContext): void {
  if (context.view === undefined) return;
  context.deselect();
  context.writer.untagged('OK [CLOSED] The previous mailbox is closed');
}

function describeFolder(context: SessionContext, view: FolderView): void {
  const { writer } = context;
  const { folder } = view;
  const { index } = folder;
  writeFlagLists(writer, index.keywords, folder);
  writer.untagged(`${view.messageCount} EXISTS`);
  if (!context.enabled.rev2) describeRecent(context, view);
  writer.untagged(`OK [UIDVALIDITY ${folder.uidValidity}] UIDs are valid`);
  writer.untagged(`OK [UIDNEXT ${index.uidNext}] Next UID`);
  writer.untagged(`OK [HIGHESTMODSEQ ${view.settledModSeq}] Highest mod-sequence`);
  writer.untagged(`OK [MAILBOXID (${folder.mailboxId})] Mailbox identity`);
}

/** What IMAP4rev2 did away with (RFC 9051 Appendix E). */
function describeRecent({ writer, enabled }: SessionContext, view: FolderView): void {
  writer.untagged(`${view.recentCount} RECENT`);
  // A sequence number, which a client of UIDONLY is spared (RFC 9586 §3).
  const unseen = enabled.uidOnly ? undefined : firstUnseen(view);
  if (unseen !== undefined) writer.untagged(`OK [UNSEEN ${unseen}] First unseen message`);
}

/** What LIST says of the folder, which IMAP4rev2 wants here, too (RFC 9051 §6.3.2). */
async function listFolder(context: SessionContext, path: string): Promise<void> {
  const folders = await context.mailbox.listFolders();
  const folder = folders.find((one) => one.path === path);
  if (folder === undefined) return;
  const attributes = folderAttributes(folder).join(' ');
  context.writer.untagged(`LIST (${attributes}) "/" ${context.formatMailbox(path)}`);
}

function firstUnseen(view: FolderView): number | undefined {
  const { index } = view.folder;
  for (let position = 0; position < view.messageCount; position += 1) {
    if (!index.flagsAt(position).isSeen) return position + 1;
  }
  return undefined;
}
