/**
 * Judges by the last words of a submission session whether it may end now: each command is
 * answered for good, and no message is on its way (RFC 5321 §4.1.1.4, §4.2). What is not
 * understood never is: chunks of a message (RFC 3030) say what they like. Nor is a QUIT, behind
 * which the server closes.
 */
import {
  allLines,
  isUnasked,
  isWhole,
  lastLines,
  type LastExchange,
  type Utterance,
} from '@homeward/wire';

const COMMAND = /^(?:EHLO|HELO|MAIL|RCPT|DATA|RSET|NOOP|VRFY|EXPN|HELP|AUTH)(?: |$)/i;
const REPLY = /^[2-5]\d\d(?:[ -]|$)/;
const LAST_OF_REPLY = /^[2-5]\d\d(?: |$)/;
const FINAL_REPLY = /^[245]\d\d(?: |$)/;

export function isSmtpAnswered(exchange: LastExchange): boolean {
  if (isUnasked(exchange)) return true;
  const { command, answer, before } = exchange;
  const isMessage = before !== undefined && hasInvited(before.answer);
  const dueCount = isMessage ? countMessages(command) : countCommands(command);
  const lines = lastLines(answer);
  if (dueCount === 0 || lines === undefined || !lines.every((line) => REPLY.test(line))) {
    return false;
  }
  if (!FINAL_REPLY.test(lines.at(-1) ?? '')) return false;
  return isWhole(answer)
    ? lines.filter((line) => LAST_OF_REPLY.test(line)).length === dueCount
    : dueCount === 1;
}

/** 354: whatever the client sends next is a message. */
function hasInvited(answer: Utterance): boolean {
  return /^354(?: |$)/.test(lastLines(answer)?.at(-1) ?? '');
}

/** @returns 1 behind the dot, with nothing behind it; 0 before. */
function countMessages(said: Utterance): number {
  return lastLines(said)?.at(-1) === '.' ? 1 : 0;
}

/** @returns 0 if one of them is not known to be a command. */
function countCommands(said: Utterance): number {
  const lines = allLines(said) ?? [];
  return lines.every((line) => COMMAND.test(line)) ? lines.length : 0;
}
