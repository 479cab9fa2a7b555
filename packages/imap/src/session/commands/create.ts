/** CREATE (RFC 3501 §6.3.3), with a special use (RFC 6154 §3) and MAILBOXID (RFC 8474 §4.1). */
import type { CommandOf } from '../../grammar/command.ts';
import { type CommandResult, no, ok } from '../command-result.ts';
import { refusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';
import { parseSpecialUse } from '../special-use.ts';

export async function runCreate(
  context: SessionContext,
  { mailbox, uses }: CommandOf<'create'>,
): Promise<CommandResult> {
  const [wanted, ...others] = uses;
  const use = wanted === undefined ? undefined : parseSpecialUse(wanted);
  if (wanted !== undefined && use === undefined) return no('[USEATTR] That use is not known here');
  if (others.length > 0) return no('[USEATTR] A mailbox has one use at most');
  const outcome = await context.mailbox.createFolder(mailbox, true, use);
  if (outcome.ok) return ok(`[MAILBOXID (${outcome.value})] CREATE completed`);
  if (use !== undefined && outcome.reason === 'not-permitted') {
    return no('[USEATTR] That use cannot be given to this mailbox');
  }
  return no(refusalText(outcome.reason));
}
