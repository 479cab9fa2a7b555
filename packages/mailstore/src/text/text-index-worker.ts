/**
 * The thread's side of `text-index-thread.ts`. Catching up is done for one mailbox after the
 * other, in steps; a search does not wait for it.
 */
import { serveThread } from '../thread-service.ts';
import { SteppedTextIndexer } from './stepped-text-indexer.ts';
import type { TextIndexRequest } from './text-index-thread.ts';

const indexer = new SteppedTextIndexer();

serveThread((body: TextIndexRequest): unknown => {
  switch (body.task) {
    case 'catch-up':
      return indexer.catchUp(body.target);
    case 'find':
      return indexer.findCandidates(body.target, body.queries);
    case 'forget':
      return indexer.forget(body.databasePath);
    case 'close':
      return indexer.close();
  }
});
