/**
 * Message files of a backup: immutable, so a second name is as good as a copy. Linked within
 * the volume while a snapshot names them, then copied at leisure if the backup lies elsewhere.
 */
import { constants } from 'node:fs';
import { copyFile, link, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '@homeward/durable-store';

/** A message's file by name, as the database has it. */
export interface NamedFile {
  readonly name: string;
  readonly sizeBytes: number;
}

/** True if a whole file of that name is there. */
export async function hasFile(folder: string, { name, sizeBytes }: NamedFile): Promise<boolean> {
  try {
    return (await stat(join(folder, name))).size === sizeBytes;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** @returns What happened: `elsewhere` if the folders lie on different volumes. */
export async function linkFile(
  from: string,
  to: string,
): Promise<'linked' | 'missing' | 'elsewhere'> {
  try {
    await link(from, to);
    return 'linked';
  } catch (error) {
    switch (errorCode(error)) {
      case 'ENOENT':
        return 'missing';
      case 'EEXIST':
        await rm(to, { force: true });
        return linkFile(from, to);
      // Volumes that know no second names answer in one of these ways.
      case 'EXDEV':
      case 'EPERM':
      case 'EMLINK':
      case 'ENOTSUP':
        return 'elsewhere';
      default:
        throw error;
    }
  }
}

/** Copies durably: the name is there only once the octets are. A missing file is `missing`. */
export async function copyDurably(from: string, to: string): Promise<'copied' | 'missing'> {
  const temporary = `${to}.tmp`;
  try {
    await copyFile(from, temporary, constants.COPYFILE_FICLONE);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'missing';
    throw error;
  }
  await syncFile(temporary);
  await rename(temporary, to);
  return 'copied';
}

export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
