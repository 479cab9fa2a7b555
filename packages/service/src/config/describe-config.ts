/** A configuration's keys as a table: for `homeward config describe` and the reference. */
import type { z } from 'zod';
import { environmentName } from './environment.ts';
import { type KeyShape, schemaShape } from './schema-shape.ts';

export interface ConfigKey {
  /** Dotted; `[]` after a list, `.*` for a map's keys: `imap.listeners[].port`. */
  readonly key: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly defaultValue: unknown;
  readonly help: string | undefined;
  /** What Exchange calls it. */
  readonly exchangeName: string | undefined;
  /** Overrides the file; nothing inside lists and maps. */
  readonly environmentName: string | undefined;
  /** Why a change applies at the next start alone; undefined: it needs none. */
  readonly restart: string | undefined;
  /** A change applies when the file is read again; all else without `restart` is live, by `settings`. */
  readonly isReread: boolean;
}

/** All keys that hold a value, in the schema's order. */
export function describeConfig(schema: z.ZodType): readonly ConfigKey[] {
  return describe(schemaShape(schema), [], '', true);
}

function describe(
  shape: KeyShape,
  path: readonly string[],
  key: string,
  isAddressable: boolean,
  section: Pick<ConfigKey, 'restart' | 'isReread'> = { restart: undefined, isReread: false },
): readonly ConfigKey[] {
  const restart = shape.restart ?? section.restart;
  const isReread = shape.isReread || section.isReread;
  const applies = { restart, isReread };
  const own: ConfigKey = {
    key,
    type: shape.type,
    isRequired: shape.isRequired,
    defaultValue: shape.defaultValue,
    help: shape.help,
    exchangeName: shape.exchangeName,
    environmentName: isAddressable ? environmentName(path) : undefined,
    ...applies,
  };
  const isSection = shape.children.size > 0;
  const inside = [...shape.children].flatMap(([name, child]) =>
    describe(child, [...path, name], key === '' ? name : `${key}.${name}`, isAddressable, applies),
  );
  const { element } = shape;
  const suffix = shape.type.startsWith('list') ? '[]' : '.*';
  const elements =
    element !== undefined && element.children.size > 0
      ? describe(element, path, `${key}${suffix}`, false, applies).filter(
          (row) => row.key !== `${key}${suffix}`,
        )
      : [];
  const isShown = key !== '' && (!isSection || shape.help !== undefined);
  return [...(isShown ? [own] : []), ...inside, ...elements];
}
