/**
 * How far a mailbox had come in the states of it that are still there: what a client may have
 * seen of an account's mailbox is bounded by the latest of them.
 */
import { type Database, nodeStoreFiles, openDatabase } from '@homeward/durable-store';
import { isDamage } from './sqlite-damage.ts';

/** What clients may have seen; for UIDs, by UIDVALIDITY. */
export interface SeenStates {
  readonly modSeq: number;
  readonly nextUidValidity: number;
  readonly uidNexts: ReadonlyMap<number, number>;
}

/**
 * @param databases Paths, the latest state first. Each state went beyond those before it, or
 *   began with UIDVALIDITYs of its own; so a folder that the latest one lacks may have got UIDs
 *   that nobody knows of any more, and is left out. A database that cannot be read counts as
 *   one without folders.
 */
export async function readSeenStates(databases: readonly string[]): Promise<SeenStates> {
  let modSeq = 0;
  let nextUidValidity = 0;
  let uidNexts: Map<number, number> | undefined;
  for (const path of databases) {
    const state = (await nodeStoreFiles.exists(path)) ? readSeenState(path) : undefined;
    modSeq = Math.max(modSeq, state?.modSeq ?? 0);
    nextUidValidity = Math.max(nextUidValidity, state?.nextUidValidity ?? 0);
    uidNexts ??= new Map(state?.uidNexts);
    for (const [uidValidity, uidNext] of uidNexts) {
      const other = state?.uidNexts.get(uidValidity) ?? 0;
      if (other > uidNext) uidNexts.set(uidValidity, other);
    }
  }
  return { modSeq, nextUidValidity, uidNexts: uidNexts ?? new Map() };
}

/** @returns undefined if it is damaged, or none. Reads what every schema version has. */
export function readSeenState(path: string): SeenStates | undefined {
  let database: Database | undefined;
  try {
    database = openDatabase(path, { isReadOnly: true });
    // Cut short in the making.
    if (Number(database.statement('PRAGMA user_version').row()?.[0]) === 0) return undefined;
    const folders = database
      .statement('SELECT uid_validity, uid_next, highest_mod_seq, path IS NULL FROM folder')
      .rows()
      .map((row) => row.map(Number));
    // One that was deleted is as good as gone: whether its row still is here is chance.
    const present = folders.filter(([, , , isDeleted]) => isDeleted === 0);
    const counters = database.statement('SELECT mod_seq, next_uid_validity FROM mailbox').row();
    return {
      modSeq: folders.reduce(
        (most, [, , modSeq = 0]) => Math.max(most, modSeq),
        Number(counters?.[0] ?? 0),
      ),
      nextUidValidity: folders.reduce(
        (most, [validity = 0]) => Math.max(most, validity + 1),
        Number(counters?.[1] ?? 0),
      ),
      uidNexts: new Map(present.map(([uidValidity = 0, uidNext = 0]) => [uidValidity, uidNext])),
    };
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  } finally {
    database?.close();
  }
}
