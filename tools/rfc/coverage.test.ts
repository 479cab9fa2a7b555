/** The coverage page is current, and has a row for everything that is offered. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../workspace.ts';
import { listImapCapabilities, listPop3Capabilities } from './advertised.ts';
import { collectCoverage, readSources } from './coverage.ts';
import { formatCoveragePage } from './coverage-page.ts';
import { COVERAGE_FILE } from './write-coverage.ts';

describe('docs/reference/rfc-coverage.md', () => {
  const page = formatCoveragePage(collectCoverage(readSources(repositoryRoot)));

  it('is current (run node tools/rfc/write-coverage.ts)', () => {
    expect(readFileSync(COVERAGE_FILE, 'utf8')).toBe(page);
  });

  it.each([...listImapCapabilities(), ...listPop3Capabilities()])('has a row for %s', (name) => {
    expect(page).toContain(`\n| \`${name}\` | `);
  });

  it('lists what depends on TLS, too', () => {
    expect(listImapCapabilities()).toEqual(expect.arrayContaining(['STARTTLS', 'AUTH=PLAIN']));
    expect(listPop3Capabilities()).toEqual(expect.arrayContaining(['STLS', 'USER', 'SASL']));
  });
});

describe('collectCoverage()', () => {
  const coverage = collectCoverage([
    { file: 'packages/a/src/x.ts', text: '// RFC 1939 §3, §4. Gap: much.\n' },
    { file: 'packages/a/src/x.test.ts', text: '// RFC 1939 §4, §5. Gap: not counted.\n' },
    { file: 'packages/a/src/testing/y.ts', text: '// RFC 2449\n' },
  ]);

  it('tells code from tests', () => {
    expect(coverage.rfcs.get(1939)).toMatchObject({
      codeSections: ['3', '4'],
      testSections: ['4', '5'],
    });
    expect(coverage.rfcs.get(2449)).toMatchObject({ isInCode: false, isInTests: true });
  });

  it('takes notes from code alone', () => {
    expect(coverage.notes).toMatchObject([{ text: 'much.', file: 'packages/a/src/x.ts' }]);
  });
});
