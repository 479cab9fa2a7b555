/**
 * The key that all front ends behind one name have in common, if the operator gave them one: the
 * file of TLS session tickets. Read again now and then, since a new one is made daily.
 */
import { readFile } from 'node:fs/promises';
import type { Clock } from './login/ports.ts';

const REUSE_MS = 60_000;
/** Shorter ones are no key. */
const LEAST_BYTES = 32;

/** @param file Undefined: there is none. */
export function createCommonKey(
  file: string | undefined,
  clock: Pick<Clock, 'elapsedMs'>,
): () => Promise<Uint8Array | undefined> {
  let known:
    | { readonly key: Promise<Uint8Array | undefined>; readonly untilMs: number }
    | undefined;
  return () => {
    if (file === undefined) return Promise.resolve(undefined);
    const nowMs = clock.elapsedMs();
    if (known === undefined || nowMs >= known.untilMs) {
      known = { key: readKey(file), untilMs: nowMs + REUSE_MS };
    }
    return known.key;
  };
}

/** While the file is being replaced there is none. */
async function readKey(file: string): Promise<Uint8Array | undefined> {
  try {
    const key = await readFile(file);
    return key.length < LEAST_BYTES ? undefined : key;
  } catch {
    return undefined;
  }
}
