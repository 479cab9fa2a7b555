/** Runs the real `homeward` command to its end, for tests: as a process, or here. */
import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { CommandContext } from '../commands/command-context.ts';
import { runCommand } from '../main.ts';
import { formatComplaint, type OperatorConsole } from '../output/operator-console.ts';
import { createProgram } from '../program.ts';

/** What the bin of the package is. */
export const LAUNCHER: string = fileURLToPath(new URL('../../bin/homeward.js', import.meta.url));

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandInput {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input; empty unless given. */
  readonly input?: string;
}

/** @param args As after `homeward`. */
export function runHomeward(
  args: readonly string[],
  { cwd, env, input = '' }: CommandInput = {},
): Promise<CommandResult> {
  const { HOMEWARD_CONFIG: _, ...inherited } = process.env;
  const child = spawn(process.execPath, ['--', LAUNCHER, ...args], {
    cwd,
    env: { ...inherited, ...env },
    stdio: 'pipe',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/**
 * The same in this process, which costs a hundredth: for what sets a test up.
 *
 * What a process alone has does not apply: the launcher, a folder of its own, an end that nothing
 * can put off.
 */
export async function runHomewardHere(
  args: readonly string[],
  { env, input = '' }: Omit<CommandInput, 'cwd'> = {},
): Promise<CommandResult> {
  const { HOMEWARD_CONFIG: _, ...inherited } = process.env;
  let stdout = '';
  let stderr = '';
  const console: OperatorConsole = {
    print: (text) => void (stdout += `${text}\n`),
    complain: (text) => void (stderr += formatComplaint(text)),
    note: (text) => void (stderr += `${text}\n`),
    input: Readable.from([Buffer.from(input)]),
    isInteractive: false,
    hasProgress: false,
    exitCode: 0,
    surviveBrokenPipe: () => {},
  };
  await runCommand({ console, environment: { ...inherited, ...env } }, args);
  return { code: console.exitCode, stdout, stderr };
}

type CommandRunner = (args: readonly string[], input?: CommandInput) => Promise<CommandResult>;

/**
 * A runner that starts a process for the first run of each command, as operators do, and runs
 * what follows here. So every command that a test file is about has been run for real once, and
 * a hundred cases of it do not cost a hundred starts.
 */
export function createCommandRunner(): CommandRunner {
  const started = new Set<string>();
  return (args, input) => {
    const command = nameOf(args);
    if (input?.cwd === undefined && started.has(command)) return runHomewardHere(args, input);
    started.add(command);
    return runHomeward(args, input);
  };
}

/** Which command arguments name: `account add`; empty for none that exists. */
function nameOf(args: readonly string[]): string {
  let command: Command | undefined = createProgram({} as CommandContext);
  const names: string[] = [];
  for (const arg of args) {
    command = command.commands.find((one) => one.name() === arg);
    if (command === undefined) break;
    names.push(arg);
  }
  return names.join(' ');
}
