/** Opens whichever directory the configuration names, behind the one port. */
import type { Clock } from './clock.ts';
import { openEmbeddedDirectory } from './embedded/embedded-directory.ts';
import type { DirectoryDriver } from './directory-driver.ts';
import type { SetBackAccount } from './redis/epoch-floors.ts';
import { openRedisDirectory } from './redis/redis-directory.ts';

/** Where the directory is: in a Redis or in a file, never both. */
export type DirectoryLocation =
  | { readonly redisUrl: string; readonly file?: undefined }
  | { readonly file: string; readonly redisUrl?: undefined };

/** What both drivers understand; see their own options for more. */
export interface DirectoryOptions {
  /** Limit for each call; default 2,000. */
  readonly budgetMs?: number | undefined;
  /** How long sessions of a dead worker still count; default 15,000. */
  readonly leaseLifeMs?: number | undefined;
  /** For a Redis: a Redis that may be lost, for live sessions. */
  readonly sessionUrl?: string | undefined;
  /** For a Redis: tells installations apart; default "homeward". */
  readonly keyPrefix?: string | undefined;
  /** For a Redis: whether an empty one becomes a directory; see `RedisDirectoryOptions`. */
  readonly foundsWhenEmpty?: boolean | undefined;
  /** For a Redis: its password, in place of the one in the URL. */
  readonly password?: string | undefined;
  /** For a Redis by Sentinel: the password of the Sentinels. */
  readonly sentinelPassword?: string | undefined;
  /** For a Redis with TLS: PEM of the authorities to trust. */
  readonly tlsCa?: string | undefined;
  /** For a Redis: told when it can, or can no longer, be used, with why; for the log. */
  readonly onAvailability?: ((isAvailable: boolean, reason: string) => void) | undefined;
  /** For a Redis: told of records that were set back; see `RedisDirectoryOptions`. */
  readonly onSetBack?: ((found: SetBackAccount) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** The caller closes it. See `openRedisDirectory` and `openEmbeddedDirectory` for failures. */
export async function openDirectory(
  options: DirectoryLocation & DirectoryOptions,
): Promise<DirectoryDriver> {
  if (options.redisUrl === undefined) return openEmbeddedDirectory(options);
  return openRedisDirectory({ ...options, url: options.redisUrl });
}
