/** Writes the front end's pages of `docs/reference` anew: run it after a change of a list. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatFrontEndPages } from './frontend-pages.ts';

/** The folder, in this repository. */
export const REFERENCE_FOLDER: string = fileURLToPath(
  new URL('../../../../docs/reference', import.meta.url),
);

if (import.meta.main) {
  for (const [name, text] of formatFrontEndPages()) {
    writeFileSync(join(REFERENCE_FOLDER, name), text);
  }
}
