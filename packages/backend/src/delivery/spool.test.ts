import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createTempFolder, type TempFolder } from '@homeward/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSpool } from './spool.ts';

let folder: TempFolder;
beforeAll(async () => {
  folder = await createTempFolder();
});
afterAll(() => folder.remove());

async function readAll(message: { readMessage(): AsyncIterable<Uint8Array> }): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of message.readMessage()) pieces.push(piece);
  return Buffer.concat(pieces);
}

it.each([0, 10, 200_000, 3_000_000])(
  'a message of %d octets is read as it came, by two at once',
  async (size) => {
    const own = await mkdtemp(folder.join('spool-'));
    const octets = Buffer.from(Array.from({ length: size }, (_, at) => at % 251));
    const faults: unknown[] = [];
    const spool = openSpool(own, (error) => faults.push(error));
    for (let at = 0; at < size; at += 70_000) await spool.write(octets.subarray(at, at + 70_000));
    const message = await spool.finish();
    if (typeof message === 'string') throw new Error(message);
    const [first, second] = await Promise.all([readAll(message), readAll(message)]);
    expect(first.equals(octets) && second.equals(octets)).toBe(true);
    expect(message.sizeBytes).toBe(size);
    // A process that dies leaves nothing behind.
    expect(await readdir(own)).toEqual([]);
    await message.discard();
    expect(faults).toEqual([]);
  },
);

it('a disk that takes no more is told at the end, and costs no memory', async () => {
  const gone = join(folder.path, 'gone');
  await rm(gone, { recursive: true, force: true });
  const faults: unknown[] = [];
  const spool = openSpool(gone, (error) => faults.push(error));
  for (let count = 0; count < 10; count += 1) await spool.write(Buffer.alloc(70_000));
  expect(await spool.finish()).toBe('full');
  expect(faults).toHaveLength(1);
});
