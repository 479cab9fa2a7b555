/**
 * Judges by the last words of an IMAP session whether it may end now: between two commands, or in
 * IDLE (RFC 2177 §3). What is not understood never is.
 */
import { isUnasked, lastLines, type LastExchange, type Utterance } from '@homeward/wire';
import { isInLiteral } from './in-literal.ts';
import { findLastCommand } from './last-command.ts';
import { hasTaggedAnswer, isUntagged } from './tagged-answer.ts';

/**
 * Of several commands at once the last one's answer counts: servers answer in order (RFC 3501 §5.5
 * lets them do otherwise where no answer depends on it; hardly any does).
 */
export function isImapAnswered(exchange: LastExchange): boolean {
  if (isUnasked(exchange)) return true;
  const { command, answer, before } = exchange;
  const last = findLastCommand(command, before);
  // Behind LOGOUT the server has said BYE, and closes.
  if (last === undefined || last.name === 'LOGOUT') return false;
  return hasTaggedAnswer(answer, last.tag) || (last.name === 'IDLE' && isIdling(answer));
}

/** Invited to wait, and told nothing since that would go on. */
function isIdling(answer: Utterance): boolean {
  const line = lastLines(answer)?.at(-1);
  if (line === undefined || isInLiteral(answer)) return false;
  const isInvited = /(?:^|\n)\+[ \r\n]/.test(answer.head + '\n' + answer.tail);
  return isInvited && (isUntagged(line) || /^\+(?: |$)/.test(line));
}
