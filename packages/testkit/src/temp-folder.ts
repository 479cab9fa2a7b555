/** A folder of its own for each test, removed when the test is done. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A fresh, empty folder. `await using` removes it. */
export interface TempFolder extends AsyncDisposable {
  readonly path: string;
  /** A path inside the folder; nothing is created. */
  join(...segments: readonly string[]): string;
  /** Removes the folder with all that is in it; may be called twice. */
  remove(): Promise<void>;
}

/** @param name Goes into the folder's name, to tell whose it was. */
export async function createTempFolder(name: string = 'test'): Promise<TempFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), `homeward-${name}-`));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  return {
    path: folder,
    join: (...segments) => path.join(folder, ...segments),
    remove,
    [Symbol.asyncDispose]: remove,
  };
}
