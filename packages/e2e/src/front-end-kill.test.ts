/** kill -9 of the front end: nothing but its open connections is lost. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryImap, tryPop3 } from './attempts.ts';
import { type Demo, startDemo } from './demo/demo.ts';
import { isRunning, signalProcess } from './demo/process-tree.ts';
import { waitUntil } from './poll.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 4 });
});
afterAll(() => demo?.stop());

describe('a front end that is killed', () => {
  it(
    'is started again; its sessions hold no maildrop and no count',
    { timeout: 60_000 },
    async () => {
      const user = demo.takeUser();
      const sites = demo.listSiteProcesses('dublin').map(({ pid }) => pid);
      await using pop3 = await demo.openPop3(user);
      await using sessions = new AsyncDisposableStack();
      for (let count = 1; count < SESSION_LIMIT; count += 1)
        sessions.use(await demo.openImap(user));
      expect((await tryImap(demo, user)).text).toMatch(/^NO \[LIMIT\]/);
      const [frontEnd] = demo.listFrontEndProcesses();
      signalProcess(frontEnd!.pid, 'SIGKILL');
      await pop3.readToEnd();
      // Its sockets close before the kernel is done with it.
      await waitUntil('the end of the process', async () =>
        isRunning(frontEnd!.pid) ? undefined : true,
      );
      const startedMs = performance.now();
      await waitUntil('IMAP', async () =>
        (await tryImap(demo, demo.facts.users[1]!)).text.startsWith('OK') ? true : undefined,
      );
      console.log(`others in after ${(performance.now() - startedMs).toFixed(0)} ms`);
      await waitUntil(
        'the same account',
        async () => ((await tryPop3(demo, user)).text.startsWith('+OK') ? true : undefined),
        45_000,
      );
      console.log(`the same account in after ${(performance.now() - startedMs).toFixed(0)} ms`);
      expect(demo.listSiteProcesses('dublin').map(({ pid }) => pid)).toEqual(sites);
    },
  );
});

/** connectionLimits.perUser as it is unless somebody sets it (MaxConnectionsPerUser). */
const SESSION_LIMIT = 16;
