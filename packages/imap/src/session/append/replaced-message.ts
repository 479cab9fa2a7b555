/** Which message of the selected mailbox REPLACE puts another in place of (RFC 8508 §3). */
import type { StreamingCommand } from '../../grammar/command.ts';
import { type CommandResult, bad, no } from '../command-result.ts';
import { resolveMessages } from '../message-set.ts';
import type { ReplacedMessage } from '../ports.ts';
import { refusalText } from '../refusals.ts';
import { refuseSequenceNumbers } from '../sequence-numbers.ts';
import type { SessionContext } from '../session-context.ts';

/** @returns undefined for APPEND, which replaces nothing; or why the command cannot be done. */
export function findReplaced(
  context: SessionContext,
  command: StreamingCommand,
): ReplacedMessage | CommandResult | undefined {
  if (command.name === 'append') return undefined;
  const refusal = context.enabled.uidOnly ? refuseSequenceNumbers(command) : undefined;
  if (refusal !== undefined) return refusal;
  const { view } = context;
  if (view === undefined) return bad('Select a mailbox first');
  if (view.folder.isReadOnly) return no('[READ-ONLY] The mailbox is open for reading only');
  const { number, numbering } = command;
  const positions = resolveMessages(view, [{ first: number, last: number }], numbering);
  const [position] = positions ?? [];
  if (position === undefined) {
    return numbering === 'uid'
      ? no(refusalText('expunged'))
      : bad('There is no message of that number');
  }
  if (view.locate(view.folder.index, position) < 0) return no(refusalText('expunged'));
  return { folder: view.folder, uid: view.uidAt(position) };
}
