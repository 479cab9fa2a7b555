/**
 * `tools/setup.js` against made-up projects: when it installs, with what, and what it says.
 *
 * npm is a script that notes its arguments; the real one is met by `.ci/run` on a fresh clone.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const setupScript = path.join(import.meta.dirname, 'setup.js');
const pinKey = `node_modules/node-${process.platform}-${process.arch}`;

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'homeward-setup-'));
  writeJson('package.json', { name: 'made-up', devDependencies: { vitest: '5.1.1' } });
  writeJson('packages/wire/package.json', { name: '@homeward/wire', dependencies: {} });
  writeJson('package-lock.json', { packages: makeLockEntries() });
  writeJson('node_modules/.package-lock.json', { packages: makeInstalledEntries() });
  mkdirSync(path.join(root, 'node_modules/.bin'));
  symlinkSync(process.execPath, path.join(root, 'node_modules/.bin/node'));
  writeNpm('');
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function makeInstalledEntries(): Record<string, unknown> {
  return {
    [pinKey]: { version: '24.21.0', optional: true },
    'node_modules/vitest': { version: '5.1.1', integrity: 'sha512-x' },
    'node_modules/@homeward/wire': { resolved: 'packages/wire', link: true },
    'packages/wire': { name: '@homeward/wire' },
  };
}

function makeLockEntries(): Record<string, unknown> {
  return {
    '': { name: 'made-up', devDependencies: { vitest: '5.1.1' } },
    'node_modules/node-of-another-platform': { version: '24.21.0', optional: true },
    ...makeInstalledEntries(),
  };
}

function writeJson(file: string, value: unknown): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), JSON.stringify(value));
}

/** A stand-in for npm that notes each call, then runs the given statements. */
function writeNpm(statements: string): void {
  mkdirSync(path.join(root, 'npm'), { recursive: true });
  const note = `require('node:fs').appendFileSync(${JSON.stringify(path.join(root, 'calls'))},`;
  writeFileSync(
    path.join(root, 'npm/npm-cli.js'),
    `const command = process.argv[2];${note} process.argv.slice(2).join(' ') + '\\n');${statements}`,
  );
}

function runSetup(...args: string[]): { status: number | null; output: string; calls: string[] } {
  const result = spawnSync(process.execPath, [setupScript, ...args], {
    encoding: 'utf8',
    env: {
      ...process.env,
      HOMEWARD_SETUP_ROOT: root,
      npm_execpath: path.join(root, 'npm/npm-cli.js'),
    },
  });
  return { status: result.status, output: result.stdout + result.stderr, calls: readCalls() };
}

function readCalls(): string[] {
  try {
    const lines = readFileSync(path.join(root, 'calls'), 'utf8').trim().split('\n');
    return lines.map((line) => line.split(' --loglevel')[0] ?? line);
  } catch {
    return [];
  }
}

describe('setup.js', () => {
  it('is silent and installs nothing when everything is in place', () => {
    expect(runSetup()).toEqual({ status: 0, output: '', calls: [] });
  });

  it('says one line and runs npm ci when node_modules is missing', () => {
    rmSync(path.join(root, 'node_modules/.package-lock.json'));
    const result = runSetup();
    expect(result.calls).toEqual(['ci']);
    expect(result.output).toMatch(/^Installing what Homeward needs[^\n]*\n$/);
  });

  it.each([
    ['another version', { 'node_modules/vitest': { version: '5.1.0', integrity: 'sha512-x' } }],
    ['other octets', { 'node_modules/vitest': { version: '5.1.1', integrity: 'sha512-y' } }],
    ['no pinned Node', { [pinKey]: undefined }],
    ['no link to a workspace', { 'node_modules/@homeward/wire': undefined }],
  ])('runs npm ci when node_modules has %s', (_name, change) => {
    writeJson('node_modules/.package-lock.json', {
      packages: { ...makeInstalledEntries(), ...change },
    });
    expect(runSetup().calls).toEqual(['ci']);
  });

  it.each([
    ['package.json', { name: 'made-up', devDependencies: { vitest: '5.2.0' } }],
    ['packages/wire/package.json', { name: '@homeward/wire', dependencies: { yaml: '2.9.1' } }],
    ['packages/wire/package.json', { name: '@homeward/wire', bin: { wire: './bin/wire.js' } }],
    ['packages/new/package.json', { name: '@homeward/new' }],
  ])('runs npm install when %s asks for more than the lock has', (file, manifest) => {
    writeJson(file, manifest);
    expect(runSetup().calls).toEqual(['install']);
  });

  it('takes npm install without saving when npm ci refuses the lock', () => {
    rmSync(path.join(root, 'node_modules/.package-lock.json'));
    writeNpm(`if (command === 'ci') { console.error('npm error code EUSAGE'); process.exit(1); }`);
    const result = runSetup();
    expect(result.calls).toEqual(['ci', 'install --no-save']);
    expect(result.status).toBe(0);
    expect(result.output).not.toContain('EUSAGE');
  });

  it('shows npm its output and fails when npm fails', () => {
    rmSync(path.join(root, 'node_modules/.package-lock.json'));
    writeNpm(`console.error('npm error network unreachable'); process.exit(1);`);
    const result = runSetup();
    expect(result.status).toBe(1);
    expect(result.output).toContain('npm error network unreachable');
    expect(result.output).toContain('run the same command again');
  });

  it('runs the given script with its arguments and takes over its exit code', () => {
    const script = path.join(root, 'script.js');
    writeFileSync(script, 'console.log(process.argv.slice(2).join()); process.exit(7);');
    expect(runSetup(script, '--fix', 'x')).toEqual({ status: 7, output: '--fix,x\n', calls: [] });
  });
});
