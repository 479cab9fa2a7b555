/**
 * Finds the Redis server program, or installs it where that can be done unasked. Tests that need
 * Redis are never skipped; without one they fail, and say why.
 */
import { ensureDebianProgram } from './debian-program.ts';

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
  const found = await ensureDebianProgram({
    names: ['redis-server', 'valkey-server'],
    packages: ['redis-server'],
  });
  if ('path' in found) return found.path;
  throw new Error(
    `Tests need Redis: install redis-server (or valkey-server), or set HOMEWARD_TEST_REDIS_URL` +
      ` to a Redis that they may write to (${found.problem}).`,
  );
}
