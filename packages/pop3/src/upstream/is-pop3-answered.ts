/**
 * Judges by the last words of a POP3 session whether it may end now: each command is answered (RFC
 * 1939 §3). What is not understood never is; nor is a QUIT, behind which the server closes.
 *
 * Of a client that always keeps several commands on their way, what it asked for more than a turn ago
 * is not counted: it may be ended behind an answer that is not its last, never inside one.
 */
import { allLines, isUnasked, lastLines, type Exchange, type LastExchange } from '@homeward/wire';

/** How a command is answered if it succeeds. */
type AnswerForm = 'line' | 'lines' | 'unknown';

const LINE = /^(?:STAT|DELE|NOOP|RSET|LAST|UTF8)(?: |$)|^(?:LIST|UIDL|LANG) +[^ ]/i;
const LINES = /^(?:RETR|TOP) |^(?:LIST|UIDL|LANG|CAPA) *$/i;
const QUIT = /^QUIT *$/i;

export function isPop3Answered(exchange: LastExchange): boolean {
  if (isUnasked(exchange)) return true;
  const { before } = exchange;
  const isSettled = before === undefined || isUnasked(before) || hasAllAnswers(before);
  return isSettled && hasAllAnswers(exchange);
}

function hasAllAnswers({ command, answer }: Exchange): boolean {
  const commands = allLines(command);
  if (commands === undefined || commands.some((one) => QUIT.test(one))) return false;
  const lines = allLines(answer);
  if (lines !== undefined) return isEachAnswered(commands, lines);
  const [only = '', ...more] = commands;
  const isLong = more.length === 0 && formOf(only) === 'lines' && answer.head.startsWith('+OK');
  return isLong && lastLines(answer)?.at(-1) === '.';
}

/** As many answers as commands, and no line more. */
function isEachAnswered(commands: readonly string[], lines: readonly string[]): boolean {
  let at = 0;
  for (const command of commands) {
    const end = findEnd(command, lines, at);
    if (end === undefined) return false;
    at = end;
  }
  return at === lines.length;
}

/** @returns Where the next answer begins; undefined if this one is not complete. */
function findEnd(command: string, lines: readonly string[], at: number): number | undefined {
  const status = lines[at] ?? '';
  if (/^-ERR(?: |$)/.test(status)) return at + 1;
  const form = formOf(command);
  if (!/^\+OK(?: |$)/.test(status) || form === 'unknown') return undefined;
  if (form === 'line') return at + 1;
  const dot = lines.indexOf('.', at + 1);
  return dot === -1 ? undefined : dot + 1;
}

function formOf(command: string): AnswerForm {
  if (LINE.test(command)) return 'line';
  return LINES.test(command) ? 'lines' : 'unknown';
}
