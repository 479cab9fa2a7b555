/** The kinds of configuration file, their forms, and how to tell them apart. */
import { readFile } from 'node:fs/promises';
import { type BackEndConfig, backEndConfigSchema } from '@homeward/backend';
import { FRONT_END_CONFIG, type FrontEndConfig } from '@homeward/frontend';
import type { z } from 'zod';
import { OPERATOR_CONFIG, type OperatorConfig } from '../deployment/operator-config.ts';

export type ConfigKind = 'frontend' | 'backend' | 'operator';

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

/** By a key that only this kind has; a front end's file needs none. */
export async function guessConfigKind(file: string): Promise<ConfigKind> {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (/^(site|volumeFolder):/m.test(text)) return 'backend';
  if (/^hostname:/m.test(text) || /(^|\/)homeward\.yaml$/.test(file)) return 'operator';
  return 'frontend';
}
