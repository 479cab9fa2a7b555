/** The `homeward` command, run as people run it. */
import { fileURLToPath } from 'node:url';
import { type ProcessOptions, type RunningProcess, startProcess } from '@homeward/testkit';

const PROGRAM = fileURLToPath(new URL('../../../cli/bin/homeward.js', import.meta.url));

/** How a command ended, and what it printed. */
export interface CommandResult {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Starts the command; the caller stops it. */
export function startHomeward(
  args: readonly string[],
  options: ProcessOptions = {},
): RunningProcess {
  return startProcess(PROGRAM, { ...options, args });
}

/** Runs a command to its end. */
export async function runHomeward(
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<CommandResult> {
  await using running = startHomeward(args, options);
  const exit = await running.waitForExit(30_000);
  return { exitCode: exit.code, output: running.output };
}
