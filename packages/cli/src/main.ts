/**
 * The `homeward` command. Whatever happens ends as output, one line for each problem on
 * standard error, and an exit code (`output/operator-error.ts`).
 */
import { readEnvironment } from '@homeward/service';
import { CommanderError } from 'commander';
import { openOperatorConsole, type OperatorConsole } from './output/operator-console.ts';
import { EXIT_CODES } from './output/operator-error.ts';
import { createProgram } from './program.ts';

/** Runs the command that the process's arguments name, and ends the process. */
export async function main(): Promise<void> {
  const console = openOperatorConsole();
  const program = createProgram({ console, environment: readEnvironment() });
  try {
    if (process.argv.length > 2) await program.parseAsync();
    else program.outputHelp();
  } catch (error) {
    await settle(console, error);
  }
  // Nothing that a command left behind keeps it from ending; pipes are written synchronously.
  process.exit(console.exitCode);
}

async function settle(console: OperatorConsole, error: unknown): Promise<void> {
  if (error instanceof CommanderError) {
    // It has said what is wrong already.
    console.exitCode = error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
    return;
  }
  const { explainError } = await import('./wiring.ts');
  const explained = explainError(error);
  if (explained !== undefined) {
    for (const line of explained.lines) console.complain(line);
    console.exitCode = explained.exitCode;
    return;
  }
  console.complain('this is a bug, please report it with what follows');
  console.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  console.exitCode = EXIT_CODES.software;
}
