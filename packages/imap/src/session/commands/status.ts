/**
 * STATUS (RFC 3501 §6.3.10), with MAILBOXID (RFC 8474 §4.3), SIZE (RFC 8438 §2), HIGHESTMODSEQ
 * (RFC 7162 §3.1.7), DELETED and DELETED-STORAGE (RFC 9208 §4.1.4, in octets) and APPENDLIMIT
 * (RFC 7889 §3).
 */
import type { CommandOf, StatusItem } from '../../grammar/command.ts';
import { type CommandResult, no, ok } from '../command-result.ts';
import type { FolderStatus } from '../ports.ts';
import { refusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';

type Formatter = (status: FolderStatus, appendLimitBytes: number) => string;

const items: Readonly<Record<StatusItem, Formatter>> = {
  messages: (status) => `MESSAGES ${status.messageCount}`,
  recent: (status) => `RECENT ${status.recentCount}`,
  'uid-next': (status) => `UIDNEXT ${status.uidNext}`,
  'uid-validity': (status) => `UIDVALIDITY ${status.uidValidity}`,
  unseen: (status) => `UNSEEN ${status.unseenCount}`,
  size: (status) => `SIZE ${status.totalBytes}`,
  'highest-mod-seq': (status) => `HIGHESTMODSEQ ${status.highestModSeq}`,
  deleted: (status) => `DELETED ${status.deletedCount}`,
  'deleted-storage': (status) => `DELETED-STORAGE ${status.deletedBytes}`,
  'append-limit': (_, appendLimitBytes) => `APPENDLIMIT ${appendLimitBytes}`,
  'mailbox-id': (status) => `MAILBOXID (${status.mailboxId})`,
};

export async function runStatus(
  context: SessionContext,
  command: CommandOf<'status'>,
): Promise<CommandResult> {
  const outcome = await context.mailbox.statusOf(command.mailbox);
  if (!outcome.ok) return no(refusalText(outcome.reason));
  if (command.items.includes('highest-mod-seq')) context.enable('CONDSTORE');
  const values = formatStatusItems(context, command.items, outcome.value);
  context.writer.untagged(`STATUS ${context.formatMailbox(command.mailbox)} (${values})`);
  return ok('STATUS completed');
}

/** The items with their values, as they stand between the parentheses. */
export function formatStatusItems(
  context: SessionContext,
  wanted: readonly StatusItem[],
  status: FolderStatus,
): string {
  return wanted.map((item) => items[item](status, context.limits.messageBytes)).join(' ');
}
