/** Writes the back end's pages of `docs/reference` anew: run it after a change of a list. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatBackEndPages } from './backend-pages.ts';

/** The folder, in this repository. */
export const REFERENCE_FOLDER: string = fileURLToPath(
  new URL('../../../../docs/reference', import.meta.url),
);

if (import.meta.main) {
  for (const [name, text] of formatBackEndPages()) {
    writeFileSync(join(REFERENCE_FOLDER, name), text);
  }
}
