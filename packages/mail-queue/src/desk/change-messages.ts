/** What operators change of messages that wait. */
import type { Database } from '@homeward/durable-store';
import type { OpenQueue } from '../mail-queue.ts';
import {
  type RemovedMessage,
  removeMessage,
  setHeld,
  settleMessage,
} from '../storage/change-rows.ts';
import type { QueueAction } from './queue-job.ts';

/** Messages changed in one transaction. */
const CHUNK_COUNT = 100;

/** @returns How many were changed; undefined if it could not be written. */
export async function changeMessages(
  { store }: OpenQueue,
  ids: readonly number[],
  action: QueueAction,
  nowMs: number,
): Promise<number | undefined> {
  let changedCount = 0;
  for (let from = 0; from < ids.length; from += CHUNK_COUNT) {
    const some = ids.slice(from, from + CHUNK_COUNT);
    const { database } = store.storage;
    const written = await store.writes.write(() =>
      some.map((id) => changeMessage(database, id, action, nowMs)),
    );
    if (!written.ok) return undefined;
    changedCount += written.value.filter(({ isChanged }) => isChanged).length;
    await store.noteRemoved(written.value.flatMap(({ removed }) => removed ?? []));
  }
  return changedCount;
}

interface Changed {
  readonly isChanged: boolean;
  readonly removed?: RemovedMessage;
}

function changeMessage(
  database: Database,
  id: number,
  action: QueueAction,
  nowMs: number,
): Changed {
  switch (action) {
    case 'drop': {
      const removed = removeMessage(database, id);
      return removed === undefined ? { isChanged: false } : { isChanged: true, removed };
    }
    case 'hold':
    case 'release':
      return { isChanged: setHeld(database, id, action === 'hold') };
    case 'retry': {
      const sql = `UPDATE recipient SET state = 'waiting', due_ms = ?
        WHERE message_id = ? AND state IN ('waiting', 'lined-up')`;
      const isChanged = database.statement(sql).run(nowMs, id) > 0;
      if (isChanged) settleMessage(database, id);
      return { isChanged };
    }
  }
}
