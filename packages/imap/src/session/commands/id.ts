/** ID (RFC 2971 §3.1): who serves; what the client says of itself goes to the log. */
import type { CommandOf } from '../../grammar/command.ts';
import { formatIdFields } from '../../grammar/responses/id-response.ts';
import { type CommandResult, ok } from '../command-result.ts';
import type { SessionContext } from '../session-context.ts';

export async function runId(
  context: SessionContext,
  command: CommandOf<'id'>,
): Promise<CommandResult> {
  if (command.fields.size > 0) {
    context.options.observe({ kind: 'client-id', fields: command.fields });
  }
  context.writer.untagged(`ID ${formatIdFields(context.options.serverId)}`);
  return ok('ID completed');
}
