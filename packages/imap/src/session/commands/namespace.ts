/** NAMESPACE (RFC 2342 §5): one personal namespace, and that of others' folders, if there is one. */
import { type CommandResult, ok } from '../command-result.ts';
import type { SessionContext } from '../session-context.ts';

export async function runNamespace(context: SessionContext): Promise<CommandResult> {
  const { otherUsersPrefix } = context.mailbox;
  const others =
    otherUsersPrefix === undefined ? 'NIL' : `((${context.formatMailbox(otherUsersPrefix)} "/"))`;
  context.writer.untagged(`NAMESPACE (("" "/")) ${others} NIL`);
  return ok('NAMESPACE completed');
}
