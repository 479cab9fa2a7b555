/**
 * Puts messages aside in the database, seen by nobody, so that an append of many need not hold
 * them all in memory until its end. Their rows have -1 for a count of references; the append
 * makes it 1, or gives them up. What a crash leaves is given up at the next opening.
 */
import type { Database } from '@homeward/durable-store';
import type { MailboxTransaction } from '../mailbox-transaction.ts';
import { insertMessage, type ReceivedMessage } from './append-messages.ts';

/** @returns Their ids, in order. */
export function stageMessages(
  tx: MailboxTransaction,
  messages: readonly ReceivedMessage[],
): number[] {
  return messages.map((message) => insertMessage(tx, message, -1));
}

/** Makes garbage of what was put aside and is not used. */
export function giveUpStaged(tx: MailboxTransaction, ids: readonly number[]): void {
  const update = tx.database.statement(
    'UPDATE message SET ref_count = 0 WHERE id = ? AND ref_count = -1',
  );
  for (const id of ids) update.run(id);
  tx.leavesGarbage = true;
}

/** The same for all that is there, before a mailbox is opened: nobody can use it any more. */
export function giveUpAllStaged(database: Database): void {
  database.exec('UPDATE message SET ref_count = 0 WHERE ref_count = -1');
}
