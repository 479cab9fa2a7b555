/** Killing a real process between its writes: what it accepted is delivered afterwards. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createSeededRandom, createTempFolder, startNode } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { QueueLedger, type LedgerEntry } from './testing/queue-ledger.ts';
import { checkVolume } from './testing/queue-workload.ts';

const SCRIPT = fileURLToPath(new URL('./testing/send-forever.ts', import.meta.url));
const ROUND_COUNT = 5;

describe('kill -9', () => {
  it('loses nothing that was accepted, counts what may come twice, and frees the lock', async () => {
    await using folder = await createTempFolder('queue-kill');
    const root = folder.join('queue');
    const random = createSeededRandom(5);
    for (let round = 0; round < ROUND_COUNT; round += 1) {
      const ledger = new QueueLedger();
      const journal = folder.join(`journal-${round}`);
      const killAtBytes = 1_000 + random() * 30_000;
      await using child = startNode(SCRIPT, { args: [root, journal, String(round)] });
      await expect
        .poll(() => existsSync(journal) && statSync(journal).size, { timeout: 15_000, interval: 1 })
        .toBeGreaterThan(killAtBytes);
      child.kill('SIGKILL');
      await child.waitForExit();
      for (const line of readFileSync(journal, 'utf8').split('\n')) {
        // The last one may be cut short.
        if (line.endsWith('}')) ledger.note(JSON.parse(line) as LedgerEntry);
      }
      expect(ledger.accepted.size).toBeGreaterThan(0);
      expect(await checkVolume(root, ledger)).toEqual([]);
    }
  }, 120_000);
});
