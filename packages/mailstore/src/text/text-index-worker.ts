/**
 * The thread's side of `text-index-thread.ts`. Catching up is done for one mailbox after the
 * other, in steps; a search does not wait for it. It works when nobody else has use for the
 * machine.
 */
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { serveThread } from '@homeward/durable-store';
import { SteppedTextIndexer } from './stepped-text-indexer.ts';
import type { TextIndexRequest } from './text-index-thread.ts';

/** Next to a busy thread of the usual niceness, this one gets a tenth of a core. */
const NICENESS = 10;

/**
 * On Linux each thread has a priority of its own.
 *
 * @returns False where that cannot be done.
 */
function lowerPriority(): boolean {
  try {
    const threadId = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(threadId, NICENESS);
    return true;
  } catch {
    return false;
  }
}

const indexer = new SteppedTextIndexer({ isGentle: lowerPriority() });

serveThread((body: TextIndexRequest): unknown => {
  switch (body.task) {
    case 'catch-up':
      return indexer.catchUp(body.target);
    case 'find':
      return indexer.findCandidates(body.target, body.query);
    case 'forget':
      return indexer.forget(body.databasePath);
    case 'close':
      return indexer.close();
  }
});
