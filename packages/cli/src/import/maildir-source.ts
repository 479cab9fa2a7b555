/**
 * Maildir and Maildir++ (Courier, Dovecot): `cur` and `new` of the folder itself are the
 * inbox, `.Name.Sub` beside them are folders. Flags come from the file name's `:2,` part.
 */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeModifiedUtf7 } from '@homeward/imap/grammar';
import { type FileFolder, openFileSource } from './file-source.ts';
import type { ImportSource, SourceMessage } from './import-source.ts';
import { withCrLf } from './line-ends.ts';
import { contentOf } from './message-content.ts';

const flagOf: Readonly<Record<string, string>> = {
  D: '\\Draft',
  F: '\\Flagged',
  P: '$Forwarded',
  R: '\\Answered',
  S: '\\Seen',
  T: '\\Deleted',
};

/** True if the folder looks like a Maildir. */
export async function isMaildir(path: string): Promise<boolean> {
  const names = new Set(await readdir(path));
  return names.has('cur') && names.has('new');
}

/** Lists the folders of a Maildir. */
export async function openMaildir(path: string): Promise<ImportSource> {
  const folders: FileFolder[] = [await openFolder(['INBOX'], path)];
  for (const entry of (await readdir(path, { withFileTypes: true })).toSorted(byName)) {
    const isFolder = entry.isDirectory() && /^\.[^.]/.test(entry.name);
    if (!isFolder || !(await isMaildir(join(path, entry.name)))) continue;
    // Maildir++: levels are separated by dots, names are modified UTF-7.
    const levels = entry.name.slice(1).split('.').map(decodeModifiedUtf7);
    folders.push(await openFolder(levels, join(path, entry.name)));
  }
  return openFileSource('maildir', folders);
}

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return left.name < right.name ? -1 : 1;
}

async function openFolder(levels: readonly string[], folder: string): Promise<FileFolder> {
  const files: { readonly path: string; readonly sizeBytes: number }[] = [];
  for (const part of ['cur', 'new']) {
    // Names begin with the time of delivery, so this is the order of arrival.
    for (const name of (await readdir(join(folder, part))).toSorted()) {
      if (name.startsWith('.')) continue;
      const file = join(folder, part, name);
      files.push({ path: file, sizeBytes: (await stat(file)).size });
    }
  }
  return {
    levels,
    messageCount: files.length,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    messages: async function* (reader) {
      for (const file of files) {
        yield await readMessage(file.path);
        reader.onProgress(file.sizeBytes);
      }
    },
  };
}

async function readMessage(file: string): Promise<SourceMessage> {
  const [octets, { mtimeMs }] = await Promise.all([readFile(file), stat(file)]);
  const letters = /:2,([A-Za-z]*)$/.exec(file)?.[1] ?? '';
  const flags = letters.split('').flatMap((letter) => flagOf[letter] ?? []);
  return {
    place: file,
    flags,
    receivedMs: Math.floor(mtimeMs),
    content: contentOf(withCrLf(octets)),
  };
}
