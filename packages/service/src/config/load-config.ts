/**
 * Reads a service's configuration: a YAML file, overridden by the environment, checked against
 * a schema. Either all of it is right, or the caller gets every problem there is.
 */
import { access, constants, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import {
  type ConfigProblem,
  explainIssue,
  formatKey,
  type UnplacedProblem,
} from './config-problem.ts';
import { environmentNames, findOverrides, type Override } from './environment.ts';
import type { Environment } from './process-environment.ts';
import { type KeyShape, schemaShape } from './schema-shape.ts';
import { suggestKey } from './suggest-key.ts';

export interface LoadConfigOptions<Schema extends z.ZodType> {
  readonly schema: Schema;
  /** Without a file the environment and the defaults must do. */
  readonly file: string | undefined;
  readonly environment: Environment;
}

export type LoadedConfig<Config> =
  | {
      readonly ok: true;
      /** Paths are absolute, from the file's folder (`KeyHelp.isPath` says what is one). */
      readonly config: Config;
      /** Valid, but probably not what was meant. */
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

const MOST_BYTES = 1_048_576;
const PATH_KEY = /(File|Folder)$/;
const SECRET_KEY = /(keys?|password|secret|token)File$/i;

export async function loadConfig<Schema extends z.ZodType>(
  options: LoadConfigOptions<Schema>,
): Promise<LoadedConfig<z.output<Schema>>> {
  const source = await openSource(options.file);
  if ('problems' in source) return { ok: false, problems: source.problems };
  const shape = schemaShape(options.schema);
  const { overrides, unknown } = findOverrides(shape, options.environment);
  const given = overrides.reduce(applyOverride, source.values);
  // A configuration without any key is one with all its sections left out.
  const parsed = options.schema.safeParse(given ?? {}, { reportInput: true });
  if (!parsed.success) {
    const found = parsed.error.issues.flatMap((issue) => explainIssue(issue, shape));
    return { ok: false, problems: found.map((problem) => place(problem, source, overrides)) };
  }
  const config = resolvePaths(parsed.data, shape, dirname(resolve(options.file ?? 'here')));
  const files = await checkFiles(config, []);
  if (files.problems.length > 0) {
    const problems = files.problems.map((problem) => place(problem, source, overrides));
    return { ok: false, problems };
  }
  const warnings = [...unknown.map((name) => unknownVariable(name, shape)), ...files.warnings];
  return { ok: true, config: config as z.output<Schema>, warnings };
}

/**
 * Reads a secret that a `…File` key names; the file's last line feed does not count. Rejects as
 * `readFile` does: `loadConfig` has seen that it is readable.
 */
export async function readSecretFile(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
}

interface Source {
  readonly name: string;
  readonly values: unknown;
  readonly document: Document | undefined;
  readonly lines: LineCounter;
}

async function openSource(
  file: string | undefined,
): Promise<Source | { readonly problems: readonly ConfigProblem[] }> {
  const lines = new LineCounter();
  if (file === undefined) return { name: 'defaults', values: {}, document: undefined, lines };
  const whole = { source: file, line: undefined, column: undefined, key: '' };
  let text: string;
  try {
    if ((await stat(file)).size > MOST_BYTES) {
      const remedy = 'A configuration has less than 1 MB: is it the right file?';
      return { problems: [{ ...whole, problem: 'is too big', remedy }] };
    }
    text = await readFile(file, 'utf8');
  } catch (error) {
    const problem = `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
    const remedy = 'Check the path and who may read it, or make one with homeward init.';
    return { problems: [{ ...whole, problem, remedy }] };
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length === 0) {
    return { name: file, values: document.toJS() as unknown, document, lines };
  }
  const problems = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    const problem = `is not valid YAML: ${error.code}`;
    const remedy = 'Check indentation and quotes around this place.';
    return { ...whole, line, column: col, problem, remedy };
  });
  return { problems };
}

// Copies along the way: what was read may be shared by an alias elsewhere.
function applyOverride(values: unknown, { path, value }: Override): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const section = isSection(values) ? values : {};
  return { ...section, [key]: applyOverride(section[key], { path: rest, value, variable: '' }) };
}

function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function place(
  { path, problem, remedy }: UnplacedProblem,
  source: Source,
  overrides: readonly Override[],
): ConfigProblem {
  const key = formatKey(path);
  const override = overrides.findLast(({ path: start }) =>
    start.every((part, index) => part === path[index]),
  );
  if (override !== undefined) {
    return { source: override.variable, line: undefined, column: undefined, key, problem, remedy };
  }
  const offset = offsetOf(source.document, path);
  const at = offset === undefined ? undefined : source.lines.linePos(offset);
  return { source: source.name, line: at?.line, column: at?.col, key, problem, remedy };
}

// The key itself, or the closest section around it that the file has.
function offsetOf(
  document: Document | undefined,
  path: readonly PropertyKey[],
): number | undefined {
  if (document === undefined) return undefined;
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && key.value === last);
      if (isScalar(pair?.key) && pair.key.range) return pair.key.range[0];
    }
    const node = document.getIn(path.slice(0, length), true) as
      | { readonly range?: readonly number[] | null }
      | undefined;
    if (node?.range) return node.range[0];
  }
  return undefined;
}

function resolvePaths(value: unknown, shape: KeyShape | undefined, folder: string): unknown {
  if (Array.isArray(value)) {
    return value.map((element) => resolvePaths(element, shape?.element, folder));
  }
  if (!isSection(value)) return value;
  const resolved = Object.entries(value).map(([key, child]) => {
    const inner = shape?.children.get(key) ?? shape?.element;
    const isPath = PATH_KEY.test(key) || inner?.isPath === true;
    // An empty one says that there is none, where the schema lets it.
    if (typeof child === 'string' && isPath && child !== '') return [key, resolve(folder, child)];
    return [key, resolvePaths(child, inner, folder)];
  });
  return Object.fromEntries(resolved) as unknown;
}

interface FileFindings {
  readonly problems: UnplacedProblem[];
  readonly warnings: string[];
}

async function checkFiles(value: unknown, path: readonly PropertyKey[]): Promise<FileFindings> {
  const findings: FileFindings = { problems: [], warnings: [] };
  const children = Array.isArray(value)
    ? value.entries()
    : Object.entries(isSection(value) ? value : {});
  for (const [key, child] of children) {
    const here = [...path, key];
    if (typeof child === 'string' && String(key).endsWith('File')) {
      if (child !== '') await checkFile(child, here, findings);
    } else {
      const inner = await checkFiles(child, here);
      findings.problems.push(...inner.problems);
      findings.warnings.push(...inner.warnings);
    }
  }
  return findings;
}

async function checkFile(
  file: string,
  path: readonly PropertyKey[],
  { problems, warnings }: FileFindings,
): Promise<void> {
  try {
    await access(file, constants.R_OK);
    const { mode } = await stat(file);
    if (SECRET_KEY.test(formatKey(path)) && (mode & 0o007) !== 0) {
      warnings.push(`${formatKey(path)}: everybody on this host can read ${file}; chmod 600 it`);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const remedy = `Check that ${file} exists and that the service may read it.`;
    problems.push({ path, problem: `names a file that cannot be read (${code})`, remedy });
  }
}

function unknownVariable(name: string, shape: KeyShape): string {
  const close = suggestKey(name, environmentNames(shape));
  const hint = close === undefined ? '' : `; did you mean ${close}?`;
  return `the environment variable ${name} is no setting of this service${hint}`;
}
