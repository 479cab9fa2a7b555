/**
 * ENABLE (RFC 5161 §3.1). No extension of this server needs enabling yet, so whatever is asked
 * for is left out of the answer, as the RFC wants it of unknown ones.
 */
import { type CommandResult, ok } from '../command-result.ts';
import type { SessionContext } from '../session-context.ts';

export async function runEnable(context: SessionContext): Promise<CommandResult> {
  context.writer.untagged('ENABLED');
  return ok('ENABLE completed');
}
