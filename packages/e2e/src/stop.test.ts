/** Ctrl-C and SIGTERM: sessions end with a farewell, the demo with 0, and nothing is left. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RawClient } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';
import { isRunning } from './demo/process-tree.ts';

/** A terminal's Ctrl-C reaches every process of the group; a supervisor's SIGTERM only the first. */
const WAYS: readonly (readonly [string, (demo: Demo) => void])[] = [
  ['Ctrl-C', (demo) => demo.process.kill('SIGINT')],
  ['SIGINT to the first process', (demo) => demo.process.signal('SIGINT')],
  ['SIGTERM', (demo) => demo.process.signal('SIGTERM')],
];

describe('homeward demo', () => {
  it.each(WAYS)('ends in order on %s', { timeout: 60_000 }, async (_, stop) => {
    await using demo = await startDemo({ accountCount: 8 });
    const pids = [demo.process.pid, ...demo.listProcesses().map(({ pid }) => pid)];
    const greeted = await demo.connect('imaps');
    const greetedPop3 = await demo.connect('pop3s');
    const loggedIn = await demo.openImap(demo.takeUser('dublin'));
    const idling = await demo.openImap(demo.takeUser('oslo'));
    await idling.expectOk('SELECT INBOX');
    await idling.sendLine('i IDLE');
    await idling.expectLine(/^\+/);
    const loggedInPop3 = await demo.openPop3(demo.takeUser('oslo'));
    const startedMs = performance.now();
    stop(demo);
    // Where the signal reaches both halves at once, both may say goodbye.
    for (const client of [greeted, loggedIn, idling]) {
      expect(await readFarewell(client)).toMatch(/^(\* BYE [^\r]*\r\n){1,2}$/);
    }
    for (const client of [greetedPop3, loggedInPop3]) {
      expect(await readFarewell(client)).toMatch(/^(-ERR [^\r]*\r\n){1,2}$/);
    }
    expect(await demo.process.waitForExit(20_000)).toEqual({ code: 0, signal: null });
    console.log(`stopped within ${(performance.now() - startedMs).toFixed(0)} ms`);
    expect(pids.filter(isRunning)).toEqual([]);
    // Without --data nothing is kept.
    expect(existsSync(dirname(demo.facts.configFile))).toBe(false);
  });
});

async function readFarewell(client: RawClient): Promise<string> {
  const { octets } = await client.readToEnd();
  await client.close();
  return octets.toString('latin1');
}
