/** Files of an export to mbox, from folders of any name and messages of any size. */
import { readFile } from 'node:fs/promises';
import { WriteStream } from 'node:fs';
import { createTempFolder, type TempFolder } from '@homeward/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ExportNotes } from './export-notes.ts';
import type { ExportWriter } from './export-writer.ts';
import { createMboxWriter } from './mbox-writer.ts';

const FACTS = { uid: 1, flags: [], receivedMs: 0, sizeBytes: 5 };
const OPENED = { uidValidity: 1, uidNext: 2, messageCount: 1, highestModSeq: '5' };
let folder: TempFolder;
let writer: ExportWriter;

beforeEach(async () => {
  folder = await createTempFolder('mbox');
  const subject = { accountId: 'A', address: 'anna@example.org', format: 'mbox' } as const;
  const notes = await ExportNotes.open(folder.join('out'), subject);
  writer = createMboxWriter(folder.join('out'), 'lf', notes);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await folder.remove();
});

async function write(path: string, chunks: readonly Buffer[]): Promise<string> {
  const opened = await writer.openFolder({ path, isSubscribed: true }, OPENED, [FACTS]);
  const each = async function* (): AsyncGenerator<Buffer> {
    yield* chunks;
  };
  for (const message of opened.wanted) await opened.write(message, each());
  await opened.finish();
  return opened.file;
}

describe('createMboxWriter()', () => {
  it('gives every folder a file of its own', async () => {
    const paths = ['a\\b', 'a_b', 'Work.mbox/x', 'Work', 'Work.mbox'];
    const files: string[] = [];
    for (const path of paths) files.push(await write(path, [Buffer.from(`x: ${path}\r\n\r\n`)]));
    expect(new Set(files).size).toBe(paths.length);
    for (const [at, path] of paths.entries()) {
      const text = await readFile(folder.join('out', files[at] ?? ''), 'utf8');
      expect(text).toContain(`x: ${path}\n`);
    }
    // And the same one where an attempt is repeated: it is whole already.
    expect(await write('a_b', [])).toBe(files[1]);
  });

  it('leaves no listener behind where it waits for the disk', async () => {
    let mostListeners = 0;
    const write_ = WriteStream.prototype.write;
    vi.spyOn(WriteStream.prototype, 'write').mockImplementation(function (
      this: WriteStream,
      ...args: unknown[]
    ) {
      const counts = ['drain', 'close', 'error'].map((event) => this.listenerCount(event));
      mostListeners = Math.max(mostListeners, ...counts);
      return Reflect.apply(write_, this, args) as boolean;
    });
    const line = Buffer.from(`${'x'.repeat(998)}\r\n`.repeat(2000));
    await write(
      'Big',
      Array.from({ length: 20 }, () => line),
    );
    expect(mostListeners).toBeGreaterThan(0);
    expect(mostListeners).toBeLessThan(5);
  });
});
