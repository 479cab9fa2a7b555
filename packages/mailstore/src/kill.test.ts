/** Killing a real process between its writes: what it acknowledged is there afterwards. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createSeededRandom, createTempFolder, startNode } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { checkVolume } from './testing/cut-schedule.ts';
import { MailLedger, type LedgerEntry } from './testing/mail-ledger.ts';

const SCRIPT = fileURLToPath(new URL('./testing/work-forever.ts', import.meta.url));
const ROUND_COUNT = 6;
/** Lanes of one process; others get other numbers. */
const LANES = 10;

describe('kill -9', () => {
  it('loses nothing that was acknowledged or shown, and frees the lock', async () => {
    await using folder = await createTempFolder('kill');
    const root = folder.join('volume');
    const random = createSeededRandom(9);
    const ledger = new MailLedger();
    for (let round = 0; round < ROUND_COUNT; round += 1) {
      const journal = folder.join(`journal-${round}`);
      const args = [root, journal, String(round), String(round * LANES)];
      const killAtBytes = 5000 + random() * 150_000;
      await using child = startNode(SCRIPT, { args });
      await expect
        .poll(() => existsSync(journal) && statSync(journal).size, { timeout: 15_000, interval: 1 })
        .toBeGreaterThan(killAtBytes);
      child.kill('SIGKILL');
      await child.waitForExit();
      for (const line of readFileSync(journal, 'utf8').split('\n')) {
        // The last one may be cut short.
        if (line.endsWith('}')) ledger.note(JSON.parse(line) as LedgerEntry);
      }
      expect(await checkVolume(root, ledger)).toEqual([]);
    }
    expect(ledger.folders.size).toBeGreaterThan(ROUND_COUNT);
  }, 120_000);
});
