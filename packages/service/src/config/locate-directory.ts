/** Where the directory is, from the configuration's terms to the directory's own. */
import { readFile } from 'node:fs/promises';
import { readSecretFile } from './load-config.ts';
import type { DirectoryConfig } from './schema-pieces.ts';

/** As `openDirectory` takes it. */
export type LocatedDirectory =
  | { readonly file: string }
  | {
      readonly redisUrl: string;
      readonly keyPrefix: string;
      readonly password: string | undefined;
      readonly sentinelPassword: string | undefined;
      readonly tlsCa: string | undefined;
    };

/** Reads the secrets that the configuration names as files; rejects as `readFile` does. */
export async function locateDirectory(config: DirectoryConfig): Promise<LocatedDirectory> {
  if (config.driver === 'embedded') return { file: config.path };
  const { url, keyPrefix, passwordFile, sentinelPasswordFile, caFile } = config;
  const secretOf = (file: string | undefined): Promise<string> | undefined =>
    file === undefined ? undefined : readSecretFile(file);
  return {
    redisUrl: url,
    keyPrefix,
    password: await secretOf(passwordFile),
    sentinelPassword: await secretOf(sentinelPasswordFile),
    tlsCa: caFile === undefined ? undefined : await readFile(caFile, 'utf8'),
  };
}
