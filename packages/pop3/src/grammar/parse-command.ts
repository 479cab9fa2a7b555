/** From a line to a command: keyword, arguments, state (RFC 1939 §3). */
import type { Line } from '@homeward/wire';
import { findCommandRow } from './command-table.ts';
import type { Pop3Command, Pop3CommandName, Pop3State } from './command.ts';
import type { Texts } from './texts/texts.ts';

/** Why a line is no command; closed list. */
export type CommandProblem = 'bad-line' | 'unknown-command' | 'wrong-state' | 'bad-arguments';

export type ParsedCommand =
  | { readonly ok: true; readonly command: Pop3Command }
  | {
      readonly ok: false;
      readonly problem: CommandProblem;
      /** The command's name, if the keyword is one. */
      readonly name: Pop3CommandName | undefined;
      /** One sentence for the client. */
      readonly text: string;
    };

/**
 * Reads one line. Bare LF, bare CR and NUL are refused: RFC 1939 §3 knows lines that end with CRLF,
 * and who sends others is more often another protocol's client than a POP3 one.
 *
 * @param texts Those of the client's language.
 */
export function parseCommand(line: Line, state: Pop3State, texts: Texts): ParsedCommand {
  if (line.end !== 'crlf' || line.hasBareCr) return refuse('bad-line', texts.lineEndNotCrlf);
  if (line.hasNul) return refuse('bad-line', texts.nulNotAllowed);
  const text = line.octets.toString('latin1');
  const blank = text.indexOf(' ');
  const row = findCommandRow(blank < 0 ? text : text.slice(0, blank));
  if (row === undefined) return refuse('unknown-command', texts.unknownCommand);
  if (!row.states.includes(state)) {
    const words = state === 'authorization' ? texts.logInFirst : texts.loggedInAlready;
    return refuse('wrong-state', words, row.name);
  }
  const command = row.parse(blank < 0 ? undefined : text.slice(blank + 1));
  if (command === undefined) return refuse('bad-arguments', texts.usage(row.usage), row.name);
  return { ok: true, command };
}

function refuse(problem: CommandProblem, text: string, name?: Pop3CommandName): ParsedCommand {
  return { ok: false, problem, name, text };
}
