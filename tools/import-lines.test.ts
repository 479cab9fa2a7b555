import { describe, expect, it } from 'vitest';
import { findImports } from './import-lines.ts';

describe('findImports()', () => {
  it.each([
    [`import { a, b as c } from './x.ts';`, './x.ts', ['a', 'c']],
    [`import D, { type T, e } from "y";`, 'y', ['D', 'e']],
    [`import * as all from 'z';`, 'z', ['all']],
    [`import type { T } from 'node:net';`, 'node:net', []],
    [`import type T from 'node:net';`, 'node:net', []],
    [`export { a } from './a.ts';`, './a.ts', ['a']],
    [`export * from './b.ts';`, './b.ts', ['*']],
    [`export type { T } from './t.ts';`, './t.ts', []],
    [`import './effect.ts';`, './effect.ts', []],
    [`const m = await import('./late.ts');`, './late.ts', []],
    [`const m = require('old');`, 'old', []],
    [`import {\n  a,\n  b,\n} from 'many';`, 'many', ['a', 'b']],
  ])('reads %j', (source, specifier, valueNames) => {
    expect(findImports(source)).toMatchObject([{ specifier, valueNames }]);
  });

  it.each([
    `// import { a } from 'x';`,
    `const text = "import { a } from 'x'";`,
    `/** import { a } from 'x' */`,
    `const s = Array.from('abc');`,
    `export const from = 'x';`,
  ])('ignores %j', (source) => {
    expect(findImports(source)).toEqual([]);
  });

  it('tells the line of each specifier', () => {
    const source = `/* a\n */\nexport interface A {}\nimport { b } from 'b';\nimport 'c';\n`;
    expect(findImports(source).map(({ specifier, line }) => [specifier, line])).toEqual([
      ['b', 4],
      ['c', 5],
    ]);
  });
});
