/** LOGOUT (RFC 3501 §6.1.3). */
import { type CommandResult, ok } from '../command-result.ts';
import type { SessionContext } from '../session-context.ts';

export async function runLogout(context: SessionContext): Promise<CommandResult> {
  context.deselect();
  context.writer.untagged(`BYE ${context.options.farewell}`);
  context.finish('logged-out');
  return ok('LOGOUT completed');
}
