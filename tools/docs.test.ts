/** The documentation check against made-up repositories. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDocs } from './docs.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'homeward-docs-'));
  write('package.json', JSON.stringify({ scripts: { start: 'x', check: 'x', 'test:peers': 'x' } }));
  write('README.md', '# Home\n');
  write('docs/guide.md', '# Guide\n\n## How to, in `short`\n\n## Twice\n\n## Twice\n');
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}

describe('checkDocs()', () => {
  it.each([
    ['a file', '[x](docs/guide.md)'],
    ['a folder', '[x](docs)'],
    ['an anchor of its own', '# Some Words!\n[x](#some-words)'],
    ['an anchor elsewhere', '[x](docs/guide.md#how-to-in-short)'],
    ['a repeated heading', '[x](docs/guide.md#twice-1)'],
    ['an explicit anchor', '<a id="here"></a> [x](#here)'],
    ['an address', '[x](https://example.org/a#b) [y](mailto:a@example.org)'],
    ['a link in code', '`[x](nowhere.md)`\n\n```\n[x](nowhere.md)\n```'],
    ['a link with a title', '[x](docs/guide.md "The guide")'],
    ['npm scripts', '```sh\nnpm start\nnpm run check -- --fix\nnpm run test:peers\nnpm ci\n```'],
    ['a path in a temporary folder', '```sh\nls /tmp/x\n```'],
    ['a path in a URL', 'see https://example.org/home/x'],
  ])('accepts %s', (_name, text) => {
    write('README.md', text);
    expect(checkDocs(root)).toEqual([]);
  });

  it.each([
    ['a missing file', '\n[x](docs/no.md)', 2, /docs\/no\.md' leads nowhere/],
    ['a missing image', '![x](docs/no.png)', 1, /leads nowhere/],
    ['a missing definition', '[x]: docs/no.md', 1, /leads nowhere/],
    ['a missing anchor', '[x](docs/guide.md#no)', 1, /is no heading there/],
    ['a missing anchor of its own', '[x](#no)', 1, /is no heading there/],
    ['a missing script', '```sh\nnpm run build\n```', 2, /'npm run build' is no script/],
    ['a missing npm test', '```sh\nnpm test\n```', 2, /'npm test' is no script/],
    ['somebody their home', 'see /home/somebody/mail', 1, /path of one machine/],
  ])('refuses %s', (_name, text, line, what) => {
    write('README.md', text);
    const findings = checkDocs(root);
    expect(findings).toMatchObject([{ file: 'README.md', line }]);
    expect(findings[0]?.what).toMatch(what);
  });

  it('refuses the folder of the check-out in any document', () => {
    write('docs/guide.md', `cd ${root}/packages\n`);
    expect(checkDocs(root)).toMatchObject([{ file: 'docs/guide.md', line: 1 }]);
  });

  it('refuses a lock that names a registry', () => {
    write(
      'package-lock.json',
      '{\n"resolved": "packages/wire",\n"resolved": "https://r.example"\n}',
    );
    expect(checkDocs(root)).toMatchObject([{ file: 'package-lock.json', line: 3 }]);
  });

  it('refuses a repository without README.md', () => {
    rmSync(path.join(root, 'README.md'));
    expect(checkDocs(root)).toMatchObject([{ what: 'the file is missing' }]);
  });
});
