/** Writes `docs/reference/rfc-coverage.md` anew: run it when a test says that it is not current. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../workspace.ts';
import { collectCoverage, readSources } from './coverage.ts';
import { formatCoveragePage } from './coverage-page.ts';

/** The page, in this repository. */
export const COVERAGE_FILE: string = path.join(
  repositoryRoot,
  'docs',
  'reference',
  'rfc-coverage.md',
);

if (import.meta.main) {
  writeFileSync(COVERAGE_FILE, formatCoveragePage(collectCoverage(readSources(repositoryRoot))));
}
