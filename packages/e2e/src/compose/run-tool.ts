/** Runs a program to its end and gives what it printed. */
import { execFile } from 'node:child_process';

/** What a program may need beside its arguments. */
export interface ToolOptions {
  readonly cwd?: string;
  /** Added to the test's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input. */
  readonly input?: string;
  readonly limitMs?: number;
}

const LIMIT_MS = 120_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** @returns Standard output. @throws With what it printed, if its exit code is not 0. */
export function runTool(
  command: string,
  args: readonly string[],
  { cwd, env, input = '', limitMs = LIMIT_MS }: ToolOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      args,
      { cwd, env: { ...process.env, ...env }, timeout: limitMs, maxBuffer: MOST_BYTES },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`));
      },
    );
    // A program that is gone already does not read its input; its exit says so.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Whether a program is there and ends with 0. */
export async function canRun(command: string, args: readonly string[]): Promise<boolean> {
  return runTool(command, args, { limitMs: 20_000 }).then(
    () => true,
    () => false,
  );
}
