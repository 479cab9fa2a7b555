/** Opens the directory that a configuration names. */
import { open } from 'node:fs/promises';
import { type DirectoryDriver, openDirectory } from '@homeward/directory';
import { type DirectoryConfig, locateDirectory } from '@homeward/service';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

/**
 * The caller closes it.
 *
 * @param how `foundsWhenEmpty`: an empty Redis becomes a directory.
 * @throws OperatorError if that cannot be done.
 */
export async function openConfiguredDirectory(
  config: DirectoryConfig,
  how: { readonly foundsWhenEmpty?: boolean } = {},
): Promise<DirectoryDriver> {
  try {
    return await openDirectory({ ...(await locate(config)), ...how });
  } catch (error) {
    const text = error instanceof Error ? error.message : 'unknown';
    throw new OperatorError(
      `the directory (${describeDirectory(config)}) cannot be opened: ${text}`,
      EXIT_CODES.unavailable,
    );
  }
}

/** Where it is, without any password. */
export function describeDirectory(config: DirectoryConfig): string {
  return config.driver === 'embedded' ? config.path : config.url.replace(/\/\/[^@/]*@/, '//');
}

async function locate(config: DirectoryConfig): Promise<Parameters<typeof openDirectory>[0]> {
  if (config.driver === 'embedded') {
    // It holds password hashes: for its owner from the first octet on, SQLite's other files too.
    await (await open(config.path, 'a', 0o600)).close();
    return { file: config.path };
  }
  return locateDirectory(config);
}
