/**
 * Writes threads as the lists of a THREAD response (RFC 5256 §4 THREAD, §5 thread-list), in
 * pieces, without recursion.
 */
import type { ThreadForest } from './thread-forest.ts';

/** Characters of a piece, roughly. */
const PIECE_LENGTH = 8_192;
/** On the stack of what is to be written: the end of a list. */
const CLOSE = -1;

/**
 * @param numberOf Sequence number or UID of a message, by the number it was added with.
 * @returns Pieces of `(2)(3 6 (4 23)(44 7 96))`; none for no threads. A space between the word
 *   THREAD and the first piece is the caller's.
 */
export function* formatThreads(
  forest: ThreadForest,
  numberOf: (message: number) => number,
): Generator<string, void, undefined> {
  const { messageCount, roots, childStarts, children } = forest;
  const pending: number[] = [];
  let text = '';
  for (const root of roots) {
    pending.push(root);
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (text.length >= PIECE_LENGTH) {
        yield text;
        text = '';
      }
      if (node === CLOSE) {
        text += ')';
        continue;
      }
      text += node < messageCount ? `(${numberOf(node)}` : '(';
      let start = childStarts[node] as number;
      let end = childStarts[node + 1] as number;
      while (end - start === 1) {
        const child = children[start] as number;
        text += ` ${numberOf(child)}`;
        start = childStarts[child] as number;
        end = childStarts[child + 1] as number;
        if (text.length >= PIECE_LENGTH) {
          yield text;
          text = '';
        }
      }
      pending.push(CLOSE);
      if (end > start && node < messageCount) text += ' ';
      for (let at = end - 1; at >= start; at -= 1) pending.push(children[at] as number);
    }
  }
  if (text !== '') yield text;
}
