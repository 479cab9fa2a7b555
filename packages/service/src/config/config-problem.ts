/**
 * What is wrong with a configuration, in the words of whoever has to mend it: file, line, key,
 * what is wrong, and the remedy. Values are not repeated: one of them may be a secret put in
 * the wrong place.
 */
import type { z } from 'zod';
import { type KeyShape, shapeAt } from './schema-shape.ts';
import { suggestKey } from './suggest-key.ts';

export interface ConfigProblem {
  /** A file, or the name of an environment variable. */
  readonly source: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** Dotted, lists with their positions: `imap.listeners[0].port`; '' for the file itself. */
  readonly key: string;
  readonly problem: string;
  readonly remedy: string;
}

/** A problem in one line: `homeward.yaml:12:5: imap.port: is not a number. Write …`. */
export function formatConfigProblem(problem: ConfigProblem): string {
  const { source, line, column, key } = problem;
  const place = line === undefined ? source : `${source}:${line}:${column ?? 1}`;
  return [place, ...(key === '' ? [] : [key]), `${problem.problem}. ${problem.remedy}`].join(': ');
}

/** `['imap', 'listeners', 0, 'port']` → `imap.listeners[0].port`. */
export function formatKey(path: readonly PropertyKey[]): string {
  let key = '';
  for (const part of path) {
    if (typeof part === 'number') key += `[${part}]`;
    else key += key === '' ? String(part) : `.${String(part)}`;
  }
  return key;
}

/** A problem before it is known where it stands. */
export interface UnplacedProblem {
  readonly path: readonly PropertyKey[];
  readonly problem: string;
  readonly remedy: string;
}

/** What zod found, in our words; one issue may be several problems. */
export function explainIssue(issue: z.core.$ZodIssue, shape: KeyShape): readonly UnplacedProblem[] {
  const { path } = issue;
  const here = shapeAt(shape, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        problem: 'is not a known key',
        remedy: suggest(key, [...(here?.children.keys() ?? [])]),
      }));
    case 'invalid_type':
      return [explainType(path, issue.input === undefined, here)];
    case 'invalid_value':
      return [
        {
          path,
          problem: 'has a value that is not possible here',
          remedy: writeOneOf(issue.values),
        },
      ];
    case 'too_small':
    case 'too_big':
      return [{ path, problem: tooWhat(issue), remedy: `Write ${here?.type ?? 'another value'}.` }];
    case 'custom':
      return [{ path, problem: issue.message, remedy: remedyOf(issue.params) }];
    case 'invalid_union':
      return [explainUnion(issue, here)];
    default:
      return [
        { path, problem: lowerFirst(issue.message), remedy: `Write ${here?.type ?? 'it anew'}.` },
      ];
  }
}

function explainType(
  path: readonly PropertyKey[],
  isMissing: boolean,
  shape: KeyShape | undefined,
): UnplacedProblem {
  const type = shape?.type ?? 'another type';
  const help = shape?.help === undefined ? '' : ` It is: ${lowerFirst(shape.help)}`;
  return isMissing
    ? { path, problem: 'is missing', remedy: `Add it: ${type}.${help}` }
    : { path, problem: `has the wrong type`, remedy: `Write ${type}.${help}` };
}

function explainUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  shape: KeyShape | undefined,
): UnplacedProblem {
  const { options } = issue as { readonly options?: readonly unknown[] };
  const remedy = options === undefined ? `Write ${shape?.type ?? 'another'}.` : writeOneOf(options);
  return { path: issue.path, problem: 'has a value that is not possible here', remedy };
}

function writeOneOf(values: readonly unknown[]): string {
  return `Write ${values.length > 1 ? 'one of ' : ''}${values.map(String).join(', ')}.`;
}

function suggest(key: string, known: readonly string[]): string {
  const close = suggestKey(key, known);
  if (close !== undefined) return `Did you mean ${close}?`;
  return known.length === 0 ? 'Remove it.' : `Known here: ${known.join(', ')}.`;
}

function tooWhat(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const isText = issue.origin === 'string' || issue.origin === 'array';
  if (issue.code === 'too_small') return isText ? 'is too short' : 'is too small';
  return isText ? 'is too long' : 'is too big';
}

function remedyOf(params: Readonly<Record<string, unknown>> | undefined): string {
  const remedy = params?.['remedy'];
  return typeof remedy === 'string' ? remedy : 'Change it.';
}

function lowerFirst(text: string): string {
  // An abbreviation stays as it is.
  const isWord = /^[A-Z][a-z]/.test(text);
  return isWord ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
