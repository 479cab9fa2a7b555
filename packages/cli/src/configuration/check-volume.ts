/** Whether the back end could write its mail, by writing: no mode of a folder tells it all. */
import { mkdtemp, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Findings } from './findings.ts';

/**
 * Adds a warning, not a problem: the volume may be another host's, and who checks may be another
 * user than who runs the back end. Leaves no folder behind, and makes none that is missing.
 */
export async function checkVolume(
  file: string,
  volumeFolder: string,
  { warnings }: Findings,
): Promise<void> {
  const there = await findNearest(volumeFolder);
  const code = await tryToWrite(there);
  if (code === undefined) return;
  warnings.push(
    `${file}: volumeFolder: ${volumeFolder}: ${there} cannot be written here (${code}); mount or ` +
      'make it, and give it to the user who runs the back end',
  );
}

/** The folder itself, or the closest around it that is there: the back end makes what is below. */
async function findNearest(folder: string): Promise<string> {
  let nearest = folder;
  while (nearest !== dirname(nearest) && !(await isThere(nearest))) nearest = dirname(nearest);
  return nearest;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function tryToWrite(folder: string): Promise<string | undefined> {
  try {
    await rmdir(await mkdtemp(join(folder, '.writable-')));
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  }
}
