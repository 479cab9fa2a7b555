import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatCommandReference } from './format-reference.ts';
import { REFERENCE_FILE } from './write-reference.ts';

test('docs/reference/commands.md is current (run packages/cli/src/reference/write-reference.ts)', () => {
  expect(readFileSync(REFERENCE_FILE, 'utf8')).toBe(formatCommandReference());
});

test('formatCommandReference() tells of every command, not of hidden options', () => {
  const page = formatCommandReference();
  for (const name of ['demo', 'init', 'account add', 'mailbox import', 'config describe']) {
    expect(page).toContain(`\n## homeward ${name}\n`);
  }
  expect(page).not.toContain('--supervised');
});
