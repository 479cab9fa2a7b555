/** The layer checker against made-up workspaces: every rule once broken and once kept. */
import { describe, expect, it } from 'vitest';
import { checkLayers } from './layers.ts';
import type { Manifest, Package, Tier, Workspace } from './workspace.ts';
import { readWorkspace, repositoryRoot } from './workspace.ts';

type Files = Readonly<Record<string, string>>;

const tiers: ReadonlyMap<string, Tier> = new Map<string, Tier>([
  ['wire', 0],
  ['imap', 0],
  ['net', 1],
  ['directory', 1],
  ['service', 1],
  ['mailstore', 1],
  ['frontend', 2],
  ['backend', 2],
  ['cli', 2],
  ['testkit', 'T'],
]);

const exportsOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  imap: { './grammar': 'g', './session': 's', './upstream': 'u' },
};

/** Everything that every package may declare without breaking a tier. */
function declareBelow(name: string): Record<string, string> {
  const tier = tiers.get(name);
  const below = [...tiers].filter(([, other]) => tier === 'T' || Number(other) < Number(tier));
  const names = below.map(([other]) => `@homeward/${other}`).filter((n) => !n.endsWith(name));
  return Object.fromEntries([...names, 'zod'].map((each) => [each, '1.0.0']));
}

function makePackage(name: string, tier: Tier, files: Files): Package {
  const folder = `packages/${name}`;
  const manifest: Manifest = {
    name: `@homeward/${name}`,
    homeward: { tier },
    exports: exportsOf[name] ?? { '.': './src/index.ts' },
    dependencies: declareBelow(name),
    devDependencies: { '@homeward/testkit': '1.0.0' },
  };
  const mine = Object.entries(files).filter(([path]) => path.startsWith(`${folder}/`));
  return { folder, manifest, files: mine.map(([path, text]) => ({ path, text })) };
}

function makeWorkspace(files: Files): Workspace {
  const tools = Object.entries(files).filter(([path]) => path.startsWith('tools/'));
  return {
    root: { name: 'homeward', devDependencies: { vitest: '5.1.1' } },
    packages: [...tiers].map(([name, tier]) => makePackage(name, tier, files)),
    tools: tools.map(([path, text]) => ({ path, text })),
  };
}

function withDependencies(name: string, dependencies: Readonly<Record<string, string>>): Workspace {
  const workspace = makeWorkspace({});
  const packages = workspace.packages.map((one) =>
    one.folder === `packages/${name}`
      ? { ...one, manifest: { ...one.manifest, dependencies } }
      : one,
  );
  return { ...workspace, packages };
}

describe('checkLayers() refuses', () => {
  it.each([
    ['wire/src/a.ts', `import { n } from '@homeward/net';`, /tier 0 imports tier 1/],
    ['net/src/a.ts', `import { n } from '@homeward/frontend';`, /tier 1 imports tier 2/],
    ['net/src/a.ts', `import { n } from '@homeward/testkit';`, /imports a tool of tests/],
    ['wire/src/a.ts', `import { n } from '../../net/src/n.ts';`, /leaves the package/],
    ['net/src/a.ts', `import { n } from '@homeward/wire/src/b.ts';`, /reaches into/],
    ['net/src/a.ts', `import { n } from '@homeward/imap';`, /reaches into/],
    ['net/src/a.ts', `import yaml from 'yaml';`, /yaml is not declared/],
    ['net/src/a.ts', `import { it } from 'vitest';`, /imports a tool of tests/],
    ['net/src/a.ts', `import { x } from './a.test.ts';`, /imports a test file/],
    ['frontend/src/a.ts', `import { m } from '@homeward/mailstore';`, /no mail store/],
    ['frontend/src/a.ts', `import { m } from '@homeward/imap/session';`, /no session/],
    ['frontend/src/a.test.ts', `import { m } from '@homeward/imap/session';`, /no session/],
    ['backend/src/a.ts', `import { m } from '@homeward/imap/upstream';`, /no upstream/],
    ['mailstore/src/a.ts', `import { m } from '@homeward/imap/grammar';`, /no protocol/],
    ['directory/src/a.ts', `import { connect } from 'node:net';`, /only packages\/net/],
    ['frontend/src/a.ts', `import type { TLSSocket } from 'node:tls';`, /only packages\/net/],
    ['directory/src/a.ts', `import { Redis } from 'ioredis';`, /only the Redis driver/],
    ['frontend/src/a.ts', `import { pino } from 'pino';`, /only service\/logging/],
    ['backend/src/a.ts', `import { Command } from 'commander';`, /only cli/],
    ['service/src/a.ts', `import { DatabaseSync } from 'node:sqlite';`, /SQLite/],
    ['wire/src/a.ts', `import { readFileSync } from 'node:fs';`, /touches nothing/],
    ['wire/src/a.ts', `import { setTimeout } from 'timers/promises';`, /touches nothing/],
    ['wire/src/a.ts', `const now = Date.now();`, /no clock/],
    ['wire/src/a.ts', `const now = new Date();`, /no clock/],
    ['wire/src/a.ts', `setTimeout(done, 1);`, /no timer/],
    ['wire/src/a.ts', `const x = Math.random();`, /no random/],
    ['wire/src/a.ts', `import { randomBytes } from 'node:crypto';`, /no random/],
    ['wire/src/a.ts', `const x = process.platform;`, /no process/],
    ['net/src/a.ts', `const x = process.env['X'];`, /reads the environment/],
    ['imap/src/session/a.ts', `import { x } from '../upstream/x.ts';`, /must not know upstream/],
    ['imap/src/grammar/a.ts', `import { x } from '../session/x.ts';`, /must not know session/],
    ['frontend/src/a.ts', `import { Dial } from '@homeward/net';\nnew Dial();`, /constructs Dial/],
    ['net/src/wiring.ts', `import { M } from '@homeward/service';\nnew M();`, /constructs M/],
  ])('%s: %s', (file, text, what) => {
    const findings = checkLayers(makeWorkspace({ [`packages/${file}`]: text }));
    expect(findings.map((one) => one.what)).toContainEqual(expect.stringMatching(what));
    expect(findings.every((one) => one.file === `packages/${file}`)).toBe(true);
    expect(findings.every((one) => one.remedy !== '' && one.line >= 1)).toBe(true);
  });

  it('a dependency that goes up', () => {
    const findings = checkLayers(withDependencies('wire', { '@homeward/net': '1' }));
    expect(findings).toContainEqual(
      expect.objectContaining({
        file: 'packages/wire/package.json',
        what: 'tier 0 depends on @homeward/net of tier 1',
      }),
    );
  });

  it('packages that depend on each other', () => {
    const findings = checkLayers(withDependencies('wire', { '@homeward/imap': '1' }));
    const workspace = withDependencies('imap', { '@homeward/wire': '1' });
    expect(findings).toEqual([]);
    const ring = workspace.packages.map((one) =>
      one.folder === 'packages/wire'
        ? { ...one, manifest: { ...one.manifest, dependencies: { '@homeward/imap': '1' } } }
        : one,
    );
    expect(checkLayers({ ...workspace, packages: ring })).toContainEqual(
      expect.objectContaining({ what: expect.stringMatching(/depend on each other.*->.*->/) }),
    );
  });

  it('a package without a tier', () => {
    const workspace = makeWorkspace({});
    const nameless: Package = { folder: 'packages/x', manifest: { name: 'x' }, files: [] };
    const findings = checkLayers({ ...workspace, packages: [...workspace.packages, nameless] });
    expect(findings.map((one) => one.what)).toEqual(['the package names no tier']);
  });

  it('with the line of the import', () => {
    const text = `// one\nimport { a } from '@homeward/wire';\nimport { b } from 'yaml';\n`;
    const findings = checkLayers(makeWorkspace({ 'packages/net/src/a.ts': text }));
    expect(findings).toMatchObject([{ line: 3 }]);
  });
});

describe('checkLayers() accepts', () => {
  it.each([
    ['net/src/a.ts', `import { w } from '@homeward/wire';\nimport { z } from 'zod';`],
    ['net/src/a.ts', `import { connect } from 'node:net';`],
    ['net/src/a.ts', `const x = process.platform; setTimeout(f, 1); Date.now();`],
    ['net/src/a.test.ts', `import { it } from 'vitest';\nimport { t } from '@homeward/testkit';`],
    ['net/src/driver-contract.ts', `import { it } from 'vitest';`],
    ['net/src/testing/a.ts', `import { t } from '@homeward/testkit';`],
    ['wire/src/a.test.ts', `import { f } from 'node:fs';\nsetTimeout(g, Date.now());`],
    ['wire/src/a.ts', `import { createHash } from 'node:crypto';`],
    ['wire/src/a.ts', `const at = new Date(0); clock.setTimeout(f); // Date.now()`],
    ['wire/src/a.ts', `const text = 'process.env and Math.random()';`],
    ['directory/src/redis/a.ts', `const x = 1;`],
    ['cli/src/a.ts', `import { s } from '@homeward/imap/session';`],
    ['cli/src/a.ts', `import { s } from '@homeward/imap/upstream';`],
    ['backend/src/a.ts', `import { s } from '@homeward/imap/session';`],
    ['frontend/src/a.ts', `import { s } from '@homeward/imap/upstream';`],
    ['imap/src/session/a.ts', `import { x } from '../grammar/x.ts';`],
    ['imap/src/session/a.test.ts', `import { x } from '../upstream/x.ts';`],
    ['cli/bin/homeward.js', `const x = process.env.PATH;`],
    ['service/src/config/environment.ts', `const x = process.env['X'];`],
    ['frontend/src/wiring.ts', `import { Dial } from '@homeward/net';\nnew Dial();`],
    ['frontend/src/a.ts', `import { NetError } from '@homeward/net';\nthrow new NetError();`],
    ['frontend/src/a.ts', `import { ByteQueue } from '@homeward/wire';\nnew ByteQueue();`],
    ['testkit/src/a.ts', `import { Dial } from '@homeward/net';\nnew Dial(process.env.X);`],
  ])('%s: %s', (file, text) => {
    expect(checkLayers(makeWorkspace({ [`packages/${file}`]: text }))).toEqual([]);
  });

  it('test tools in tools/', () => {
    const text = `import { it } from 'vitest';\nimport { w } from '@homeward/wire';`;
    expect(checkLayers(makeWorkspace({ 'tools/a.test.ts': text }))).toEqual([]);
  });
});

describe('readWorkspace()', () => {
  it('reads this repository with its sources', () => {
    const { packages, tools } = readWorkspace(repositoryRoot);
    const wire = packages.find((one) => one.manifest.name === '@homeward/wire');
    expect(wire?.files.map((one) => one.path)).toContain('packages/wire/src/octet-stream.ts');
    expect(tools.map((one) => one.path)).toContain('tools/layers.ts');
  });
});
