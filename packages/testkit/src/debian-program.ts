/**
 * Finds a program that tests need, or installs it where that can be done unasked: on Debian and
 * its kin, as root. Tests that need one are never skipped; without it they fail, and say why.
 */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** How long apt may take, the wait for other workers that do the same included. */
const installLimitMs = 240_000;

/** A program as Debian has it. */
export interface DebianProgram {
  /** By any of these names or absolute paths, the first is preferred. */
  readonly names: readonly string[];
  readonly packages: readonly string[];
}

/**
 * Path of the program, or why there is none. May be called by several processes at once: one of
 * them installs, the others wait for it.
 */
export async function ensureDebianProgram(
  program: DebianProgram,
): Promise<{ readonly path: string } | { readonly problem: string }> {
  const found = await findProgram(program.names);
  if (found !== undefined) return { path: found };
  const why = await install(program);
  const installed = await findProgram(program.names);
  return installed === undefined ? { problem: why } : { path: installed };
}

/** @returns Why it could not be installed; meaningless if the program is there afterwards. */
async function install({ names, packages }: DebianProgram): Promise<string> {
  const why = await runInstaller(
    `command -v ${names[0]} || (apt-get update -qq && ` +
      `apt-get install -qq -y --no-install-recommends ${packages.join(' ')})`,
  );
  return why ?? 'apt-get installed none';
}

/**
 * Runs a shell script that installs something, as the only one on this machine that does.
 *
 * @returns Why it did not; undefined where it did.
 */
export async function runInstaller(script: string): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'it is installed unasked only for root';
  if ((await findProgram(['apt-get'])) === undefined) return 'there is no apt-get to install it';
  const env = {
    ...process.env,
    DEBIAN_FRONTEND: 'noninteractive',
    // Keeps a package from starting a server of its own on the standard port.
    RUNLEVEL: '1',
  };
  try {
    // flock is part of every Debian; the lock is let go when the shell ends, however it ends.
    await run('flock', ['/tmp/homeward-install.lock', 'sh', '-ec', script], {
      env,
      timeout: installLimitMs,
      maxBuffer: 16 * 1024 * 1024,
    });
    return undefined;
  } catch (error) {
    const { stderr = '', message } = error as Error & { readonly stderr?: string };
    return `apt-get failed: ${(stderr.trim() || message).split('\n').at(-1) ?? ''}`;
  }
}

async function findProgram(names: readonly string[]): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  for (const name of names) {
    for (const folder of [...folders, '/usr/bin', '/usr/sbin', '/usr/local/bin']) {
      const file = path.isAbsolute(name) ? name : path.join(folder, name);
      if (folder !== '' && (await isExecutable(file))) return file;
    }
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
