/**
 * Finds the Redis server program, or installs it where that can be done unasked: on Debian and
 * its kin, as root. Tests that need Redis are never skipped; without one they fail, and say why.
 */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const programs: readonly string[] = ['redis-server', 'valkey-server'];
/** How long apt may take, the wait for other workers that do the same included. */
const installLimitMs = 240_000;

/** Where global set-up leaves word that there is no Redis, so that each test need not try again. */
export const redisProblemVariable: string = 'HOMEWARD_TEST_REDIS_PROBLEM';

/**
 * Path of redis-server or valkey-server. May be called by several processes at once: one of
 * them installs, the others wait for it.
 *
 * @throws Error with one sentence that says what to do.
 */
export async function ensureRedisBinary(): Promise<string> {
  const problem = process.env[redisProblemVariable];
  if (problem !== undefined) throw new Error(problem);
  const found = await findProgram(programs);
  if (found !== undefined) return found;
  const why = await install();
  const installed = await findProgram(programs);
  if (installed !== undefined) return installed;
  throw new Error(
    `Tests need Redis: install redis-server (or valkey-server), or set HOMEWARD_TEST_REDIS_URL` +
      ` to a Redis that they may write to (${why}).`,
  );
}

/** @returns Why it could not be installed; meaningless if the program is there afterwards. */
async function install(): Promise<string> {
  if (process.getuid?.() !== 0) return 'it is installed unasked only for root';
  if ((await findProgram(['apt-get'])) === undefined) return 'there is no apt-get to install it';
  const script =
    'command -v redis-server || ' +
    '(apt-get update -qq && apt-get install -qq -y --no-install-recommends redis-server)';
  const env = {
    ...process.env,
    DEBIAN_FRONTEND: 'noninteractive',
    // Keeps the package from starting a server of its own on the standard port.
    RUNLEVEL: '1',
  };
  try {
    // flock is part of every Debian; the lock is let go when the shell ends, however it ends.
    await run('flock', ['/tmp/homeward-redis-install.lock', 'sh', '-c', script], {
      env,
      timeout: installLimitMs,
      maxBuffer: 16 * 1024 * 1024,
    });
    return 'apt-get installed none';
  } catch (error) {
    const { stderr = '', message } = error as Error & { readonly stderr?: string };
    return `apt-get failed: ${(stderr.trim() || message).split('\n').at(-1) ?? ''}`;
  }
}

async function findProgram(names: readonly string[]): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  for (const name of names) {
    for (const folder of [...folders, '/usr/bin', '/usr/sbin', '/usr/local/bin']) {
      const file = path.join(folder, name);
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
