/** ENABLE (RFC 5161 §3.1): what is unknown here, or enabled already, is left out of the answer. */
import type { CommandOf } from '../../grammar/command.ts';
import { type CommandResult, ok } from '../command-result.ts';
import type { SessionContext } from '../session-context.ts';

export async function runEnable(
  context: SessionContext,
  command: CommandOf<'enable'>,
): Promise<CommandResult> {
  const enabled = command.capabilities.flatMap((capability) => context.enable(capability) ?? []);
  context.writer.untagged(['ENABLED', ...enabled].join(' '));
  return ok('ENABLE completed');
}
