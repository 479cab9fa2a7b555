/**
 * Files of a folder that somebody else may have filled: a link would bring other files of this
 * host along, and a pipe would have the import wait for ever.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** What `open` says of links, and of sockets and pipes that nobody listens to. */
const NO_FILE_CODES: ReadonlySet<unknown> = new Set(['ELOOP', 'EMLINK', 'ENXIO', 'EOPNOTSUPP']);

/** A file as it was read. */
export interface RegularFile {
  readonly octets: Buffer;
  readonly modifiedMs: number;
}

/** @returns undefined if it is anything else than a file. Rejects if it cannot be read. */
export async function readRegularFile(path: string): Promise<RegularFile | undefined> {
  const handle = await open(path, FLAGS).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && NO_FILE_CODES.has(error.code)) return;
    throw error;
  });
  if (handle === undefined) return undefined;
  try {
    const found = await handle.stat();
    if (!found.isFile()) return undefined;
    return { octets: await handle.readFile(), modifiedMs: Math.floor(found.mtimeMs) };
  } finally {
    await handle.close();
  }
}
