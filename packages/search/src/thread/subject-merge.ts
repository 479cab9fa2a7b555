/** Step 5 of REFERENCES (RFC 5256 §3): threads with the same base subject become one. */
import type { Steps } from '../steps.ts';
import type { PrunedLinks } from './prune.ts';
import { buildForest } from './thread-forest.ts';
import type { ThreadedMessages } from './threaded-messages.ts';

/** Heads of threads looked at between two pauses. */
const STEP_ROOTS = 8_192;

/** @param order The messages by sent date. */
export function* mergeSubjects(
  messages: ThreadedMessages,
  pruned: PrunedLinks,
  order: Int32Array,
): Steps<PrunedLinks> {
  const forest = yield* buildForest(pruned.parents, pruned.nodeCount, order);
  const merge = new SubjectMerge(messages, pruned);
  const threads: Thread[] = [];
  for (const [at, root] of forest.roots.entries()) {
    if (at % STEP_ROOTS === 0) yield;
    const first =
      root < messages.count
        ? root
        : (forest.children[forest.childStarts[root] as number] as number);
    const subject = messages.subjects[first] as string;
    if (subject !== '') threads.push({ root, subject });
  }
  for (const [at, thread] of threads.entries()) {
    if (at % STEP_ROOTS === 0) yield;
    merge.enter(thread);
  }
  for (const [at, thread] of threads.entries()) {
    if (at % STEP_ROOTS === 0) yield;
    merge.merge(thread);
  }
  return merge.finish();
}

/** A child of the root, and what it is about. */
interface Thread {
  readonly root: number;
  readonly subject: string;
}

class SubjectMerge {
  readonly #messages: ThreadedMessages;
  readonly #parents: Int32Array;
  /** The subject table. */
  readonly #table = new Map<string, number>();
  /** Dummies whose children go to another dummy. */
  readonly #replaced = new Map<number, number>();
  #nodeCount: number;

  constructor(messages: ThreadedMessages, { parents, nodeCount }: PrunedLinks) {
    this.#messages = messages;
    this.#parents = parents;
    this.#nodeCount = nodeCount;
  }

  /** (B). */
  enter({ root, subject }: Thread): void {
    const known = this.#table.get(subject);
    const isBetter =
      known === undefined ||
      (!this.#isDummy(known) &&
        (this.#isDummy(root) || (this.#isReply(known) && !this.#isReply(root))));
    if (isBetter) this.#table.set(subject, root);
  }

  /** (C). */
  merge({ root, subject }: Thread): void {
    const known = this.#table.get(subject) as number;
    // A message that was entered may be below a new dummy by now.
    if (known === root || (!this.#isDummy(root) && this.#parents[root] !== -1)) return;
    if (this.#isDummy(root)) this.#replaced.set(root, known);
    else if (this.#isDummy(known) || (this.#isReply(root) && !this.#isReply(known))) {
      this.#parents[root] = known;
    } else {
      const dummy = this.#nodeCount;
      this.#nodeCount += 1;
      this.#parents[root] = dummy;
      this.#parents[known] = dummy;
      this.#table.set(subject, dummy);
    }
  }

  finish(): PrunedLinks {
    for (const [message, parent] of this.#parents.entries()) {
      const replacement = this.#replaced.get(parent);
      if (replacement !== undefined) this.#parents[message] = replacement;
    }
    return { parents: this.#parents, nodeCount: this.#nodeCount };
  }

  #isDummy(node: number): boolean {
    return node >= this.#messages.count;
  }

  #isReply(message: number): boolean {
    return this.#messages.isReplyOrForward[message] as boolean;
  }
}
