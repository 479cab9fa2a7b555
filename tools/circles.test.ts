/** The search for circles against made-up packages, and this repository. */
import { describe, expect, it } from 'vitest';
import { checkCircles } from './circles.ts';
import { readWorkspace, repositoryRoot, type Workspace } from './workspace.ts';

function makeWorkspace(files: Readonly<Record<string, string>>): Workspace {
  const sources = Object.entries(files).map(([name, text]) => ({
    path: `packages/wire/src/${name}`,
    text,
  }));
  const manifest = { name: '@homeward/wire', homeward: { tier: 0 } } as const;
  return {
    root: { name: 'homeward' },
    packages: [{ folder: 'packages/wire', manifest, files: sources }],
    tools: [],
  };
}

describe('the search for circles', () => {
  it('finds none where imports lead down, also to one file by two ways', () => {
    const workspace = makeWorkspace({
      'index.ts': "export { a } from './a.ts';\nexport { b } from './deep/b.ts';\n",
      'a.ts': "import { c } from './c.ts';\n",
      'deep/b.ts': "import { c } from '../c.ts';\n",
      'c.ts': "import { join } from 'node:path';\n",
    });
    expect(checkCircles(workspace)).toEqual([]);
  });

  it('names the files of a circle, where it closes', () => {
    const workspace = makeWorkspace({
      'index.ts': "export { a } from './a.ts';\n",
      'a.ts': "import { b } from './deep/b.ts';\n",
      'deep/b.ts': "\nimport type { C } from '../c.ts';\n",
      'c.ts': "/** Types. */\n\nimport type { A } from './a.ts';\n",
    });
    expect(checkCircles(workspace)).toMatchObject([
      {
        file: 'packages/wire/src/c.ts',
        line: 3,
        what: 'files import each other in a circle: a.ts -> b.ts -> c.ts -> a.ts',
      },
    ]);
  });

  it('finds a file that imports itself, and two circles apart', () => {
    const workspace = makeWorkspace({
      'a.ts': "import { a } from './a.ts';\n",
      'b.ts': "import { c } from './c.ts';\n",
      'c.ts': "import { b } from './b.ts';\n",
    });
    expect(checkCircles(workspace).map(({ file }) => file)).toEqual([
      'packages/wire/src/a.ts',
      'packages/wire/src/c.ts',
    ]);
  });

  it('finds none in this repository', () => {
    expect(checkCircles(readWorkspace(repositoryRoot))).toEqual([]);
  });
});
