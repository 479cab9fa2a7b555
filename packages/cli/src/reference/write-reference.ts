/** Writes `docs/reference/commands.md` anew: run it after a change of a command's definition. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatCommandReference } from './format-reference.ts';

/** The page, in this repository. */
export const REFERENCE_FILE: string = fileURLToPath(
  new URL('../../../../docs/reference/commands.md', import.meta.url),
);

if (import.meta.main) {
  mkdirSync(dirname(REFERENCE_FILE), { recursive: true });
  writeFileSync(REFERENCE_FILE, formatCommandReference());
}
