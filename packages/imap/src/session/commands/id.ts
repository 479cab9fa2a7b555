/** ID (RFC 2971 §3.1): who serves; what the client says of itself goes to the log. */
import type { CommandOf } from '../../grammar/command.ts';
import { formatString } from '../../grammar/responses/strings.ts';
import { type CommandResult, ok } from '../command-result.ts';
import type { SessionContext } from '../session-context.ts';

export async function runId(
  context: SessionContext,
  command: CommandOf<'id'>,
): Promise<CommandResult> {
  if (command.fields.size > 0) {
    context.options.observe({ kind: 'client-id', fields: command.fields });
  }
  const pairs = [...context.options.serverId].map(
    ([name, value]) => `${formatString(name)} ${formatString(value)}`,
  );
  context.writer.untagged(`ID ${pairs.length === 0 ? 'NIL' : `(${pairs.join(' ')})`}`);
  return ok('ID completed');
}
