import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatCommandPages } from './command-pages.ts';
import { formatCommandReference } from './format-reference.ts';
import { REFERENCE_FOLDER } from './write-reference.ts';

test.each([...formatCommandPages()])(
  'docs/reference/%s is current (run packages/cli/src/reference/write-reference.ts)',
  (name, text) => {
    expect(readFileSync(join(REFERENCE_FOLDER, name), 'utf8')).toBe(text);
  },
);

test('formatCommandReference() tells of every command, not of hidden options', () => {
  const page = formatCommandReference();
  for (const name of ['demo', 'init', 'account add', 'mailbox import', 'config describe']) {
    expect(page).toContain(`\n## homeward ${name}\n`);
  }
  expect(page).not.toContain('--supervised');
});
