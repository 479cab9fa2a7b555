/** The table of all commands. Parsing and the words of errors read it. */
import type { CommandSyntax, SmtpCommand, SmtpCommandName } from './command.ts';
import type { ArgumentProblem } from './argument-problem.ts';
import { ehloSyntax, heloSyntax, lhloSyntax } from './commands/greeting.ts';
import { authSyntax, starttlsSyntax } from './commands/login.ts';
import { bdatSyntax, dataSyntax, mailSyntax, rcptSyntax } from './commands/message.ts';
import {
  expnSyntax,
  helpSyntax,
  noopSyntax,
  quitSyntax,
  rsetSyntax,
  vrfySyntax,
} from './commands/session-control.ts';
import { xclientSyntax } from './commands/xclient.ts';

type CommandTable = { readonly [Name in SmtpCommandName]: CommandSyntax<Name> };

const table: CommandTable = {
  EHLO: ehloSyntax,
  HELO: heloSyntax,
  LHLO: lhloSyntax,
  STARTTLS: starttlsSyntax,
  AUTH: authSyntax,
  MAIL: mailSyntax,
  RCPT: rcptSyntax,
  DATA: dataSyntax,
  BDAT: bdatSyntax,
  XCLIENT: xclientSyntax,
  RSET: rsetSyntax,
  NOOP: noopSyntax,
  QUIT: quitSyntax,
  VRFY: vrfySyntax,
  EXPN: expnSyntax,
  HELP: helpSyntax,
};

/** A row as far as it does not depend on the command's arguments. */
export type CommandRow = Pick<CommandSyntax, 'name' | 'usage'> & {
  parse(args: string): SmtpCommand | ArgumentProblem;
};

/** All rows. */
export const SMTP_COMMANDS: readonly CommandRow[] = Object.values(table);

const rows: ReadonlyMap<string, CommandRow> = new Map(SMTP_COMMANDS.map((row) => [row.name, row]));

/** @param keyword In any case (RFC 5321 §2.4). */
export function findCommandRow(keyword: string): CommandRow | undefined {
  return rows.get(keyword) ?? rows.get(keyword.toUpperCase());
}

/** @returns The command as a line with its CRLF, one character for each octet (Latin-1). */
export function formatCommand(command: SmtpCommand): string {
  const args = formatArguments(command.name, command);
  const line = args === undefined ? command.name : `${command.name} ${args}`;
  return `${Buffer.from(line, 'utf8').toString('latin1')}\r\n`;
}

/** Ties the command to its own row, which the union of all rows cannot express. */
function formatArguments<Name extends SmtpCommandName>(
  name: Name,
  command: SmtpCommand,
): string | undefined {
  const row: Pick<CommandSyntax<Name>, 'formatArguments'> = table[name];
  // The row was looked up by the command's own name.
  return row.formatArguments(command as Parameters<typeof row.formatArguments>[0]);
}
