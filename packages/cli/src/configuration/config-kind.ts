/** The kinds of configuration file, their forms, and how to tell them apart. */
import { type BackEndConfig, backEndConfigSchema } from '@homeward/backend';
import { FRONT_END_CONFIG, type FrontEndConfig } from '@homeward/frontend';
import type { z } from 'zod';
import { type ConfigKind, findConfigKind } from '../deployment/find-config-kind.ts';
import { OPERATOR_CONFIG, type OperatorConfig } from '../deployment/operator-config.ts';

/** A file that is right by itself. */
export type CheckedConfig =
  | { readonly kind: 'frontend'; readonly file: string; readonly config: FrontEndConfig }
  | { readonly kind: 'backend'; readonly file: string; readonly config: BackEndConfig }
  | { readonly kind: 'operator'; readonly file: string; readonly config: OperatorConfig };

/** What each kind must look like. */
export const CONFIG_FORMS: Readonly<Record<ConfigKind, z.ZodType>> = {
  operator: OPERATOR_CONFIG,
  frontend: FRONT_END_CONFIG,
  backend: backEndConfigSchema,
};

/** By what only this kind has, then by the file's name. */
export async function guessConfigKind(file: string): Promise<ConfigKind> {
  const kind = await findConfigKind(file);
  if (kind === 'backend' || kind === 'operator') return kind;
  return /(^|\/)homeward\.yaml$/.test(file) ? 'operator' : 'frontend';
}
