/** A real index on a folder of its own, for tests. */
import { createTempFolder } from '@homeward/testkit';
import { GramMaker } from '../message-grams.ts';
import { TextIndexFile } from '../text-index-file.ts';
import type { TextQuery } from '../text-query.ts';
import type { MessageTokens } from '../tokens.ts';
import { sourceOf } from './plain-search.ts';

const maker = new GramMaker();

/** All steps at once. */
export function makeTokens(...source: Parameters<typeof sourceOf>): MessageTokens {
  const steps = maker.make(sourceOf(...source));
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

export interface IndexHarness extends AsyncDisposable {
  readonly path: string;
  readonly index: TextIndexFile;
  /** Adds a message behind the last one. @returns Its id. */
  add(...source: Parameters<typeof sourceOf>): number;
  /** @returns undefined if nothing can be ruled out. */
  find(scope: TextQuery['scope'], foldedText: string): number[] | undefined;
  /** Closes and opens again. */
  reopen(lastMessageId?: number): void;
}

export async function openIndexHarness(): Promise<IndexHarness> {
  const folder = await createTempFolder('text-index');
  const path = folder.join('text.db');
  let index = TextIndexFile.open(path, 'anna', 0);
  let lastId = 0;
  return {
    path,
    get index() {
      return index;
    },
    add: (...source) => {
      lastId += 1;
      index.add([{ messageId: lastId, tokens: makeTokens(...source) }], lastId);
      return lastId;
    },
    find: (scope, text) => {
      const ids = index.candidates({ scope, text });
      return ids && [...ids];
    },
    reopen: (lastMessageId = lastId) => {
      index.close();
      index = TextIndexFile.open(path, 'anna', lastMessageId);
    },
    [Symbol.asyncDispose]: async () => {
      index.close();
      await folder.remove();
    },
  };
}
