/** A folder of .eml files, one message each; folders inside become folders. */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileFolder, openFileSource } from './file-source.ts';
import type { ImportSource, SourceMessage } from './import-source.ts';
import { withCrLf } from './line-ends.ts';
import { contentOf } from './message-content.ts';

/** Lists folders with .eml files; files beside the top folder go to INBOX. */
export async function openEmlFolder(path: string): Promise<ImportSource> {
  return openFileSource('eml', await collectFolders(path, []));
}

async function collectFolders(folder: string, levels: readonly string[]): Promise<FileFolder[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).toSorted((left, right) =>
    left.name < right.name ? -1 : 1,
  );
  const files = entries
    .filter((entry) => entry.isFile() && /\.eml$/i.test(entry.name))
    .map((entry) => join(folder, entry.name));
  const found =
    files.length === 0 ? [] : [await openFiles(levels.length === 0 ? ['INBOX'] : levels, files)];
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const below = [...levels, entry.name.normalize('NFC')];
    found.push(...(await collectFolders(join(folder, entry.name), below)));
  }
  return found;
}

async function openFiles(levels: readonly string[], files: readonly string[]): Promise<FileFolder> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return {
    levels,
    messageCount: files.length,
    sizeBytes: sizes.reduce((sum, size) => sum + size, 0),
    messages: async function* (reader) {
      for (const [at, file] of files.entries()) {
        yield await readMessage(file);
        reader.onProgress(sizes[at] ?? 0);
      }
    },
  };
}

async function readMessage(file: string): Promise<SourceMessage> {
  return {
    place: file,
    flags: ['\\Seen'],
    receivedMs: undefined,
    content: contentOf(withCrLf(await readFile(file))),
  };
}
