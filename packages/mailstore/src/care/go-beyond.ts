/**
 * For a mailbox that was set back: clients may know of what came later, so UIDs and
 * mod-sequences that anybody may have seen are not given again, every message counts as
 * changed, and the history of expunges begins anew, for it may lack some.
 */
import type { Database } from '@homeward/durable-store';
import { LAST_UID } from '../operations/placements.ts';
import type { SeenStates } from './seen-states.ts';

/** More than a folder gets, and a mailbox changes, between a state that is kept and its end. */
const UID_GAP = 1_000_000;
const MOD_SEQ_GAP = 1_000_000_000;

export interface GoBeyondOptions {
  /** Whose mailbox it is from now on. */
  readonly accountId: string;
  readonly nowMs: number;
  /**
   * A folder that these do not know of gets a new UIDVALIDITY. Undefined: the mailbox is the
   * latest state itself, and has only lost something.
   */
  readonly seen?: SeenStates;
}

/** In one transaction. May be repeated. */
export function goBeyond(database: Database, { accountId, nowMs, seen }: GoBeyondOptions): void {
  database.exec('BEGIN IMMEDIATE');
  const own = database
    .statement(
      `SELECT max(mod_seq, coalesce((SELECT max(highest_mod_seq) FROM folder), 0)),
         max(next_uid_validity, coalesce((SELECT max(uid_validity) + 1 FROM folder), 0))
       FROM mailbox`,
    )
    .row();
  const modSeq = Math.max(Number(own?.[0]), seen?.modSeq ?? 0) + MOD_SEQ_GAP;
  let nextUidValidity = Math.max(
    Number(own?.[1]),
    seen?.nextUidValidity ?? 0,
    Math.floor(nowMs / 1000),
  );
  if (seen !== undefined) nextUidValidity = passSeenFolders(database, seen, nextUidValidity);
  database
    .statement('UPDATE mailbox SET account_id = ?, mod_seq = ?, next_uid_validity = ?')
    .run(accountId, modSeq, nextUidValidity);
  database.statement('UPDATE flag_state SET mod_seq = ?').run(modSeq);
  database.exec('DELETE FROM expunged');
  database
    .statement(
      `UPDATE folder SET uid_next = min(uid_next + ${UID_GAP}, ${LAST_UID}),
         known_uid_next = min(uid_next + ${UID_GAP}, ${LAST_UID}),
         highest_mod_seq = ?1, known_mod_seq = ?1, history_from = ?1, history_count = 0`,
    )
    .run(modSeq);
  database.exec('COMMIT');
}

/** @returns The next UIDVALIDITY that is free. */
function passSeenFolders(database: Database, seen: SeenStates, firstUidValidity: number): number {
  const setUidNext = database.statement('UPDATE folder SET uid_next = ? WHERE id = ?');
  const setUidValidity = database.statement('UPDATE folder SET uid_validity = ? WHERE id = ?');
  let nextUidValidity = firstUidValidity;
  for (const row of database.statement('SELECT id, uid_validity, uid_next FROM folder').rows()) {
    const [id = 0, uidValidity = 0, uidNext = 0] = row.map(Number);
    const seenUidNext = seen.uidNexts.get(uidValidity);
    if (seenUidNext === undefined) setUidValidity.run(nextUidValidity++, id);
    else if (seenUidNext > uidNext) setUidNext.run(seenUidNext, id);
  }
  return nextUidValidity;
}
