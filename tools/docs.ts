/**
 * Checks that the documentation still tells the truth where a machine can see it: relative links
 * and anchors resolve, named npm scripts exist, no path of somebody's machine is printed, and the
 * lock names no registry.
 *
 * `node tools/docs.ts` runs it alone.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Finding, formatFindings } from './finding.ts';
import { type Heading, readMarkdown } from './markdown.ts';
import { listFiles, repositoryRoot } from './workspace.ts';

/** npm commands that are not scripts of package.json. */
const npmCommands: ReadonlySet<string> = new Set(['ci', 'exec', 'install', 'run']);
const scriptAliases: ReadonlySet<string> = new Set(['start', 'test']);
const homeFolder = /(?<![\w.$}/-])\/(?:home|Users|root)\/[\w.-]+/;

/** Everything in README.md, docs/ and package-lock.json that is no longer true. */
export function checkDocs(root: string): Finding[] {
  const docs = existsSync(path.join(root, 'docs')) ? listFiles(root, 'docs', /\.md$/) : [];
  const files = ['README.md', ...docs];
  const scripts = readScripts(root);
  return [...files.flatMap((file) => checkFile(root, file, scripts)), ...checkLock(root)];
}

function readScripts(root: string): ReadonlySet<string> {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    readonly scripts?: Readonly<Record<string, string>>;
  };
  return new Set(Object.keys(manifest.scripts ?? {}));
}

function checkFile(root: string, file: string, scripts: ReadonlySet<string>): Finding[] {
  if (!existsSync(path.join(root, file))) {
    return [{ file, line: 1, what: 'the file is missing', remedy: 'Write it.' }];
  }
  const text = readFileSync(path.join(root, file), 'utf8');
  const { links, headings, codeLines } = readMarkdown(text);
  return [
    ...links.flatMap(({ target, line }) => checkLink(root, { file, line }, target, headings)),
    ...codeLines.flatMap((one) => checkCommands({ file, line: one.line }, one.text, scripts)),
    ...checkMachinePaths(root, file, text),
  ];
}

interface Place {
  readonly file: string;
  readonly line: number;
}

function checkLink(
  root: string,
  place: Place,
  target: string,
  ownHeadings: readonly Heading[],
): Finding[] {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return [];
  const [filePart = '', anchor] = target.split('#');
  const linked = path.join(root, path.dirname(place.file), decodeURIComponent(filePart));
  if (filePart !== '' && !existsSync(linked)) {
    const remedy = 'Point it to a file of this repository, or remove it.';
    return [{ ...place, what: `the link to '${target}' leads nowhere`, remedy }];
  }
  if (anchor === undefined || (filePart !== '' && !filePart.endsWith('.md'))) return [];
  const headings =
    filePart === '' ? ownHeadings : readMarkdown(readFileSync(linked, 'utf8')).headings;
  if (headings.some((heading) => heading.anchor === anchor)) return [];
  const near = headings.map((heading) => `#${heading.anchor}`).join(' ') || 'no headings at all';
  const what = `the anchor of '${target}' is no heading there`;
  return [{ ...place, what, remedy: `The file has ${near}.` }];
}

/** Every `npm run X`, `npm start` and `npm test` in a line of a code block. */
function checkCommands(place: Place, text: string, scripts: ReadonlySet<string>): Finding[] {
  const findings: Finding[] = [];
  for (const match of text.matchAll(/\bnpm (?:run )?(?<name>[\w:-]+)/g)) {
    const name = match.groups?.['name'] ?? '';
    const isScript = match[0].startsWith('npm run ') || scriptAliases.has(name);
    if (!isScript ? npmCommands.has(name) : scripts.has(name)) continue;
    const what = `'${match[0]}' is no script of package.json`;
    findings.push({ ...place, what, remedy: `There are: ${[...scripts].join(', ')}.` });
  }
  return findings;
}

function checkMachinePaths(root: string, file: string, text: string): Finding[] {
  return text.split('\n').flatMap((lineText, index) => {
    const found = lineText.includes(root) ? root : homeFolder.exec(lineText)?.[0];
    if (found === undefined) return [];
    const remedy = 'Write it relative to the repository, or with a variable.';
    return [{ file, line: index + 1, what: `'${found}' is a path of one machine`, remedy }];
  });
}

/** npm writes the registry into the lock unless .npmrc forbids it; then a mirror cannot serve it. */
function checkLock(root: string): Finding[] {
  const file = 'package-lock.json';
  if (!existsSync(path.join(root, file))) return [];
  const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
  const at = lines.findIndex((line) => line.includes('"resolved": "http'));
  if (at === -1) return [];
  const remedy = 'Run npm install again with the .npmrc of this repository.';
  return [{ file, line: at + 1, what: 'the lock names a registry', remedy }];
}

if (import.meta.main) {
  const findings = checkDocs(repositoryRoot);
  if (findings.length > 0) console.log(formatFindings(findings));
  process.exitCode = findings.length > 0 ? 1 : 0;
}
