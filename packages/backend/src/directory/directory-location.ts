/** Where the directory is, from the configuration's terms to the directory's own. */
import type { openDirectory } from '@homeward/directory';
import { type DirectoryConfig, readSecretFile } from '@homeward/service';

/** Reads the secrets that the configuration names as files. */
export async function directoryLocation(
  config: DirectoryConfig,
): Promise<Parameters<typeof openDirectory>[0]> {
  if (config.driver === 'embedded') return { file: config.path };
  const url = new URL(config.url);
  if (config.passwordFile !== undefined) url.password = await readSecretFile(config.passwordFile);
  return {
    redisUrl: url.href,
    keyPrefix: config.keyPrefix,
    tlsCa: config.caFile === undefined ? undefined : await readSecretFile(config.caFile),
  };
}
