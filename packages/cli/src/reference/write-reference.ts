/** Writes this package's pages of `docs/reference` anew: run it after a change of commands or events. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatCommandPages } from './command-pages.ts';

/** The folder, in this repository. */
export const REFERENCE_FOLDER: string = fileURLToPath(
  new URL('../../../../docs/reference', import.meta.url),
);

if (import.meta.main) {
  mkdirSync(REFERENCE_FOLDER, { recursive: true });
  for (const [name, text] of formatCommandPages())
    writeFileSync(join(REFERENCE_FOLDER, name), text);
}
