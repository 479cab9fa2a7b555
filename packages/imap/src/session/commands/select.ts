/** SELECT and EXAMINE (RFC 3501 §6.3.1, §6.3.2), with MAILBOXID (RFC 8474 §4.2). */
import type { CommandOf } from '../../grammar/command.ts';
import { type CommandResult, no, ok } from '../command-result.ts';
import type { FolderView } from '../folder-view.ts';
import { refusalText } from '../refusals.ts';
import { type SessionContext, writeFlagLists } from '../session-context.ts';

/** A failed SELECT leaves no folder selected (RFC 3501 §6.3.1). */
export async function runSelect(
  context: SessionContext,
  command: CommandOf<'select' | 'examine'>,
): Promise<CommandResult> {
  context.deselect();
  const outcome = await context.mailbox.openFolder(command.mailbox, command.name === 'examine');
  if (!outcome.ok) return no(refusalText(outcome.reason));
  const view = context.select(outcome.value);
  describeFolder(context, view);
  const access = view.folder.isReadOnly ? 'READ-ONLY' : 'READ-WRITE';
  return ok(`[${access}] ${command.name.toUpperCase()} completed`);
}

function describeFolder(context: SessionContext, view: FolderView): void {
  const { writer } = context;
  const { folder } = view;
  const { index } = folder;
  writeFlagLists(writer, index.keywords, folder.isReadOnly);
  writer.untagged(`${view.messageCount} EXISTS`);
  writer.untagged(`${view.recentCount} RECENT`);
  const unseen = firstUnseen(view);
  if (unseen !== undefined) writer.untagged(`OK [UNSEEN ${unseen}] First unseen message`);
  writer.untagged(`OK [UIDVALIDITY ${folder.uidValidity}] UIDs are valid`);
  writer.untagged(`OK [UIDNEXT ${index.uidNext}] Next UID`);
  writer.untagged(`OK [MAILBOXID (${folder.mailboxId})] Mailbox identity`);
}

function firstUnseen(view: FolderView): number | undefined {
  const { index } = view.folder;
  for (let position = 0; position < view.messageCount; position += 1) {
    if (!index.flagsAt(position).isSeen) return position + 1;
  }
  return undefined;
}
