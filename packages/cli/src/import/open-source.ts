/** Finds out what kind of mail lies at a path. */
import { open, stat } from 'node:fs/promises';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openEmlFolder } from './eml-source.ts';
import type { ImportSource } from './import-source.ts';
import { isMaildir, openMaildir } from './maildir-source.ts';
import { openMbox, openMboxFolder } from './mbox-source.ts';

/** @throws OperatorError if there is nothing at the path, or nothing that is mail. */
export async function openImportSource(path: string): Promise<ImportSource> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new OperatorError(`there is no ${path}`, EXIT_CODES.badData);
  if (found.isDirectory()) {
    if (await isMaildir(path)) return openMaildir(path);
    for (const open of [openMboxFolder, openEmlFolder]) {
      const source = await open(path);
      if (source.folders.length > 0) return source;
    }
    throw new OperatorError(
      `${path} is no Maildir (no cur and new in it) and holds no .mbox and no .eml files`,
      EXIT_CODES.badData,
    );
  }
  if (/\.gz$/i.test(path) || (await startsLikeMbox(path))) return openMbox(path);
  throw new OperatorError(`${path} is no mbox: it does not begin with "From "`, EXIT_CODES.badData);
}

async function startsLikeMbox(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(5), 0, 5, 0);
    return bytesRead === 0 || buffer.toString('latin1') === 'From ';
  } finally {
    await file.close();
  }
}
