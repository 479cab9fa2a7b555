#!/usr/bin/env -S node --
/**
 * The launcher: runs under whatever Node.js there is, and starts Homeward under one that can
 * run it: this very process if it is new enough, else the pinned Node.js that was installed
 * with the project. Plain JavaScript of an older day, on purpose.
 *
 * The "--" keeps Node.js from taking our own --env-file for its own, which it does even behind
 * the script's name.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const NEEDED_MAJOR = 24;
const here = dirname(fileURLToPath(import.meta.url));
const major = Number(process.versions.node.split('.')[0]);

/** Where distributions have jemalloc 5. */
const JEMALLOC = ['x86_64-linux-gnu/', 'aarch64-linux-gnu/', '../lib64/', ''].map(
  (folder) => `/usr/lib/${folder}libjemalloc.so.2`,
);
/**
 * Of V8's half-spaces for young objects, up to 32 MB each by default: `frontend/src/main.ts` and
 * `backend/src/main.ts` say why services have so much of them, and why one thread looks at a back
 * end's.
 */
const YOUNG = '--max-semi-space-size=8';
/** A front end collects when its clients have gone: `frontend/src/memory/after-peak.ts`. */
const COLLECT = '--expose-gc';
const script = fileURLToPath(import.meta.url);

if (major >= NEEDED_MAJOR) {
  if (process.argv.slice(2).includes('frontend')) restartWith([YOUNG, COLLECT], allocator());
  if (process.argv.slice(2).includes('backend')) {
    restartWith([YOUNG], {});
    setFlagsFromString('--no-parallel-scavenge');
  }
  // Why both: see `service/src/process-supervisor.ts`. Before the first TypeScript is read.
  setFlagsFromString('--wasm-wrapper-tiering-budget=2000000000');
  setFlagsFromString('--heap-growing-percent=100');
  await cacheCompiledCode();
  const { main } = await import('../src/main.ts');
  await main();
} else {
  const pinned = findPinnedNode();
  if (pinned === undefined) {
    process.stderr.write(
      `homeward: this needs Node.js ${NEEDED_MAJOR} or later and runs under ${process.version}. ` +
        'Install it from your system or nodejs.org; on Linux (x64, arm64) `npm install` in the ' +
        'project brings it along.\n',
    );
    process.exit(69);
  }
  restartUnder(pinned);
}

/**
 * Most of a start is spent on compiling; from the second one on Node.js finds it done. Processes
 * that this one starts inherit the place by the environment. Where nothing can be written
 * (an image, another user's folder) Node.js goes on without.
 */
async function cacheCompiledCode() {
  const modules = findAbove('node_modules');
  if (modules === undefined || process.env.NODE_COMPILE_CACHE !== undefined) return;
  const { enableCompileCache } = await import('node:module');
  const { directory } = enableCompileCache(join(modules, '.cache', 'homeward'));
  if (directory !== undefined) process.env.NODE_COMPILE_CACHE = join(modules, '.cache', 'homeward');
}

/** @returns {string | undefined} the Node.js that npm has installed with the project */
function findPinnedNode() {
  return findAbove(join('node_modules', '.bin', 'node'));
}

/**
 * @param {string} path
 * @returns {string | undefined} the nearest one above this file
 */
function findAbove(path) {
  for (let folder = here; ; folder = dirname(folder)) {
    const candidate = join(folder, path);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

/**
 * What a service has of V8's flags and allocator takes effect at the start of a process only, so
 * this one becomes another, once. Not one that a supervisor started: its channel to it would be
 * closed, which says to end.
 *
 * @param {readonly string[]} flags
 * @param {Record<string, string>} extra added to the environment, which goes first
 */
function restartWith(flags, extra) {
  const has = flags.every((flag) => process.execArgv.includes(flag));
  if (has || process.execve === undefined) return;
  if (process.send !== undefined) return;
  const args = [...process.execArgv, ...flags, '--', script, ...process.argv.slice(2)];
  process.execve(process.execPath, [process.execPath, ...args], { ...extra, ...process.env });
}

/**
 * A front end holds thousands of connections for hours, and their memory is mostly OpenSSL's: with
 * jemalloc, where it is installed and nobody has chosen another allocator, a connection takes less
 * of it, and gives it back. See docs/operations/benchmarks.md.
 */
function allocator() {
  const jemalloc = process.env.LD_PRELOAD === undefined ? JEMALLOC.find(existsSync) : undefined;
  return {
    MALLOC_CONF: 'narenas:1,dirty_decay_ms:0,muzzy_decay_ms:0',
    ...(jemalloc !== undefined && { LD_PRELOAD: jemalloc }),
  };
}

/** @param {string} node */
function restartUnder(node) {
  const child = spawn(node, ['--', script, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; whoever signals this process alone means the child.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`homeward: ${node} cannot be run: ${error.message}\n`);
    process.exit(69);
  });
  child.on('exit', (code, signal) => {
    if (signal !== null) process.kill(process.pid, signal);
    else process.exit(code ?? 1);
  });
}
