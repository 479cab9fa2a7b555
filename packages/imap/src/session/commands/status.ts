/** STATUS (RFC 3501 §6.3.10), with MAILBOXID (RFC 8474 §4.3). */
import type { CommandOf, StatusItem } from '../../grammar/command.ts';
import { formatMailbox } from '../../grammar/responses/mailbox.ts';
import { type CommandResult, no, ok } from '../command-result.ts';
import type { FolderStatus } from '../ports.ts';
import { refusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';

const items: Readonly<Record<StatusItem, (status: FolderStatus) => string>> = {
  messages: (status) => `MESSAGES ${status.messageCount}`,
  recent: (status) => `RECENT ${status.recentCount}`,
  'uid-next': (status) => `UIDNEXT ${status.uidNext}`,
  'uid-validity': (status) => `UIDVALIDITY ${status.uidValidity}`,
  unseen: (status) => `UNSEEN ${status.unseenCount}`,
  'mailbox-id': (status) => `MAILBOXID (${status.mailboxId})`,
};

export async function runStatus(
  context: SessionContext,
  command: CommandOf<'status'>,
): Promise<CommandResult> {
  const outcome = await context.mailbox.statusOf(command.mailbox);
  if (!outcome.ok) return no(refusalText(outcome.reason));
  const values = command.items.map((item) => items[item](outcome.value));
  context.writer.untagged(`STATUS ${formatMailbox(command.mailbox)} (${values.join(' ')})`);
  return ok('STATUS completed');
}
