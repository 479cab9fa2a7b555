/** NAMESPACE (RFC 2342 §5): one personal namespace, "/" between levels. */
import { type CommandResult, ok } from '../command-result.ts';
import type { SessionContext } from '../session-context.ts';

export async function runNamespace(context: SessionContext): Promise<CommandResult> {
  context.writer.untagged('NAMESPACE (("" "/")) NIL NIL');
  return ok('NAMESPACE completed');
}
