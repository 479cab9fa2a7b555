/**
 * Which commands speak of messages by sequence number: nothing that a client may do once it has
 * enabled UIDONLY (RFC 9586 §3).
 */
import type { Command, SearchKey } from '../grammar/command.ts';
import { SAVED_RESULT } from '../grammar/number-set.ts';
import { type CommandResult, bad } from './command-result.ts';

/** @returns the answer to a command that uses sequence numbers; undefined if it does not. */
export function refuseSequenceNumbers(command: Command): CommandResult | undefined {
  if (!usesSequenceNumbers(command)) return undefined;
  return bad('[UIDREQUIRED] Behind ENABLE UIDONLY there are UIDs alone');
}

function usesSequenceNumbers(command: Command): boolean {
  if ('numbering' in command && command.numbering === 'sequence') return true;
  if ('qresync' in command && command.qresync?.match !== undefined) return true;
  return 'criteria' in command && namesSequenceNumbers(command.criteria);
}

function namesSequenceNumbers(criteria: SearchKey): boolean {
  switch (criteria.key) {
    case 'and':
      return criteria.keys.some(namesSequenceNumbers);
    case 'or':
      return namesSequenceNumbers(criteria.left) || namesSequenceNumbers(criteria.right);
    case 'not':
      return namesSequenceNumbers(criteria.operand);
    case 'sequence':
      return criteria.set !== SAVED_RESULT;
    default:
      return false;
  }
}
