/** A worker that starts while its Redis is away: it serves as soon as it knows the keys. */
import { openDirectory, type DirectoryDriver } from '@homeward/directory';
import { startPrivateRedis } from '@homeward/testkit';
import { expect, it } from 'vitest';
import { openTestSite } from './testing/test-site.ts';
import { openWorkerOnRedis } from './testing/worker-on-redis.ts';

it('a worker that starts without its directory serves once that is there', async () => {
  await using redis = await startPrivateRedis({ isDurable: true });
  await using site = await openTestSite();
  await using stack = new AsyncDisposableStack();
  const account = await site.addAccount();
  await fill(site.directory, redis);
  await redis.kill();

  const { worker, imapsPort, lines } = await openWorkerOnRedis(site, redis);
  stack.defer(() => worker.close('now'));
  expect(worker.isDirectoryKnown).toBe(false);
  const logIn = async (): Promise<string> => {
    await using client = await site.connectTo(imapsPort);
    return await site.authenticate(client, site.sign(account, client));
  };
  expect(await logIn()).toMatch(/^t NO /);
  await redis.restart();
  await expect.poll(() => worker.isDirectoryKnown, { timeout: 15_000 }).toBe(true);
  expect(await logIn()).toMatch(/^t OK/);
  const faults = lines.filter((line) => line.includes('directory.read-failed'));
  expect(faults).toHaveLength(1);
});

/** Puts into the Redis what the site's own directory has. */
async function fill(
  from: DirectoryDriver,
  { url, keyPrefix }: { readonly url: string; readonly keyPrefix: string },
): Promise<void> {
  const directory = await openDirectory({ redisUrl: url, keyPrefix, foundsWhenEmpty: true });
  for (const site of await from.listSites()) await directory.putSite(site);
  for (const key of await from.listFrontEndKeys()) await directory.putFrontEndKey(key);
  for (const account of await from.listAccounts({ after: undefined, limit: 10 })) {
    await directory.addAccount(account, undefined);
  }
  await directory.close();
}
