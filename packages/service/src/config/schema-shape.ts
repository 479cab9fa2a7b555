/**
 * A schema as a tree of keys, which description, environment variables and suggestions read.
 * Comes from zod's JSON Schema, so that nothing here depends on zod's inside.
 */
import { z } from 'zod';

/** One key of a configuration. */
export interface KeyShape {
  /** In words: `integer 1–65535`, `one of a, b`, `list of …`. */
  readonly type: string;
  readonly isText: boolean;
  readonly isRequired: boolean;
  readonly defaultValue: unknown;
  readonly help: string | undefined;
  /** The setting's name in Exchange. */
  readonly exchangeName: string | undefined;
  /** Why it applies at the next start alone; undefined: it is live, or its section says it. */
  readonly restart: string | undefined;
  /** It applies when the file is read again; its section may say it as well. */
  readonly isReread: boolean;
  /** Said to be a path; keys named so are not marked. */
  readonly isPath: boolean;
  readonly children: ReadonlyMap<string, KeyShape>;
  /** The shape of a list's or record's elements. */
  readonly element: KeyShape | undefined;
}

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly exchangeName?: string;
  readonly isPath?: boolean;
  readonly restart?: string;
  readonly isReread?: boolean;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** The shape of a whole configuration. */
export function schemaShape(schema: z.ZodType): KeyShape {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
  }) as JsonSchema;
  return shapeOf(json, true);
}

/** The shape at a path; list positions and record keys give the element's. */
export function shapeAt(root: KeyShape, path: readonly PropertyKey[]): KeyShape | undefined {
  let shape: KeyShape | undefined = root;
  for (const part of path) {
    shape = shape?.children.get(String(part)) ?? shape?.element;
  }
  return shape;
}

function shapeOf(json: JsonSchema, isRequired: boolean): KeyShape {
  const variants = json.oneOf ?? json.anyOf ?? [];
  const children = new Map<string, KeyShape>();
  for (const source of [json, ...variants]) {
    const required = new Set(source.required ?? []);
    for (const [key, value] of Object.entries(source.properties ?? {})) {
      const shape = shapeOf(value, required.has(key));
      const other = children.get(key);
      children.set(key, other === undefined ? shape : mergeVariants(other, shape));
    }
  }
  const element = json.items ?? elementSchema(json);
  return {
    type: typeInWords(json),
    isText: json.type === 'string',
    isRequired,
    defaultValue: json.default,
    help: json.description,
    exchangeName: json.exchangeName,
    isPath: json.isPath === true,
    restart: json.restart,
    isReread: json.isReread === true,
    children,
    element: element === undefined ? undefined : shapeOf(element, true),
  };
}

function elementSchema({ additionalProperties }: JsonSchema): JsonSchema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

// A key that tells variants apart appears in each of them, with another constant.
function mergeVariants(one: KeyShape, other: KeyShape): KeyShape {
  const type = one.type === other.type ? one.type : `${one.type} or ${other.type}`;
  return { ...one, type };
}

function typeInWords(json: JsonSchema): string {
  const variants = json.oneOf ?? json.anyOf;
  if (variants !== undefined) {
    return [...new Set(variants.map((variant) => typeInWords(variant)))].join(' or ');
  }
  if (json.const !== undefined) return JSON.stringify(json.const).replaceAll('"', '');
  if (json.enum !== undefined) return `one of ${json.enum.join(', ')}`;
  switch (json.type) {
    case 'array':
      return `list of ${json.items === undefined ? 'anything' : typeInWords(json.items)}`;
    case 'object':
      return json.properties === undefined ? 'map' : 'section';
    case 'integer':
    case 'number':
      return `${json.type}${rangeInWords(json)}`;
    case 'string':
      return 'text';
    default:
      return json.type ?? 'anything';
  }
}

// zod gives every integer JavaScript's safe range, which tells nobody anything.
function rangeInWords({ minimum, maximum }: JsonSchema): string {
  const from = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const to = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (from !== undefined && to !== undefined) return ` ${from} to ${to}`;
  if (from !== undefined) return ` from ${from}`;
  return to === undefined ? '' : ` up to ${to}`;
}
