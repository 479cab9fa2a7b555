/** NOTIFY (RFC 5465 §3.1). */
import type { CommandOf } from '../../grammar/command.ts';
import { NOTIFY_EVENTS } from '../../grammar/commands/notify.ts';
import { reportChanges } from '../change-report.ts';
import { type CommandResult, no, ok } from '../command-result.ts';
import { MailboxWatch } from '../notify/mailbox-watch.ts';
import type { SessionContext } from '../session-context.ts';

export async function runNotify(
  context: SessionContext,
  command: CommandOf<'notify'>,
): Promise<CommandResult> {
  if (command.groups.some(({ hasUnknown }) => hasUnknown)) {
    return no(`[BADEVENT (${[...NOTIFY_EVENTS.keys()].join(' ')})] There are these events alone`);
  }
  // What has gathered is told, whatever is wished from now on.
  await reportChanges(context, true, true, 'whatever-is-wished');
  const watch = new MailboxWatch(context, command.groups);
  context.setWatch(watch);
  await watch.begin(command.wantsStatus);
  return ok('NOTIFY completed');
}
