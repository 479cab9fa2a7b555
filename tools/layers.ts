/**
 * The layer checker: package.json files and import lines against the design.
 *
 * npm hoists workspaces, so an undeclared import runs happily, and nothing else notices when the
 * front end begins to know the mail store. `node tools/layers.ts` runs it alone.
 */
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { type Finding, formatFindings, lineAt } from './finding.ts';
import { type ImportLine, findImports } from './import-lines.ts';
import {
  type CodeRule,
  codeRules,
  moduleRules,
  protocolFolders,
  protocolPackages,
  pureCodeRules,
  pureNodeModules,
  wiringFile,
} from './layer-rules.ts';
import { blankNonCode } from './source-text.ts';
import {
  type Package,
  type SourceFile,
  type Tier,
  type Workspace,
  isTestFile,
  readWorkspace,
  repositoryRoot,
} from './workspace.ts';

/** One source file with all that the rules ask about it. */
interface Unit {
  readonly file: SourceFile;
  readonly owner: Package;
  readonly tier: Tier;
  /** A test file, or a file of a package that never ships. */
  readonly isTest: boolean;
  readonly code: string;
}

interface Report {
  readonly workspace: Workspace;
  readonly byName: ReadonlyMap<string, Package>;
  readonly findings: Finding[];
}

/** Everything in the workspace that the design forbids. */
export function checkLayers(workspace: Workspace): Finding[] {
  const byName = new Map(workspace.packages.map((one) => [one.manifest.name, one]));
  const report: Report = { workspace, byName, findings: [] };
  for (const one of workspace.packages) {
    checkManifest(report, one);
    for (const file of one.files) checkFile(report, one, file);
  }
  const tools: Package = { folder: 'tools', manifest: workspace.root, files: workspace.tools };
  for (const file of tools.files) checkFile(report, tools, file);
  checkCycles(report);
  return report.findings;
}

/** Whether a package of tier `from` may depend on one of tier `to`. */
function mayDepend(from: Tier, to: Tier): boolean {
  return from === 'T' || (to !== 'T' && to <= from);
}

function tierOf(one: Package): Tier {
  return one.folder === 'tools' ? 'T' : (one.manifest.homeward?.tier ?? 'T');
}

function checkManifest(report: Report, one: Package): void {
  const file = `${one.folder}/package.json`;
  const add = (what: string, remedy: string): void => {
    report.findings.push({ file, line: 1, what, remedy });
  };
  const tier: unknown = one.manifest.homeward?.tier;
  if (tier !== 0 && tier !== 1 && tier !== 2 && tier !== 'T') {
    add('the package names no tier', 'Add "homeward": { "tier": 0 | 1 | 2 | "T" }.');
  }
  for (const name of Object.keys(one.manifest.dependencies ?? {})) {
    const target = report.byName.get(name);
    if (target !== undefined && !mayDepend(tierOf(one), tierOf(target))) {
      add(
        `tier ${tierOf(one)} depends on ${name} of tier ${tierOf(target)}`,
        'Dependencies go down only: turn it round with a port, or move the code.',
      );
    }
  }
}

/** Reports each ring of `dependencies` once, at the first package of it. */
function checkCycles(report: Report): void {
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): void => {
    const one = report.byName.get(name);
    if (one === undefined || done.has(name)) return;
    if (trail.includes(name)) {
      const ring = [...trail.slice(trail.indexOf(name)), name].join(' -> ');
      report.findings.push({
        file: `${one.folder}/package.json`,
        line: 1,
        what: `packages depend on each other: ${ring}`,
        remedy: 'Move what both need into a lower package, or put a port between them.',
      });
      return;
    }
    for (const next of Object.keys(one.manifest.dependencies ?? {})) visit(next, [...trail, name]);
    done.add(name);
  };
  for (const name of report.byName.keys()) visit(name, []);
}

function checkFile(report: Report, owner: Package, file: SourceFile): void {
  const tier = tierOf(owner);
  const isTest = tier === 'T' || isTestFile(file.path);
  const unit: Unit = { file, owner, tier, isTest, code: blankNonCode(file.text) };
  const imports = findImports(file.text, unit.code);
  for (const one of imports) {
    checkModuleRules(report, unit, one);
    if (one.specifier.startsWith('.')) checkRelative(report, unit, one);
    else if (isBuiltin(one.specifier)) checkBuiltin(report, unit, one);
    else checkPackageImport(report, unit, one);
  }
  if (isTest) return;
  checkConstruction(report, unit, imports);
  checkCode(report, unit, tier === 0 ? [...pureCodeRules, ...codeRules] : codeRules);
}

function addImport(report: Report, unit: Unit, one: ImportLine, what: string, how: string): void {
  const text = `imports '${one.specifier}': ${what}`;
  report.findings.push({ file: unit.file.path, line: one.line, what: text, remedy: how });
}

function checkModuleRules(report: Report, unit: Unit, one: ImportLine): void {
  for (const rule of moduleRules) {
    if (!rule.modules.test(one.specifier) || rule.allowed.test(unit.file.path)) continue;
    if (unit.isTest && rule.evenInTests !== true) continue;
    addImport(report, unit, one, rule.what, rule.remedy);
  }
}

function checkRelative(report: Report, unit: Unit, one: ImportLine): void {
  const target = path.posix.join(path.posix.dirname(unit.file.path), one.specifier);
  if (!target.startsWith(`${unit.owner.folder}/`)) {
    const remedy = 'Import the other package by its name and declare it in package.json.';
    addImport(report, unit, one, 'a relative path leaves the package', remedy);
  } else if (!unit.isTest && isTestFile(target)) {
    const remedy = 'Move what is shipped out of the test file.';
    addImport(report, unit, one, 'a shipped file imports a test file', remedy);
  } else if (!unit.isTest) {
    checkProtocolFolder(report, unit, one, target);
  }
}

function checkProtocolFolder(report: Report, unit: Unit, one: ImportLine, target: string): void {
  const pattern = /^packages\/([^/]+)\/src\/([^/]+)\//;
  const [, name = '', from = ''] = pattern.exec(unit.file.path) ?? [];
  const [, , to = ''] = pattern.exec(target) ?? [];
  const allowed = protocolFolders.get(from);
  if (!protocolPackages.has(name) || from === to || allowed === undefined) return;
  if (protocolFolders.has(to) && !allowed.includes(to)) {
    const remedy = 'Move what both need into grammar/ or beside the four folders.';
    addImport(report, unit, one, `${from}/ must not know ${to}/`, remedy);
  }
}

function checkBuiltin(report: Report, unit: Unit, one: ImportLine): void {
  if (unit.tier !== 0 || unit.isTest || pureNodeModules.has(one.specifier)) return;
  const remedy = 'Take what it needs as a parameter or a port, or move the code to tier 1.';
  addImport(report, unit, one, 'tier 0 touches nothing outside', remedy);
}

function checkPackageImport(report: Report, unit: Unit, one: ImportLine): void {
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(one.specifier)?.[0] ?? one.specifier;
  if (!isDeclared(report, unit, name)) {
    if (!unit.isTest && isTestTool(report, name)) {
      const remedy = 'Test code lives in *.test.ts, *-contract.ts, or a testing/ or bench/ folder.';
      addImport(report, unit, one, 'a shipped file imports a tool of tests', remedy);
      return;
    }
    const field = unit.isTest && unit.tier !== 'T' ? 'devDependencies' : 'dependencies';
    const remedy = `Add "${name}" to ${field} of ${unit.owner.folder}/package.json.`;
    addImport(report, unit, one, `${name} is not declared`, remedy);
  }
  const target = report.byName.get(name);
  if (target === undefined) return;
  if (!(`.${one.specifier.slice(name.length)}` in (target.manifest.exports ?? {}))) {
    const remedy = `Import one of the "exports" of ${target.folder}/package.json, or add it there.`;
    addImport(report, unit, one, 'reaches into another package', remedy);
  }
  const isTestkit = unit.isTest && tierOf(target) === 'T';
  if (!isTestkit && !mayDepend(unit.tier, tierOf(target))) {
    const what = `tier ${unit.tier} imports tier ${tierOf(target)}`;
    addImport(report, unit, one, what, 'Imports go down only: turn it round with a port.');
  }
}

/** Whether tests get the package although nothing that ships does. */
function isTestTool(report: Report, name: string): boolean {
  const target = report.byName.get(name);
  return target === undefined
    ? name in (report.workspace.root.devDependencies ?? {})
    : tierOf(target) === 'T';
}

/** Tests may also use their package's devDependencies and the test tools of the root. */
function isDeclared(report: Report, unit: Unit, name: string): boolean {
  const { manifest } = unit.owner;
  if (name === manifest.name || name in (manifest.dependencies ?? {})) return true;
  if (!unit.isTest) return false;
  if (unit.owner.folder === 'tools' && report.byName.has(name)) return true;
  return (
    name in (manifest.devDependencies ?? {}) ||
    name in (report.workspace.root.devDependencies ?? {})
  );
}

/** Classes of tiers 1 and 2 own something; only the wiring of a program constructs them. */
function checkConstruction(report: Report, unit: Unit, imports: readonly ImportLine[]): void {
  if (unit.tier === 2 && wiringFile.test(unit.file.path)) return;
  for (const one of imports) {
    const target = report.byName.get(/^@[^/]+\/[^/]+/.exec(one.specifier)?.[0] ?? '');
    if (target === undefined || target === unit.owner || tierOf(target) === 0) continue;
    for (const name of one.valueNames.filter((each) => !/Error$|^\*/.test(each))) {
      for (const match of unit.code.matchAll(new RegExp(`\\bnew\\s+${name}\\b`, 'g'))) {
        report.findings.push({
          file: unit.file.path,
          line: lineAt(unit.file.text, match.index),
          what: `constructs ${name} of ${target.manifest.name}`,
          remedy: 'Take it as a parameter; the wiring.ts of a program constructs it.',
        });
      }
    }
  }
}

function checkCode(report: Report, unit: Unit, rules: readonly CodeRule[]): void {
  for (const rule of rules) {
    if (rule.allowed.test(unit.file.path)) continue;
    for (const match of unit.code.matchAll(rule.code)) {
      const what = `${match[0].trim()}: ${rule.what}`;
      const line = lineAt(unit.file.text, match.index);
      report.findings.push({ file: unit.file.path, line, what, remedy: rule.remedy });
    }
  }
}

if (import.meta.main) {
  const findings = checkLayers(readWorkspace(repositoryRoot));
  if (findings.length > 0) console.log(formatFindings(findings));
  process.exitCode = findings.length > 0 ? 1 : 0;
}
