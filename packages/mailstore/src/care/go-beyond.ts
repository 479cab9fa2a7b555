/**
 * For a mailbox that was set back: clients may know of what came later, so UIDs and
 * mod-sequences that anybody may have seen are not given again, every message counts as
 * changed, and the history of expunges begins anew, for it may lack some.
 */
import type { Database } from '../database.ts';
import { LAST_UID } from '../operations/placements.ts';

/** More than a folder gets, and a mailbox changes, between a backup and a restore. */
const UID_GAP = 1_000_000;
const MOD_SEQ_GAP = 1_000_000_000;

/** @param options Whose mailbox it is from now on. */
export function goBeyond(
  database: Database,
  { accountId, nowMs }: { readonly accountId: string; readonly nowMs: number },
): void {
  const row = database
    .statement(
      `SELECT max(mod_seq, coalesce((SELECT max(highest_mod_seq) FROM folder), 0)) FROM mailbox`,
    )
    .row();
  const modSeq = Number(row?.[0]) + MOD_SEQ_GAP;
  database.exec('BEGIN IMMEDIATE');
  database
    .statement(
      `UPDATE mailbox SET account_id = ?, mod_seq = ?, state = 'active', sealed_to = NULL,
         next_uid_validity = max(next_uid_validity, ?)`,
    )
    .run(accountId, modSeq, Math.floor(nowMs / 1000));
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
