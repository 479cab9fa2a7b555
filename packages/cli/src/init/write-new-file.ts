/** Files that are written once, whole, and never over something that is there. */
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

/**
 * Writes a file if there is none; its folder is made. The name appears with all of the
 * contents, also when two runs meet.
 *
 * @returns Whether it was written. @throws OperatorError if it cannot be.
 */
export async function writeNewFile(
  file: string,
  contents: string | Uint8Array,
  mode: number,
): Promise<boolean> {
  const draft = `${file}.${process.pid}.new`;
  try {
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(draft, 'w', mode);
    try {
      await handle.chmod(mode);
      await handle.writeFile(contents);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cannotWrite(file, error);
  } finally {
    await unlink(draft).catch(() => {});
  }
}

/** As an operator reads it. */
export function cannotWrite(file: string, error: unknown): OperatorError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  return new OperatorError(
    `${file} cannot be written (${code}); check the folder and who may write there`,
    EXIT_CODES.cannotCreate,
  );
}
