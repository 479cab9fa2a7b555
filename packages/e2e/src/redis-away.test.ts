/**
 * A Redis that is killed or hangs: sessions go on, accounts that the front end knows get in,
 * others hear that it is unavailable and never that their password is wrong; it heals by itself.
 */
import { type PrivateRedis, startPrivateRedis } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryImap, tryPop3 } from './attempts.ts';
import { type Demo, startDemo } from './demo/demo.ts';
import { waitUntil } from './poll.ts';

let redis: PrivateRedis;
let demo: Demo;
beforeAll(async () => {
  redis = await startPrivateRedis({ isDurable: true });
  demo = await startDemo({ accountCount: 8, redisUrl: redis.url });
});
afterAll(async () => {
  await demo?.stop();
  await redis?.stop();
});

const LIMIT_MS = 5_000;

const FAULTS: readonly (readonly [string, () => Promise<void>, () => Promise<void>])[] = [
  ['is killed', () => redis.kill(), () => redis.restart()],
  ['hangs', async () => redis.freeze(), async () => redis.thaw()],
];

describe.each(FAULTS)('a Redis that %s', (_, begin, end) => {
  it('leaves sessions and known accounts alone, and newcomers hear that they must wait', async () => {
    const processes = demo.listProcesses().map(({ pid }) => pid);
    const known = demo.takeUser();
    const newcomer = demo.takeUser('oslo');
    await using session = await demo.openImap(known);
    await begin();
    try {
      await session.expectOk('APPEND INBOX {12+}\r\nSubject: hi\n');
      const again = await tryImap(demo, known);
      expect(again.text).toMatch(/^OK/);
      expect(again.tookMs).toBeLessThan(LIMIT_MS);
      const imap = await tryImap(demo, newcomer);
      expect(imap.text).toMatch(/^NO \[UNAVAILABLE\] /);
      expect(imap.tookMs).toBeLessThan(LIMIT_MS);
      const pop3 = await tryPop3(demo, newcomer);
      expect(pop3.text).toMatch(/^-ERR \[SYS\/TEMP\] /);
      expect(pop3.tookMs).toBeLessThan(LIMIT_MS);
      const stranger = await tryImap(demo, { name: 'nobody@homeward.test', password: 'x' });
      expect(stranger.text).toMatch(/^NO \[UNAVAILABLE\] /);
      const wrong = await tryImap(demo, { ...known, password: 'wrong' });
      expect(wrong.text).toMatch(/^NO \[AUTHENTICATIONFAILED\] /);
      console.log(
        `Redis away: known ${again.tookMs.toFixed(0)} ms, newcomer ${imap.tookMs.toFixed(0)} ms`,
      );
    } finally {
      await end();
    }
    const startedMs = performance.now();
    await waitUntil('newcomers to get in', async () =>
      (await tryImap(demo, newcomer)).text.startsWith('OK') ? true : undefined,
    );
    console.log(`Redis back: newcomer in after ${(performance.now() - startedMs).toFixed(0)} ms`);
    expect((await tryPop3(demo, newcomer)).text).toMatch(/^\+OK/);
    await session.expectOk('NOOP');
    expect(demo.listProcesses().map(({ pid }) => pid)).toEqual(processes);
  });
});
