/**
 * Where the workers of a site find each other: a socket for each in a folder that nobody else may
 * open, on the volume, or, where that has too long a name, in the system's temporary folder.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCAL_PATH_LIMIT_BYTES } from '@homeward/net';

const PRIVATE_MODE = 0o700;
const OTHERS_BITS = 0o077;

/** @param volumeFolder The same for all workers, spelled alike. */
export function peerSocketFolder(volumeFolder: string): string {
  const folder = join(volumeFolder, 'run');
  if (Buffer.byteLength(peerSocketPath(folder, 999)) <= LOCAL_PATH_LIMIT_BYTES) return folder;
  const digest = createHash('sha256').update(volumeFolder).digest('hex').slice(0, 16);
  return join(tmpdir(), `homeward-${digest}`);
}

export function peerSocketPath(folder: string, workerIndex: number): string {
  return join(folder, `worker-${workerIndex}.sock`);
}

/** Makes it if it is missing. @throws If somebody else could have made it, or may open it. */
export async function ensurePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: PRIVATE_MODE });
  const { mode, uid } = await lstat(folder);
  const isOurs = process.getuid === undefined || uid === process.getuid();
  if (isOurs && (mode & OTHERS_BITS) === 0) return;
  throw new Error(`${folder} must belong to this user and be closed to others`);
}
