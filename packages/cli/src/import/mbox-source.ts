/** mbox files: one, or a tree of them. Gzip is recognised by the name. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { type FileFolder, openFileSource } from './file-source.ts';
import type { ImportSource, SourceMessage, SourceReader } from './import-source.ts';
import { withCrLf } from './line-ends.ts';
import { contentOf } from './message-content.ts';
import { type MboxMessage, MboxReader } from './mbox-reader.ts';

/** Opens one file; it becomes INBOX. */
export async function openMbox(path: string): Promise<ImportSource> {
  return openFileSource('mbox', [await openFile(path, ['INBOX'])]);
}

/** All `.mbox` files in a folder and those inside, each a folder: `Work/2024.mbox`. */
export async function openMboxFolder(path: string): Promise<ImportSource> {
  const names = (await readdir(path, { recursive: true }))
    .filter((name) => /\.mbox(?:\.gz)?$/i.test(name))
    .toSorted();
  const folders: FileFolder[] = [];
  for (const name of names) {
    const file = join(path, name);
    if (!(await stat(file)).isFile()) continue;
    const levels = name.replace(/\.mbox(?:\.gz)?$/i, '').split('/');
    folders.push(
      await openFile(
        file,
        levels.map((level) => level.normalize('NFC')),
      ),
    );
  }
  return openFileSource('mbox', folders);
}

async function openFile(path: string, levels: readonly string[]): Promise<FileFolder> {
  const { size } = await stat(path);
  const messages = (reader: SourceReader): AsyncGenerator<SourceMessage> =>
    readMessages(path, (bytes) => reader.onProgress(bytes));
  return { levels, sizeBytes: size, messages };
}

async function* readMessages(
  path: string,
  onProgress: (bytes: number) => void,
): AsyncGenerator<SourceMessage> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  const gunzip = /\.gz$/i.test(path) ? createGunzip() : undefined;
  // The end of the one ends the other; what is wrong is thrown by the reading below.
  const input = gunzip === undefined ? file : pipeline(file, gunzip, () => {});
  const reader = new MboxReader();
  let index = 0;
  let reported = 0;
  const toSource = (found: MboxMessage): SourceMessage => {
    index += 1;
    return {
      place: `${basename(path)}, message ${index}`,
      flags: found.flags,
      receivedMs: found.receivedMs,
      content: found.isTooBig
        ? 'it is bigger than any message may be'
        : contentOf(withCrLf(found.octets)),
    };
  };
  try {
    for await (const chunk of input) {
      for (const found of reader.push(chunk as Buffer)) yield toSource(found);
      onProgress(file.bytesRead - reported);
      reported = file.bytesRead;
    }
  } catch (error) {
    if (gunzip === undefined || !String((error as NodeJS.ErrnoException).code).startsWith('Z_')) {
      throw error;
    }
    throw new OperatorError(`${path} is damaged: it is no whole gzip file`, EXIT_CODES.badData);
  }
  for (const found of reader.end()) yield toSource(found);
}
