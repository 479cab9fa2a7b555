import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeStoreFiles, type StoreFiles } from '@homeward/durable-store';
import { createTempFolder } from '@homeward/testkit';
import { expect, it } from 'vitest';
import { openQueueStorage } from './open-queue.ts';
import { queueLayout } from './queue-layout.ts';

const NOW_MS = Date.UTC(2026, 10, 26);

it('takes no file for garbage that a message began while the garbage is removed', async () => {
  await using folder = await createTempFolder('open-queue');
  const layout = queueLayout(folder.join('queue'), 0);
  const unrowed = new Set<string>();
  const open = async (files: StoreFiles): Promise<void> => {
    const opened = await openQueueStorage(layout, files, NOW_MS, unrowed);
    if (!opened.ok) throw new Error(opened.code);
    await opened.storage.close();
  };
  await open(nodeStoreFiles);
  const names = ['one', 'two', 'three.tmp'];
  for (const name of names) await writeFile(join(layout.messages, name), 'octets');

  const files: StoreFiles = {
    ...nodeStoreFiles,
    async remove(path) {
      await nodeStoreFiles.remove(path);
      for (const name of names) {
        if (!path.endsWith(name)) unrowed.add(name.replace('.tmp', ''));
      }
    },
  };
  await open(files);
  expect(await readdir(layout.messages)).toHaveLength(2);
});
