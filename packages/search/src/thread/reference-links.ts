/**
 * Step 1 of REFERENCES (RFC 5256 §3): links messages, and identifiers of which there is no
 * message, as parents and children by their references, one message after the other.
 */
import type { Steps } from '../steps.ts';
import { Ancestry } from './ancestry.ts';
import type { ThreadedMessages } from './threaded-messages.ts';

/**
 * Identifiers without a message that are told apart: far more than mail has, and a bound on
 * what a mailbox made to hurt costs. References beyond are as if they were not there.
 */
const dummiesPerMessage = 8;
const fewestDummies = 50_000;

/** References looked at between two pauses. */
const STEP_REFERENCES = 8_192;

/** A parent for each node: messages by number, then dummies; -1 for none. */
export function* linkByReferences(messages: ThreadedMessages): Steps<Int32Array> {
  const { nodes, nodeCount } = yield* resolveReferences(messages);
  const links = new Links(nodeCount);
  let at = 0;
  for (let message = 0; message < messages.count; message += 1) {
    const end = messages.referenceEnds[message] as number;
    let last = -1;
    for (; at < end; at += 1) {
      if (at % STEP_REFERENCES === 0) yield;
      const node = nodes[at] as number;
      if (node === -1) continue;
      // (A): a link that is there stays.
      if (last !== -1 && links.parents[node] === -1) links.link(node, last);
      last = node;
    }
    // (B): the message itself knows best.
    links.relink(message, last);
    if (message % STEP_REFERENCES === 0) yield;
  }
  return links.parents;
}

/** Gives each reference its node: a message, a dummy, or -1 where there are too many. */
function* resolveReferences(
  messages: ThreadedMessages,
): Steps<{ readonly nodes: Int32Array; readonly nodeCount: number }> {
  const nodeOfId = new Map<number, number>();
  for (let message = 0; message < messages.count; message += 1) {
    const id = messages.messageIds[message] as number;
    // Of messages with the same identifier the first one has it.
    if (id !== 0 && !nodeOfId.has(id)) nodeOfId.set(id, message);
    if (message % STEP_REFERENCES === 0) yield;
  }
  const { references, count } = messages;
  const nodes = new Int32Array(references.length);
  const mostNodes = count + Math.max(fewestDummies, count * dummiesPerMessage);
  let nodeCount = count;
  for (let at = 0; at < nodes.length; at += 1) {
    const id = references[at] as number;
    let node = nodeOfId.get(id);
    if (node === undefined && nodeCount < mostNodes) {
      node = nodeCount;
      nodeOfId.set(id, node);
      nodeCount += 1;
    }
    nodes[at] = node ?? -1;
    if (at % STEP_REFERENCES === 0) yield;
  }
  return { nodes, nodeCount };
}

/** Parents of nodes, never in a ring. */
class Links {
  readonly parents: Int32Array;
  readonly #childCounts: Int32Array;
  readonly #ancestry: Ancestry;

  constructor(nodeCount: number) {
    this.parents = new Int32Array(nodeCount).fill(-1);
    this.#childCounts = new Int32Array(nodeCount);
    this.#ancestry = new Ancestry(nodeCount);
  }

  /** Puts `child`, which has no parent, under `parent`, unless that makes a ring. */
  link(child: number, parent: number): void {
    if (this.#isBelow(parent, child)) return;
    this.#ancestry.link(child, parent);
    this.parents[child] = parent;
    this.#childCounts[parent] = (this.#childCounts[parent] as number) + 1;
  }

  /** Takes `child` from where it is; -1 puts it nowhere. */
  relink(child: number, parent: number): void {
    const before = this.parents[child] as number;
    if (before === parent) return;
    if (before !== -1) {
      this.#ancestry.cut(child);
      this.parents[child] = -1;
      this.#childCounts[before] = (this.#childCounts[before] as number) - 1;
    }
    if (parent !== -1) this.link(child, parent);
  }

  /** @param above Has no parent. */
  #isBelow(node: number, above: number): boolean {
    if (node === above) return true;
    return this.#childCounts[above] !== 0 && this.#ancestry.rootOf(node) === above;
  }
}
