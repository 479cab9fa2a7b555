/** A folder of .eml files, one message each; folders inside become folders. */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImportSource, SourceFolder, SourceMessage } from './import-source.ts';
import { withCrLf } from './line-ends.ts';

/** Lists folders with .eml files; files beside the top folder go to INBOX. */
export async function openEmlFolder(path: string): Promise<ImportSource> {
  return { kind: 'eml', folders: await collectFolders(path, '') };
}

async function collectFolders(folder: string, path: string): Promise<SourceFolder[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).toSorted((left, right) =>
    left.name < right.name ? -1 : 1,
  );
  const files = entries
    .filter((entry) => entry.isFile() && /\.eml$/i.test(entry.name))
    .map((entry) => join(folder, entry.name));
  const found = files.length === 0 ? [] : [await openFiles(path === '' ? 'INBOX' : path, files)];
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const below = path === '' ? entry.name : `${path}/${entry.name}`;
    found.push(...(await collectFolders(join(folder, entry.name), below.normalize('NFC'))));
  }
  return found;
}

async function openFiles(path: string, files: readonly string[]): Promise<SourceFolder> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return {
    path,
    sizeBytes: sizes.reduce((sum, size) => sum + size, 0),
    messages: async function* (onProgress) {
      for (const [at, file] of files.entries()) {
        yield await readMessage(file);
        onProgress(sizes[at] ?? 0);
      }
    },
  };
}

async function readMessage(file: string): Promise<SourceMessage> {
  return {
    place: file,
    flags: ['\\Seen'],
    receivedMs: undefined,
    octets: withCrLf(await readFile(file)),
  };
}
