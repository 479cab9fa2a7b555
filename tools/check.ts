/**
 * `npm run check`: everything that can be said about the sources without running them. One line
 * for each step; the output of a step is shown only if it failed. With `--fix`, format and lint
 * mend what they can.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { checkCircles } from './circles.ts';
import { checkDocs } from './docs.ts';
import { type Finding, formatFindings } from './finding.ts';
import { checkLayers } from './layers.ts';
import { readWorkspace, repositoryRoot } from './workspace.ts';

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

interface Step {
  readonly name: string;
  readonly run: () => Promise<Outcome> | Outcome;
}

/** Named, since oxlint without paths would read whatever is not in .gitignore. */
const lintedPaths: readonly string[] = ['packages', 'tools', 'vitest.config.ts'];

function createSteps(isFix: boolean): readonly Step[] {
  const lintFlags = isFix ? ['--fix'] : [];
  return [
    { name: 'format', run: () => runTool('oxfmt', [isFix ? '--write' : '--list-different', '.']) },
    { name: 'lint', run: () => runTool('oxlint', [...lintFlags, ...lintedPaths]) },
    { name: 'layers', run: () => judge(checkLayers(readWorkspace(repositoryRoot))) },
    { name: 'circles', run: () => judge(checkCircles(readWorkspace(repositoryRoot))) },
    { name: 'types', run: () => runTool('tsc', ['-p', '.']) },
    { name: 'docs', run: () => judge(checkDocs(repositoryRoot)) },
  ];
}

function judge(findings: readonly Finding[]): Outcome {
  return { ok: findings.length === 0, output: formatFindings(findings) };
}

/** Runs a tool of node_modules/.bin, and keeps what it prints. */
function runTool(name: string, args: readonly string[]): Promise<Outcome> {
  const command = path.join(repositoryRoot, 'node_modules', '.bin', name);
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: repositoryRoot, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (status) => resolve({ ok: status === 0, output }));
  });
}

async function runStep(step: Step): Promise<boolean> {
  const startedAtMs = performance.now();
  const { ok, output } = await step.run();
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${step.name.padEnd(7)} ${seconds} s`);
  if (!ok) {
    // Some tools colour what goes into a file, too.
    const text = process.stdout.isTTY ? output : stripVTControlCharacters(output);
    console.log(`\n${text.trim().replace(/^(?=.)/gm, '  ')}\n`);
  }
  return ok;
}

function readOptions(): { readonly fix: boolean } {
  try {
    return parseArgs({ options: { fix: { type: 'boolean', default: false } } }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n`);
    console.error('Usage: npm run check [-- --fix]');
    process.exit(2);
  }
}

const failed: string[] = [];
for (const step of createSteps(readOptions().fix)) {
  if (!(await runStep(step))) failed.push(step.name);
}
if (failed.length > 0) {
  const remedy = failed.some((name) => name === 'format' || name === 'lint');
  console.log(`Failed: ${failed.join(', ')}.${remedy ? ' Try npm run check -- --fix.' : ''}`);
  process.exitCode = 1;
}
