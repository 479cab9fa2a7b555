import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatBackEndPages } from './backend-pages.ts';
import { REFERENCE_FOLDER } from './write-reference.ts';

test.each([...formatBackEndPages()])(
  'docs/reference/%s is current (run packages/backend/src/reference/write-reference.ts)',
  (name, text) => {
    expect(readFileSync(join(REFERENCE_FOLDER, name), 'utf8')).toBe(text);
  },
);
