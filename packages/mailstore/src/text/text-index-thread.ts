/** Indexes of texts kept by a worker thread, one for each store. */
import { createThreadCalls } from '@homeward/durable-store';
import type { TextQuery } from '@homeward/text-index';
import type {
  TextCandidates,
  TextIndexer,
  TextIndexProgress,
  TextIndexTarget,
} from './text-indexer.ts';

/** What is asked of the thread. */
export type TextIndexRequest =
  | { readonly task: 'catch-up'; readonly target: TextIndexTarget }
  | {
      readonly task: 'find';
      readonly target: TextIndexTarget;
      readonly query: TextQuery;
    }
  | { readonly task: 'forget'; readonly databasePath: string }
  | { readonly task: 'close' };

class TextIndexThread implements TextIndexer {
  readonly #calls = createThreadCalls<TextIndexRequest>(
    new URL('./text-index-worker.ts', import.meta.url),
  );

  catchUp(target: TextIndexTarget): Promise<TextIndexProgress> {
    return this.#calls.ask({ task: 'catch-up', target }) as Promise<TextIndexProgress>;
  }

  findCandidates(target: TextIndexTarget, query: TextQuery): Promise<TextCandidates> {
    return this.#calls.ask({ task: 'find', target, query }) as Promise<TextCandidates>;
  }

  async forget(databasePath: string): Promise<void> {
    if (this.#calls.isRunning) await this.#calls.ask({ task: 'forget', databasePath });
  }

  async close(): Promise<void> {
    try {
      if (this.#calls.isRunning) await this.#calls.ask({ task: 'close' });
    } finally {
      await this.#calls.close();
    }
  }
}

/** The thread starts with its first task. Close it. */
export function startTextIndexThread(): TextIndexer {
  return new TextIndexThread();
}
