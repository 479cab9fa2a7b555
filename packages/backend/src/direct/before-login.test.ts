/** People at a home itself who do not get as far as a login, over real sockets. */
import { openDirectory } from '@homeward/directory';
import { startPrivateRedis } from '@homeward/testkit';
import { expect, it } from 'vitest';
import { openTestSite } from '../testing/test-site.ts';
import { openWorkerOnRedis } from '../testing/worker-on-redis.ts';

it('who sends octet by octet gets no more time than others', async () => {
  const idleLimits = { preAuthenticatedSeconds: 1, authenticatedSeconds: 1_800 };
  await using site = await openTestSite({ directLogin: true, changes: { idleLimits } });
  await using client = await site.connect('imaps');
  let isOver = false;
  const ended = client.readToEnd().finally(() => (isOver = true));
  for (let at = 0; at < 60 && !isOver; at += 1) {
    await client.send('a');
    // As slow as the client likes to be: nothing waits for this.
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect(isOver).toBe(true);
  expect((await ended).octets.toString()).toMatch(/^\* BYE .*[Ii]dle/m);
});

it('a fault before the proof of SCRAM is told, logged and counted under one reference', async () => {
  await using redis = await startPrivateRedis({ isDurable: true });
  await using site = await openTestSite({ directLogin: true });
  await using stack = new AsyncDisposableStack();
  const { url, keyPrefix } = redis;
  const directory = await openDirectory({ redisUrl: url, keyPrefix, foundsWhenEmpty: true });
  for (const record of await site.directory.listSites()) await directory.putSite(record);
  await directory.close();
  const { worker, imapsPort, lines } = await openWorkerOnRedis(site, redis);
  stack.defer(() => worker.close('now'));
  await using client = await site.connectTo(imapsPort);
  await redis.kill();
  const first = Buffer.from('n,,n=anna,r=fyko+d2lbbFgONRv9qkxdawL').toString('base64');
  await client.sendLine(`a AUTHENTICATE SCRAM-SHA-256 ${first}`);
  const reference = /^a NO \[UNAVAILABLE\] .*\(ref ([^)]+)\)/.exec(await client.readLine())?.[1];
  expect(reference).toBeDefined();
  const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(logged).toContainEqual(
    expect.objectContaining({
      event: 'login.failed',
      reason: 'directory-away',
      method: 'SCRAM-SHA-256',
      loginName: 'anna',
      conversationId: reference,
    }),
  );
  expect(await site.metrics.format()).toMatch(
    /logins_total\{[^}]*outcome="directory-away"[^}]*\} 1/,
  );
});
