/** Killing a real process between its writes: what it acknowledged is there afterwards. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createSeededRandom, startNode } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { mailboxLayout } from './mailbox-layout.ts';
import {
  asUid,
  listUids,
  makeMessage,
  openFolder,
  openMailbox,
  present,
  readMessage,
} from './testing/mail-steps.ts';
import { openSqliteHarness } from './testing/sqlite-harness.ts';

const SCRIPT = fileURLToPath(new URL('./testing/append-forever.ts', import.meta.url));
const ROUND_COUNT = 5;

describe('kill -9', () => {
  it('loses nothing that was acknowledged, and frees the lock', async () => {
    const harness = await openSqliteHarness();
    const random = createSeededRandom(9);
    const acknowledged = new Map<number, number>();
    let first = 1;
    for (let round = 0; round < ROUND_COUNT; round += 1) {
      await using child = startNode(SCRIPT, { args: [harness.root, String(first)] });
      await child.waitForLine(new RegExp(`^acknowledged ${first + Math.floor(random() * 80)} `));
      child.kill('SIGKILL');
      await child.waitForExit();
      for (const [, number, uid] of child.output.matchAll(/^acknowledged (\d+) (\d+)$/gm)) {
        acknowledged.set(Number(number), Number(uid));
      }
      first += 1000;

      const mailbox = await openMailbox(harness.store);
      const folder = await openFolder(mailbox);
      for (const [number, uid] of acknowledged) {
        const bodyBytes = number % 10 === 0 ? 200_000 : 5000;
        const expected = makeMessage(`message ${number}`, bodyBytes);
        expect(expected.equals(await readMessage(folder, asUid(uid)))).toBe(true);
      }
      const large = listUids(folder).filter((_, at) => folder.index.sizeBytesAt(at) > 131_072);
      const { messages } = present(mailboxLayout(harness.root, 'ACCOUNT1'));
      expect(readdirSync(messages)).toHaveLength(large.length);
      mailbox.close();
      await harness.restart();
    }
    expect(acknowledged.size).toBeGreaterThan(ROUND_COUNT);
    await harness.dispose();
  }, 60_000);
});
