/** Certificates and keys as files: keys for their owner only, each file whole or not at all. */
import { open, readFile, rename } from 'node:fs/promises';
import type { PemPair } from './certificate-authority.ts';

export interface PemPairFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * Writes both files, the key with mode 600 from its first octet on, each by a rename, so that
 * a server that reloads sees the old file or the new one. The folder must exist.
 */
export async function writePemPair(files: PemPairFiles, pair: PemPair): Promise<void> {
  await writeWhole(files.keyFile, pair.key, 0o600);
  await writeWhole(files.certFile, pair.cert, 0o644);
}

/** Rejects as `readFile` does. */
export async function readPemPair(files: PemPairFiles): Promise<PemPair> {
  const [cert, key] = await Promise.all([
    readFile(files.certFile, 'utf8'),
    readFile(files.keyFile, 'utf8'),
  ]);
  return { cert, key };
}

async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const draft = `${file}.${process.pid}.new`;
  const handle = await open(draft, 'w', mode);
  try {
    // Not only at creation: a draft left by a crash may have another mode.
    await handle.chmod(mode);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}
