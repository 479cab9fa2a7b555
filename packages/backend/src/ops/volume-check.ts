/** Whether mail can be written: by writing. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A check for one worker process: a volume that is full, read-only or gone fails it.
 *
 * @param name Tells the workers apart that share the volume.
 */
export function createVolumeCheck(
  volumeFolder: string,
  name: string,
): () => Promise<string | undefined> {
  const file = join(volumeFolder, `.writable-${name}`);
  let checking: Promise<string | undefined> | undefined;
  // A disk that hangs gets one write, however often somebody asks.
  return () => {
    checking ??= tryToWrite(file).finally(() => {
      checking = undefined;
    });
    return checking;
  };
}

async function tryToWrite(file: string): Promise<string | undefined> {
  try {
    await rm(file, { force: true });
    await writeFile(file, 'Homeward looks whether mail can be written.\n', { mode: 0o600 });
    await rm(file, { force: true });
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return `the volume cannot be written: ${code}`;
  }
}
