/**
 * A Redis that lost the directory: emptied under its users, or back without its data. Sessions go
 * on, known accounts get in, nobody hears of a wrong password; all is well when it is restored.
 */
import { connectRaw, type PrivateRedis, startPrivateRedis } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryImap, tryPop3, trySubmission } from './attempts.ts';
import { type Demo, startDemo } from './demo/demo.ts';

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

async function flush(): Promise<void> {
  await using admin = await connectRaw({ port: redis.port });
  await admin.sendLine('FLUSHALL');
  await admin.expectLine('+OK');
}

const LOSSES: readonly (readonly [string, () => Promise<void>])[] = [
  ['is emptied', flush],
  [
    'comes back empty',
    async () => {
      await flush();
      await redis.kill();
      await redis.restart();
    },
  ],
];

describe.each(LOSSES)('a Redis that %s', { timeout: 60_000 }, (_how, lose) => {
  it('leaves sessions and known accounts alone, and heals when it is restored', async () => {
    const processes = demo.listProcesses().map(({ pid }) => pid);
    const known = demo.takeUser();
    const newcomer = demo.takeUser('oslo');
    await using session = await demo.openImap(known);
    const restore = await redis.keepState();
    await lose();
    // Long enough for a process to take it for the truth, were it to.
    const untilMs = performance.now() + 4_000;
    while (performance.now() < untilMs) {
      expect((await tryImap(demo, known)).text).toMatch(/^OK/);
      expect((await tryImap(demo, newcomer)).text).toMatch(/^NO \[UNAVAILABLE\] /);
      expect((await tryPop3(demo, newcomer)).text).toMatch(/^-ERR \[SYS\/TEMP\] /);
      expect((await trySubmission(demo, newcomer)).text).toMatch(/^454 4\.7\.0 /);
      await session.expectOk('NOOP');
    }
    const opsText = await (await fetch(`${demo.facts.opsUrl}/health/imap/directory`)).text();
    expect(opsText).toContain('directory-empty: Redis has lost the directory');

    await restore();
    await expect
      .poll(async () => (await tryImap(demo, newcomer)).text, { timeout: 10_000 })
      .toMatch(/^OK/);
    const wrong = await tryImap(demo, { ...newcomer, password: 'wrong' });
    expect(wrong.text).toMatch(/^NO \[AUTHENTICATIONFAILED\] /);
    await session.expectOk('NOOP');
    expect(demo.listProcesses().map(({ pid }) => pid)).toEqual(processes);
  });
});
