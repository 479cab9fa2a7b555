/** Runs the real `homeward` command to its end, for tests. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

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
