/**
 * The table of all commands. Parsing, state checks, the words of errors, and the test that runs
 * every command in every state read it.
 */
import type { CommandSyntax, Pop3Command, Pop3CommandName } from './command.ts';
import { listSyntax, statSyntax, uidlSyntax } from './commands/listing.ts';
import { authSyntax, passSyntax, userSyntax } from './commands/login.ts';
import { deleSyntax, retrSyntax, topSyntax } from './commands/message.ts';
import {
  capaSyntax,
  langSyntax,
  noopSyntax,
  quitSyntax,
  rsetSyntax,
  stlsSyntax,
  utf8Syntax,
} from './commands/session-control.ts';
import { xclientSyntax } from './commands/xclient.ts';

type CommandTable = { readonly [Name in Pop3CommandName]: CommandSyntax<Name> };

const table: CommandTable = {
  CAPA: capaSyntax,
  STLS: stlsSyntax,
  USER: userSyntax,
  PASS: passSyntax,
  AUTH: authSyntax,
  UTF8: utf8Syntax,
  LANG: langSyntax,
  XCLIENT: xclientSyntax,
  QUIT: quitSyntax,
  STAT: statSyntax,
  LIST: listSyntax,
  UIDL: uidlSyntax,
  RETR: retrSyntax,
  TOP: topSyntax,
  DELE: deleSyntax,
  NOOP: noopSyntax,
  RSET: rsetSyntax,
};

/** A row as far as it does not depend on the command's arguments. */
export type CommandRow = Pick<CommandSyntax, 'name' | 'states' | 'usage'> & {
  parse(args: string | undefined): Pop3Command | undefined;
};

/** All rows. */
export const POP3_COMMANDS: readonly CommandRow[] = Object.values(table);

const rows: ReadonlyMap<string, CommandRow> = new Map(POP3_COMMANDS.map((row) => [row.name, row]));

/** @param keyword In any case (RFC 1939 §3). */
export function findCommandRow(keyword: string): CommandRow | undefined {
  return rows.get(keyword) ?? rows.get(keyword.toUpperCase());
}

/** @returns The command as a line with its CRLF, one character for each octet (Latin-1). */
export function formatCommand(command: Pop3Command): string {
  const args = formatArguments(command.name, command);
  return args === undefined ? `${command.name}\r\n` : `${command.name} ${args}\r\n`;
}

/** Ties the command to its own row, which the union of all rows cannot express. */
function formatArguments<Name extends Pop3CommandName>(
  name: Name,
  command: Pop3Command,
): string | undefined {
  const row: Pick<CommandSyntax<Name>, 'formatArguments'> = table[name];
  // The row was looked up by the command's own name.
  return row.formatArguments(command as Parameters<typeof row.formatArguments>[0]);
}
