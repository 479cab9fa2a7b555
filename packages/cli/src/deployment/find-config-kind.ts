/**
 * Which kind of file somebody gave, by keys that no other kind has: so that one line can say that
 * it is the wrong one, instead of one line for each key. `homeward config check` goes by them, too.
 */
import { readFile } from 'node:fs/promises';

export type ConfigKind = 'frontend' | 'backend' | 'operator';

/** As they are called in sentences. */
export const CONFIG_KIND_WORDS: Readonly<Record<ConfigKind, string>> = {
  frontend: 'a front end',
  backend: 'a back end',
  operator: 'a deployment, for operators’ commands',
};

/** @returns Undefined where nothing tells, or the file cannot be read. */
export async function findConfigKind(file: string): Promise<ConfigKind | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (/^(site|volumeFolder):/m.test(text)) return 'backend';
  if (/^hostname:/m.test(text)) return 'operator';
  // The operator's file has both, too, and a hostname.
  return /^(homes|ticket):/m.test(text) ? 'frontend' : undefined;
}
