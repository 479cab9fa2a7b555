/**
 * The `homeward` command. Whatever happens ends as output, one line for each problem on
 * standard error, and an exit code (`output/operator-error.ts`).
 */
import { readEnvironment } from '@homeward/service/environment';
import { CommanderError } from 'commander';
import type { CommandContext } from './commands/command-context.ts';
import { openOperatorConsole, type OperatorConsole } from './output/operator-console.ts';
import { EXIT_CODES, OperatorError } from './output/operator-error.ts';
import { createProgram } from './program.ts';

/** Runs the command that the process's arguments name, and ends the process. */
export async function main(): Promise<void> {
  const console = openOperatorConsole();
  await runCommand({ console, environment: readEnvironment() }, process.argv.slice(2));
  // Nothing that a command left behind keeps it from ending; pipes are written synchronously.
  process.exit(console.exitCode);
}

/**
 * Runs one command to its end and leaves its exit code in the console; never throws.
 *
 * @param args As after `homeward`.
 */
export async function runCommand(context: CommandContext, args: readonly string[]): Promise<void> {
  const program = createProgram(context);
  try {
    if (args.length > 0) await program.parseAsync(args, { from: 'user' });
    else program.outputHelp();
  } catch (error) {
    await settle(context.console, error);
  }
}

async function settle(console: OperatorConsole, error: unknown): Promise<void> {
  if (error instanceof CommanderError) {
    // It has said what is wrong already.
    console.exitCode = error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
    return;
  }
  const explained = error instanceof OperatorError ? error : await explainByWiring(error);
  if (explained !== undefined) {
    for (const line of explained.lines) console.complain(line);
    console.exitCode = explained.exitCode;
    return;
  }
  console.complain('this is a bug, please report it with what follows');
  console.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  console.exitCode = EXIT_CODES.software;
}

/** Loaded only for this: it brings all packages along. */
async function explainByWiring(error: unknown): Promise<OperatorError | undefined> {
  const { explainError } = await import('./wiring.ts');
  return explainError(error);
}
