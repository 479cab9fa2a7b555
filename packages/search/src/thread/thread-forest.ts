/**
 * Threads as plain arrays: what the algorithms give and the formatter reads. Nothing here or
 * there recurses, so a thread may be as deep as it likes.
 */
import type { Steps } from '../steps.ts';

/**
 * Nodes below `messageCount` are messages, by the number they were added with; the others are
 * dummies, which have at least two children and no parent (RFC 5256 §3 REFERENCES step 3).
 */
export interface ThreadForest {
  readonly messageCount: number;
  /** Heads of threads, in order. */
  readonly roots: Int32Array;
  /** The children of node `n` are `children[childStarts[n]]` up to `childStarts[n + 1]`. */
  readonly childStarts: Int32Array;
  readonly children: Int32Array;
}

/** Messages looked at between two pauses. */
const STEP_MESSAGES = 16_384;

/**
 * Puts siblings and heads of threads in order (RFC 5256 §3 REFERENCES steps 4 and 6): a dummy
 * has the place of its first child.
 *
 * @param parents Of each message: a message, a dummy (from the number of messages upwards), or
 *   -1. There are no rings.
 * @param nodeCount Messages and dummies; dummies that are nobody's parent do not count.
 * @param order The messages by sent date.
 */
export function* buildForest(
  parents: Int32Array,
  nodeCount: number,
  order: Int32Array,
): Steps<ThreadForest> {
  const messageCount = parents.length;
  const childStarts = new Int32Array(nodeCount + 1);
  for (const parent of parents) {
    if (parent !== -1) childStarts[parent + 1] = (childStarts[parent + 1] as number) + 1;
  }
  for (let node = 0; node < nodeCount; node += 1) {
    childStarts[node + 1] = (childStarts[node + 1] as number) + (childStarts[node] as number);
  }
  yield;
  const filled = childStarts.slice(0, nodeCount);
  const children = new Int32Array(childStarts[nodeCount] as number);
  const roots = new Int32Array(messageCount);
  let rootCount = 0;
  for (let at = 0; at < messageCount; at += 1) {
    if (at % STEP_MESSAGES === 0) yield;
    const message = order[at] as number;
    const parent = parents[message] as number;
    if (parent === -1) {
      roots[rootCount] = message;
      rootCount += 1;
      continue;
    }
    const place = filled[parent] as number;
    if (parent >= messageCount && place === childStarts[parent]) {
      roots[rootCount] = parent;
      rootCount += 1;
    }
    children[place] = message;
    filled[parent] = place + 1;
  }
  return { messageCount, roots: roots.slice(0, rootCount), childStarts, children };
}
