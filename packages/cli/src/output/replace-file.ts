/** Files that are replaced as a whole: who reads one sees the old contents or the new. */
import { mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { cannotWrite } from '../init/write-new-file.ts';

/** Writes a file of mode 600 whole, over another one if there is one; its folder is made. */
export async function replaceFile(file: string, contents: string): Promise<void> {
  const draft = `${file}.${process.pid}.new`;
  try {
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(draft, 'w', 0o600);
    try {
      await handle.chmod(0o600);
      await handle.writeFile(contents);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await unlink(draft).catch(() => {});
    throw cannotWrite(file, error);
  }
}
