/**
 * Settings from the environment: every key of a schema has one variable,
 * `connectionLimits.perUser` → `HOMEWARD_CONNECTION_LIMITS_PER_USER`.
 */
import { parse } from 'yaml';
import type { Environment } from './process-environment.ts';
import type { KeyShape } from './schema-shape.ts';

const PREFIX = 'HOMEWARD_';
/** Variables of tests and tools are not settings, nor is where the operator's file is. */
const NOT_SETTINGS = /^HOMEWARD_(?:(?:TEST|CI)_|CONFIG$)/;

/** The variable that overrides a key. */
export function environmentName(path: readonly string[]): string {
  const words = path.map((part) => part.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase());
  return PREFIX + words.join('_');
}

/** A value that the environment sets. */
export interface Override {
  readonly path: readonly string[];
  readonly variable: string;
  readonly value: unknown;
}

/**
 * What the environment says about a schema's keys. Texts are taken as they are; other values,
 * also whole lists and sections, are read as YAML. Empty variables count as not set.
 */
export function findOverrides(
  shape: KeyShape,
  environment: Environment,
): { readonly overrides: readonly Override[]; readonly unknown: readonly string[] } {
  const keys = new Map<string, { readonly path: readonly string[]; readonly shape: KeyShape }>();
  collectKeys(shape, [], keys);
  const overrides: Override[] = [];
  const unknown: string[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || NOT_SETTINGS.test(variable) || !text) continue;
    const key = keys.get(variable);
    if (key === undefined) unknown.push(variable);
    else overrides.push({ path: key.path, variable, value: readValue(key.shape, text) });
  }
  // Sections before the keys inside them: the more exact variable wins.
  return { overrides: overrides.toSorted((a, b) => a.path.length - b.path.length), unknown };
}

/** All variables that a schema knows. */
export function environmentNames(shape: KeyShape): readonly string[] {
  const keys = new Map<string, { readonly path: readonly string[]; readonly shape: KeyShape }>();
  collectKeys(shape, [], keys);
  return [...keys.keys()];
}

function collectKeys(
  shape: KeyShape,
  path: readonly string[],
  keys: Map<string, { readonly path: readonly string[]; readonly shape: KeyShape }>,
): void {
  for (const [name, child] of shape.children) {
    const childPath = [...path, name];
    const variable = environmentName(childPath);
    if (keys.has(variable)) throw new Error(`two keys would share ${variable}`);
    keys.set(variable, { path: childPath, shape: child });
    collectKeys(child, childPath, keys);
  }
}

function readValue(shape: KeyShape, text: string): unknown {
  if (shape.isText) return text;
  try {
    return parse(text) as unknown;
  } catch {
    // Not YAML: the schema says what it should have been.
    return text;
  }
}
