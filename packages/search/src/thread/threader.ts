/**
 * THREAD (RFC 5256 §3): ORDEREDSUBJECT, REFERENCES, and REFS (draft-ietf-morg-inthread), which
 * is REFERENCES without regard to subjects, the thread that a message arrived in last at the
 * end; within a thread sent dates decide. Dovecot has the same threads in the order of sent
 * dates.
 *
 * Linear but for sorting and a logarithm, whatever the messages claim; depth costs nothing.
 */
import { sortSteps } from '../merge-sort.ts';
import type { Steps } from '../steps.ts';
import { pruneDummies } from './prune.ts';
import { linkByReferences } from './reference-links.ts';
import { mergeSubjects } from './subject-merge.ts';
import { buildForest, type ThreadForest } from './thread-forest.ts';
import { type ThreadableMessage, ThreadedMessages } from './threaded-messages.ts';

/** THREAD=… as capabilities name them, in lower case. */
export type ThreadAlgorithm = 'orderedsubject' | 'references' | 'refs';

/** Takes messages, then gives their threads. For one THREAD. */
export interface Threader {
  /** Takes the next message, in mailbox order. */
  add(message: ThreadableMessage): void;
  /** @returns threads of the messages, which are numbered as added, from 0. Call once. */
  thread(): Steps<ThreadForest>;
}

/** A thread can be found by any of them; only searched messages are added (RFC 5256 §3). */
export function createThreader(algorithm: ThreadAlgorithm): Threader {
  const messages = new ThreadedMessages();
  return {
    add: (message) => messages.add(message),
    thread: () => algorithms[algorithm](messages),
  };
}

const algorithms: Readonly<
  Record<ThreadAlgorithm, (messages: ThreadedMessages) => Steps<ThreadForest>>
> = {
  orderedsubject: threadByOrderedSubject,
  references: threadByReferences,
  refs: threadByRefs,
};

/** Messages looked at between two pauses. */
const STEP_MESSAGES = 8_192;

function sortBySentDate({ count, sentSeconds }: ThreadedMessages): Steps<Int32Array> {
  return sortSteps(
    count,
    (left, right) => (sentSeconds[left] as number) - (sentSeconds[right] as number),
  );
}

/** The first message of a subject is the parent of all others. */
function* threadByOrderedSubject(messages: ThreadedMessages): Steps<ThreadForest> {
  const order = yield* sortBySentDate(messages);
  const parents = new Int32Array(messages.count).fill(-1);
  const firsts = new Map<string, number>();
  for (const [at, message] of order.entries()) {
    if (at % STEP_MESSAGES === 0) yield;
    const subject = messages.subjects[message] as string;
    const first = firsts.get(subject);
    if (first === undefined) firsts.set(subject, message);
    else parents[message] = first;
  }
  return yield* buildForest(parents, messages.count, order);
}

function* threadByReferences(messages: ThreadedMessages): Steps<ThreadForest> {
  const links = yield* linkByReferences(messages);
  const order = yield* sortBySentDate(messages);
  const pruned = yield* pruneDummies(links, messages.count);
  const { parents, nodeCount } = yield* mergeSubjects(messages, pruned, order);
  return yield* buildForest(parents, nodeCount, order);
}

function* threadByRefs(messages: ThreadedMessages): Steps<ThreadForest> {
  const links = yield* linkByReferences(messages);
  const order = yield* sortBySentDate(messages);
  const { parents, nodeCount } = yield* pruneDummies(links, messages.count);
  const forest = yield* buildForest(parents, nodeCount, order);
  return { ...forest, roots: yield* sortByNewest(messages, parents, forest) };
}

/**
 * Heads of threads by the latest INTERNALDATE in each, the message last in the folder deciding
 * between equals.
 */
function* sortByNewest(
  { count, arrivalSeconds }: ThreadedMessages,
  parents: Int32Array,
  { roots, childStarts }: ThreadForest,
): Steps<Int32Array> {
  const newest = new Int32Array(childStarts.length - 1).fill(-1);
  const heads = parents.slice();
  for (let message = 0; message < count; message += 1) {
    if (message % STEP_MESSAGES === 0) yield;
    const head = findHead(heads, message);
    const known = newest[head] as number;
    const isNewer =
      known === -1 || (arrivalSeconds[message] as number) >= (arrivalSeconds[known] as number);
    if (isNewer) newest[head] = message;
  }
  const newestOf = (at: number): number => newest[roots[at] as number] as number;
  const order = yield* sortSteps(
    roots.length,
    (left, right) =>
      (arrivalSeconds[newestOf(left)] as number) - (arrivalSeconds[newestOf(right)] as number) ||
      newestOf(left) - newestOf(right),
  );
  return order.map((at) => roots[at] as number);
}

/** @param parents Shortened on the way, so that nobody climbs the same way twice. */
function findHead(parents: Int32Array, message: number): number {
  let head = message;
  while (head < parents.length && parents[head] !== -1) head = parents[head] as number;
  for (let node = message; node !== head;) {
    const next = parents[node] as number;
    parents[node] = head;
    node = next;
  }
  return head;
}
