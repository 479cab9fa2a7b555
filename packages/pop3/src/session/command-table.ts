/** The commands of the TRANSACTION state: the grammar's rows, and what each does. */
import { POP3_COMMANDS } from '../grammar/command-table.ts';
import type { CommandRow } from '../grammar/command-table.ts';
import type { Pop3Command, Pop3CommandName, Pop3CommandOf } from '../grammar/command.ts';
import { runList, runStat, runUidl } from './commands/listing.ts';
import { runDele, runRetr, runTop } from './commands/message.ts';
import { runCapa, runLang, runNoop, runQuit, runRset } from './commands/session-control.ts';
import type { Outcome, SessionContext } from './session-context.ts';

type SessionCommandName = Exclude<
  Pop3CommandName,
  'STLS' | 'UTF8' | 'USER' | 'PASS' | 'AUTH' | 'XCLIENT'
>;

type Runners = {
  readonly [Name in SessionCommandName]: (
    context: SessionContext,
    command: Pop3CommandOf<Name>,
  ) => Outcome | Promise<Outcome>;
};

const runners: Runners = {
  CAPA: runCapa,
  STAT: runStat,
  LIST: runList,
  UIDL: runUidl,
  RETR: runRetr,
  TOP: runTop,
  DELE: runDele,
  NOOP: runNoop,
  RSET: runRset,
  LANG: runLang,
  QUIT: runQuit,
};

/** A command and what it does. */
export interface SessionCommand extends CommandRow {
  run(context: SessionContext, command: Pop3Command): Outcome | Promise<Outcome>;
}

/** All commands that may stand in the TRANSACTION state. */
export const SESSION_COMMANDS: readonly SessionCommand[] = POP3_COMMANDS.flatMap((row) => {
  const { name } = row;
  return isSessionCommand(name) ? [{ ...row, run: runnerOf(name) }] : [];
});

const commands: ReadonlyMap<Pop3CommandName, SessionCommand> = new Map(
  SESSION_COMMANDS.map((command) => [command.name, command]),
);

/** Runs a command that the grammar let stand in the TRANSACTION state. */
export function runCommand(
  context: SessionContext,
  command: Pop3Command,
): Outcome | Promise<Outcome> {
  const row = commands.get(command.name);
  if (row === undefined) throw new Error(`the table lets ${command.name} stand after login`);
  return row.run(context, command);
}

function isSessionCommand(name: Pop3CommandName): name is SessionCommandName {
  return Object.hasOwn(runners, name);
}

/** Ties a command to its runner by name, which the union of all of them cannot express. */
function runnerOf(name: SessionCommandName): SessionCommand['run'] {
  const run: (context: SessionContext, command: never) => Outcome | Promise<Outcome> =
    runners[name];
  return (context, command) => run(context, command as never);
}
