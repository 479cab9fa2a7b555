/** From a line to a command: keyword and arguments (RFC 5321 §4.1.1, §2.4). */
import { isUtf8 } from 'node:buffer';
import type { Line } from '@homeward/wire';
import { findCommandRow } from './command-table.ts';
import type { SmtpCommand, SmtpCommandName } from './command.ts';
import type { ArgumentProblem } from './argument-problem.ts';

/** Why a line is no command; closed list. */
export type CommandProblem = 'bad-line' | 'unknown-command' | ArgumentProblem;

export type ParsedCommand =
  | { readonly ok: true; readonly command: SmtpCommand }
  | {
      readonly ok: false;
      readonly problem: CommandProblem;
      /** The command's name, if the keyword is one. */
      readonly name: SmtpCommandName | undefined;
      /** How it is written, if the keyword is one. */
      readonly usage: string | undefined;
    };

/**
 * What no name and no address is written with: controls beyond ASCII, line ends of Unicode, and
 * characters that turn around what follows. All of it is shown to people, in logs and lists.
 */
const UNSHOWABLE = /[\u0080-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/**
 * Reads one line. Bare LF, bare CR and NUL are refused (RFC 5321 §2.3.8): a server that takes them
 * for line ends where the next one does not lets messages be smuggled between the two.
 */
export function parseCommand(line: Line): ParsedCommand {
  const isRegular = line.end === 'crlf' && !line.hasBareCr && !line.hasNul;
  if (!isRegular || !isUtf8(line.octets)) return refuse('bad-line');
  const text = line.octets.toString('utf8');
  if (UNSHOWABLE.test(text)) return refuse('bad-line');
  const blank = text.indexOf(' ');
  const row = findCommandRow(blank < 0 ? text : text.slice(0, blank));
  if (row === undefined) return refuse('unknown-command');
  const command = row.parse(blank < 0 ? '' : text.slice(blank + 1));
  if (typeof command !== 'string') return { ok: true, command };
  return { ok: false, problem: command, name: row.name, usage: row.usage };
}

function refuse(problem: 'bad-line' | 'unknown-command'): ParsedCommand {
  return { ok: false, problem, name: undefined, usage: undefined };
}
