/** CAPABILITY (RFC 3501 §6.1.1). */
import { type CommandResult, ok } from '../command-result.ts';
import type { SessionContext } from '../session-context.ts';

export async function runCapability(context: SessionContext): Promise<CommandResult> {
  context.writer.untagged(`CAPABILITY ${context.options.capabilities}`);
  return ok('CAPABILITY completed');
}
