/**
 * Runs once before all tests: makes sure that there is a Redis to start, so that no test's time
 * limit has to cover an installation. A missing one is left for the tests that need it to tell.
 */
import { ensureRedisBinary, redisProblemVariable } from './redis-binary.ts';

/** Called by vitest. */
export async function setup(): Promise<void> {
  if ((process.env['HOMEWARD_TEST_REDIS_URL'] ?? '') !== '') return;
  try {
    await ensureRedisBinary();
  } catch (error) {
    process.env[redisProblemVariable] = error instanceof Error ? error.message : 'no Redis';
  }
}
