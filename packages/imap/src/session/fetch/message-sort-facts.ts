/**
 * What package search knows of one message: as it was worked out at arrival, or worked out now
 * for a message that is older than that. And its THREADID (RFC 8474 §5.2), which follows from it.
 */
import { type SortFacts, makeSortFacts, threadIdOf } from '@homeward/search';
import type { FactName } from '../ports.ts';
import type { MessageReader } from './message-reader.ts';

/** What must have been asked for, to have a THREADID. */
export const THREAD_ID_FACTS: readonly FactName[] = ['email-id', 'sort-facts'];

/** @returns undefined if the message is gone. */
export function sortFactsOf(
  reader: MessageReader,
): SortFacts | undefined | Promise<SortFacts | undefined> {
  return reader.facts.sortFacts ?? makeNow(reader);
}

async function makeNow(reader: MessageReader): Promise<SortFacts | undefined> {
  const shape = await reader.shape();
  if (shape === undefined) return undefined;
  const header = await reader.gatherHeader({ start: 0, end: shape.root.bodyStart });
  return makeSortFacts(shape, header);
}

/** @returns undefined if the message is gone. */
export function threadIdOfMessage(
  reader: MessageReader,
): string | undefined | Promise<string | undefined> {
  const { emailId = '' } = reader.facts;
  const facts = sortFactsOf(reader);
  if (facts instanceof Promise) {
    return facts.then((later) => later && threadIdOf(later, emailId));
  }
  return facts && threadIdOf(facts, emailId);
}
