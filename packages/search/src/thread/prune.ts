/**
 * Steps 2 and 3 of REFERENCES (RFC 5256 §3): dummies go, and their children take their place,
 * but a head of a thread stays while it holds several.
 */
import type { Steps } from '../steps.ts';

/** What is left: a parent for each message. */
export interface PrunedLinks {
  /** A message, a dummy (from the number of messages upwards, without gaps), or -1. */
  readonly parents: Int32Array;
  readonly nodeCount: number;
}

/** Messages looked at between two pauses. */
const STEP_MESSAGES = 8_192;

/** @param links A parent for each node, messages first; shortened on the way. */
export function* pruneDummies(links: Int32Array, messageCount: number): Steps<PrunedLinks> {
  const parents = new Int32Array(messageCount).fill(-1);
  const childCounts = new Int32Array(links.length - messageCount);
  for (let message = 0; message < messageCount; message += 1) {
    if (message % STEP_MESSAGES === 0) yield;
    const parent = links[message] as number;
    if (parent === -1) continue;
    const keeper = findKeeper(links, messageCount, parent);
    parents[message] = keeper;
    if (keeper >= messageCount) {
      const dummy = keeper - messageCount;
      childCounts[dummy] = (childCounts[dummy] as number) + 1;
    }
  }
  const numbers = new Int32Array(childCounts.length);
  let nodeCount = messageCount;
  for (let message = 0; message < messageCount; message += 1) {
    const dummy = (parents[message] as number) - messageCount;
    if (dummy < 0) continue;
    if (childCounts[dummy] === 1) parents[message] = -1;
    else {
      if (numbers[dummy] === 0) numbers[dummy] = nodeCount++;
      parents[message] = numbers[dummy] as number;
    }
  }
  return { parents, nodeCount };
}

/** @returns the next message upwards from `start`, or else the topmost dummy. */
function findKeeper(links: Int32Array, messageCount: number, start: number): number {
  let keeper = start;
  while (keeper >= messageCount && links[keeper] !== -1) keeper = links[keeper] as number;
  // The way is looked up once for all who come along it.
  for (let node = start; node !== keeper;) {
    const next = links[node] as number;
    links[node] = keeper;
    node = next;
  }
  return keeper;
}
