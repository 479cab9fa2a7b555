/** How a worker ends its sessions; with processes and front ends: `e2e/src/site-stop.test.ts`. */
import { describe, expect, it } from 'vitest';
import type { BackEndConfig } from './config.ts';
import { openTestSite, type TestSite } from './testing/test-site.ts';

/** More than a test may take. */
const LONG: Partial<BackEndConfig> = { stopWindowSeconds: 3_600 };

async function idle(site: TestSite): ReturnType<TestSite['openImap']> {
  const client = await site.openImap(await site.addAccount());
  await client.expectOk('SELECT INBOX');
  await client.sendLine('i IDLE');
  await client.expectLine(/^\+/);
  return client;
}

describe('a worker that stops', () => {
  it('takes no newcomers, ends who has not logged in, and does not wait for nobody', async () => {
    await using site = await openTestSite({ changes: LONG });
    await using waiting = await site.connect('imaps');
    const port = site.port('imaps');
    const [one, two] = [await idle(site), await site.openImap(await site.addAccount())];
    const stopped = site.stop();
    expect(await waiting.expectEnd()).toBe('ended');
    await expect(site.connectTo(port)).rejects.toThrow(/ECONNREFUSED/);
    // One of the two is told at once, as of so few the first share is.
    await two.sendLine('a NOOP');
    await two.sendLine('b LOGOUT');
    await one.sendLine('DONE');
    await one.sendLine('c LOGOUT');
    await Promise.all([one.readToEnd(), two.readToEnd()]);
    await stopped;
    for (const client of [one, two]) await client.close();
  });

  it('cuts all, and closes all, once it is to hurry', async () => {
    await using site = await openTestSite({ changes: LONG });
    const account = await site.addAccount();
    await using sleeping = await idle(site);
    await using appending = await site.openImap(account);
    await appending.sendLine('a APPEND INBOX {100}');
    await appending.expectLine(/^\+/);
    await appending.send('half a message');
    const stopped = site.stop();
    await site.stop('now');
    await stopped;
    await sleeping.readToEnd();
    expect((await appending.readToEnd()).octets.toString('latin1')).not.toMatch(/^a OK/m);
    await site.start();
    await using again = await site.openImap(account);
    const { untagged } = await again.command('STATUS INBOX (MESSAGES)');
    expect(untagged.join('\n')).toContain('(MESSAGES 0)');
  });
});
