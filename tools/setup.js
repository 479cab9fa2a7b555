/**
 * Puts everything in place that the other npm scripts need: `node tools/setup.js [script args…]`.
 *
 * Plain JavaScript for any Node from 18 on, since it runs before the pinned Node exists. It
 * compares contents, not file times: what package.json files and package-lock.json ask for
 * against what node_modules/.package-lock.json says is there, so that a check-out or an edited
 * description installs nothing. Up to date, it is silent and takes a few milliseconds.
 *
 * With a script it then runs that script under the pinned Node. A shell line `node a && node b`
 * could not: the shell remembers where it found the first `node`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = realpathSync(
  process.env.HOMEWARD_SETUP_ROOT ?? path.dirname(path.dirname(fileURLToPath(import.meta.url))),
);
const dependencyFields = ['dependencies', 'devDependencies', 'optionalDependencies', 'bin'];
const pinnedNode = path.join(root, 'node_modules', '.bin', 'node');

/** Reads a JSON file below the root; nothing if it is missing or broken. */
function readJson(...segments) {
  try {
    return JSON.parse(readFileSync(path.join(root, ...segments), 'utf8'));
  } catch {
    return undefined;
  }
}

/** The folders of root and workspaces, as package-lock.json names them ('' is the root). */
function listManifestFolders() {
  if (!existsSync(path.join(root, 'packages'))) return [''];
  const names = readdirSync(path.join(root, 'packages')).sort();
  const folders = names.map((name) => `packages/${name}`);
  return ['', ...folders.filter((f) => existsSync(path.join(root, f, 'package.json')))];
}

/** One comparable text for what a package.json or a lock entry asks for. */
function formatNeeds(manifest) {
  const needs = dependencyFields.map((field) => {
    const value = manifest?.[field] ?? {};
    const entries = typeof value === 'string' ? [['', value]] : Object.entries(value);
    return entries.map(([name, wanted]) => `${name}@${wanted.replace(/^\.\//, '')}`).sort();
  });
  return JSON.stringify(needs);
}

/** Whether package-lock.json says the same as every package.json; only then `npm ci` works. */
function isLockCurrent(lock) {
  if (lock?.packages === undefined) return false;
  return listManifestFolders().every((folder) => {
    const locked = lock.packages[folder];
    return locked !== undefined && hasSameNeeds(readJson(folder, 'package.json'), locked);
  });
}

/** Whether node_modules holds what the lock names; optional packages of other platforms may lack. */
function isInstallCurrent(lock) {
  const installed = readJson('node_modules', '.package-lock.json')?.packages;
  if (installed === undefined) return false;
  const pinned = `node_modules/node-${process.platform}-${process.arch}`;
  return Object.entries(lock.packages).every(([key, wanted]) => {
    if (key === '') return true;
    const present = installed[key];
    if (present === undefined) return wanted.optional === true && key !== pinned;
    return (
      present.version === wanted.version &&
      present.integrity === wanted.integrity &&
      (wanted.link === true || !key.startsWith('packages/') || hasSameNeeds(present, wanted))
    );
  });
}

/** Whether two descriptions ask for the same packages and commands. */
function hasSameNeeds(one, other) {
  return formatNeeds(one) === formatNeeds(other);
}

/** Runs npm with this very Node if npm started us, else whichever npm the PATH has. */
function runNpm(args) {
  const allArgs = [...args, '--loglevel=error', '--no-fund', '--no-audit', '--include=dev'];
  const npmCli = process.env.npm_execpath ?? '';
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 };
  return path.basename(npmCli) === 'npm-cli.js'
    ? spawnSync(process.execPath, [npmCli, ...allArgs], options)
    : spawnSync('npm', allArgs, { ...options, shell: process.platform === 'win32' });
}

/** @returns {never} */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/**
 * Installs in silence, or ends with npm's own words.
 *
 * `npm ci` also refuses a lock that lacks optional packages of other platforms, as a registry
 * mirror without them writes it. `npm install --no-save` takes it and pins just the same.
 */
function install(isCurrentLock) {
  process.stderr.write('Installing what Homeward needs with npm; this may take a minute.\n');
  let result = runNpm(isCurrentLock ? ['ci'] : ['install']);
  if (isCurrentLock && result.status !== 0 && /\bEUSAGE\b/.test(result.stderr ?? '')) {
    result = runNpm(['install', '--no-save']);
  }
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  const why = result.error ? `: ${result.error.message}` : '; its output is above';
  fail(`npm failed${why}. Mend that, then run the same command again.`);
}

/** The Node that runs Homeward: the pinned one, or this one where no pin exists. */
function findNode() {
  if (existsSync(pinnedNode)) return pinnedNode;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  fail(
    `Homeward needs Node 24 or later. This is Node ${process.versions.node}, and no pinned Node ` +
      `is installed for ${process.platform}-${process.arch}. Install Node 24 from ` +
      'https://nodejs.org and run the same command again.',
  );
}

const lock = readJson('package-lock.json');
const isCurrentLock = isLockCurrent(lock);
if (!isCurrentLock || !isInstallCurrent(lock)) install(isCurrentLock);

const node = findNode();
const script = process.argv.slice(2);
if (script.length > 0) {
  const result = spawnSync(node, script, { stdio: 'inherit' });
  if (result.error) fail(`Cannot run ${node}: ${result.error.message}`);
  process.exit(result.status ?? 1);
}
