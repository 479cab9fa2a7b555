/** NOOP and CHECK (RFC 3501 §6.1.2, §6.4.1): the loop reports changes; all is durable anyway. */
import type { CommandOf } from '../../grammar/command.ts';
import { type CommandResult, ok } from '../command-result.ts';
import type { SessionContext } from '../session-context.ts';

export async function runNoop(
  _context: SessionContext,
  command: CommandOf<'noop' | 'check'>,
): Promise<CommandResult> {
  return ok(`${command.name.toUpperCase()} completed`);
}
