/** Finds what a TypeScript source imports, without parsing it: static, dynamic and re-exports. */
import { lineAt } from './finding.ts';
import { blankNonCode } from './source-text.ts';

/** One import of a module by a source file. */
export interface ImportLine {
  /** As written: `node:net`, `@homeward/wire`, `./command.ts`. */
  readonly specifier: string;
  readonly line: number;
  /** Local names of what exists at run time; empty for type imports and dynamic imports. */
  readonly valueNames: readonly string[];
}

const statement =
  /\b(?:import|export)\b(?<clause>(?:(?!\bimport\b|\bexport\b)[^;'"])*?)\bfrom\s*(?=['"])/dg;
const bare = /\b(?:import|require)\s*\(?\s*(?=['"])/g;

/**
 * All imports of a source, in the order of the two forms.
 *
 * @param source The text of the file.
 * @param code The same text after `blankNonCode()`, if the caller has it already.
 */
export function findImports(source: string, code: string = blankNonCode(source)): ImportLine[] {
  const found: ImportLine[] = [];
  for (const match of code.matchAll(statement)) {
    const clause = match.groups?.['clause'] ?? '';
    found.push(makeImport(source, match.index + match[0].length, parseValueNames(clause)));
  }
  for (const match of code.matchAll(bare)) {
    found.push(makeImport(source, match.index + match[0].length, []));
  }
  return found;
}

function makeImport(source: string, quoteAt: number, valueNames: readonly string[]): ImportLine {
  const quote = source[quoteAt] ?? "'";
  const end = source.indexOf(quote, quoteAt + 1);
  const specifier = source.slice(quoteAt + 1, end === -1 ? undefined : end);
  return { specifier, line: lineAt(source, quoteAt), valueNames };
}

/** `Default, { a, type B, c as d }` gives Default, a and d; a `type` clause gives nothing. */
function parseValueNames(clause: string): string[] {
  if (/^\s+type\b(?!\s*,)/.test(clause)) return [];
  return clause
    .split(/[{},]/)
    .map((part) => part.trim())
    .filter((part) => part !== '' && !/^type\s/.test(part))
    .map((part) => part.split(/\s+as\s+/).at(-1) ?? part);
}
