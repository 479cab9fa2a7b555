import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { createTempFolder } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { Database } from './database.ts';

/** Whether this process has a file open; by what Linux says. */
function isOpen(path: string): boolean {
  return readdirSync('/proc/self/fd').some((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`) === path;
    } catch {
      // The descriptor that listed the others is closed by now.
      return false;
    }
  });
}

describe('Database', () => {
  it('leaves a file that is no database closed', async () => {
    await using folder = await createTempFolder('database');
    const path = folder.join('mailbox.db');
    writeFileSync(path, 'no database '.repeat(1_000));
    expect(() => new Database(path)).toThrow(/not a database/);
    expect(isOpen(path)).toBe(false);
    writeFileSync(path, '');
    const database = new Database(path);
    expect(isOpen(path)).toBe(true);
    database.close();
  });
});
