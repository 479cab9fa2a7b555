/**
 * Maildir and Maildir++ (Courier, Dovecot): `cur` and `new` of the folder itself are the
 * inbox, `.Name.Sub` beside them are folders. Flags come from the file name's `:2,` part, the
 * meaning of small letters in it from Dovecot's `dovecot-keywords`, the order of the messages
 * from its `dovecot-uidlist` where there is one.
 */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeModifiedUtf7 } from '@homeward/imap/grammar';
import { parseKeywords } from '../export/maildir-flags.ts';
import { type FileFolder, openFileSource } from './file-source.ts';
import type { ImportSource, SourceMessage } from './import-source.ts';
import { withCrLf } from './line-ends.ts';
import { contentOf } from './message-content.ts';
import { readRegularFile } from './regular-file.ts';
import { settableFlags } from './source-flags.ts';

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
  const entries = await readdir(path, { withFileTypes: true });
  const names = new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
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
  for (const path of await listFiles(folder)) {
    const found = await lstat(path);
    if (!found.isDirectory()) files.push({ path, sizeBytes: found.isFile() ? found.size : 0 });
  }
  const keywords = parseKeywords(await readText(join(folder, 'dovecot-keywords')));
  return {
    levels,
    messageCount: files.length,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    messages: async function* (reader) {
      for (const file of files) {
        yield await readMessage(file.path, keywords);
        reader.onProgress(file.sizeBytes);
      }
    },
  };
}

/** In the order of arrival: names begin with the time of delivery, a list of UIDs knows better. */
async function listFiles(folder: string): Promise<readonly string[]> {
  const uids = parseUidList(await readText(join(folder, 'dovecot-uidlist')));
  const found: { readonly path: string; readonly name: string; readonly uid: number }[] = [];
  for (const part of ['cur', 'new']) {
    for (const name of await readdir(join(folder, part))) {
      if (name.startsWith('.')) continue;
      const uid = uids.get(name.replace(/:.*$/, '')) ?? Infinity;
      found.push({ path: join(folder, part, name), name, uid });
    }
  }
  return found
    .toSorted((left, right) =>
      left.uid === right.uid ? byName(left, right) : left.uid < right.uid ? -1 : 1,
    )
    .map(({ path }) => path);
}

/** `UID fields :name` behind a header line; names are those of files up to the colon. */
function parseUidList(text: string): ReadonlyMap<string, number> {
  const uids = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, uid, name] = /^(\d{1,10}) [^:]*:(.*)$/.exec(line) ?? [];
    if (name !== undefined) uids.set(name.replace(/:.*$/, ''), Number(uid));
  }
  return uids;
}

async function readText(file: string): Promise<string> {
  const found = await readRegularFile(file).catch(() => undefined);
  return found?.octets.toString('utf8') ?? '';
}

async function readMessage(file: string, keywords: readonly string[]): Promise<SourceMessage> {
  const found = await readRegularFile(file);
  const letters = /:2,([A-Za-z]*)$/.exec(file)?.[1] ?? '';
  const flags = settableFlags(
    letters
      .split('')
      .flatMap((letter) => flagOf[letter] ?? keywords[letter.charCodeAt(0) - 0x61] ?? []),
  );
  return {
    place: file,
    flags,
    receivedMs: found?.modifiedMs,
    content: found === undefined ? 'it is no regular file' : contentOf(withCrLf(found.octets)),
  };
}
