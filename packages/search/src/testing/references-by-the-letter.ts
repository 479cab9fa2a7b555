/**
 * REFERENCES as RFC 5256 §3 tells it, word by word: linked objects, recursion, parents walked one
 * by one. Slow and plain, so that it can be read beside the RFC; the real one is compared to it.
 */
import { sentSecondsOf } from '../sorter.ts';
import type { ThreadableMessage } from '../thread/threaded-messages.ts';

interface Node {
  /** Sequence number; undefined for a dummy. */
  readonly number: number | undefined;
  readonly message: ThreadableMessage | undefined;
  parent: Node | undefined;
  children: Node[];
}

/** Threads as a THREAD response lists them. */
export function threadByTheLetter(messages: readonly ThreadableMessage[], merges: boolean): string {
  const root = createNode(undefined, undefined);
  const nodes = messages.map((message, at) => createNode(at + 1, message));
  const dummies = linkAll(nodes);
  // (2)
  for (const node of [...nodes, ...dummies]) if (node.parent === undefined) attach(node, root);
  // (3)
  prune(root, true);
  // (4)
  sortThreads(root);
  // (5)
  if (merges) mergeThreads(root);
  // (6)
  sortAll(root);
  return root.children.map(format).join('');
}

function createNode(number: number | undefined, message: ThreadableMessage | undefined): Node {
  return { number, message, parent: undefined, children: [] };
}

function attach(child: Node, parent: Node): void {
  detach(child);
  child.parent = parent;
  parent.children.push(child);
}

function detach(child: Node): void {
  const { parent } = child;
  if (parent !== undefined) parent.children = parent.children.filter((one) => one !== child);
  child.parent = undefined;
}

function isBelow(node: Node, above: Node): boolean {
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) {
    if (at === above) return true;
  }
  return false;
}

/** (1). @returns the dummies. */
function linkAll(nodes: readonly Node[]): readonly Node[] {
  const byId = new Map<number, Node>();
  for (const node of nodes) {
    const id = node.message?.facts?.messageId;
    if (id !== undefined && !byId.has(id)) byId.set(id, node);
  }
  const dummies: Node[] = [];
  for (const node of nodes) {
    let last: Node | undefined;
    for (const id of node.message?.facts?.references ?? []) {
      let referenced = byId.get(id);
      if (referenced === undefined) {
        referenced = createNode(undefined, undefined);
        byId.set(id, referenced);
        dummies.push(referenced);
      }
      // (A)
      if (last !== undefined && referenced.parent === undefined && !isBelow(last, referenced)) {
        attach(referenced, last);
      }
      last = referenced;
    }
    // (B)
    detach(node);
    if (last !== undefined && !isBelow(last, node)) attach(node, last);
  }
  return dummies;
}

function prune(node: Node, isRoot: boolean): void {
  for (const child of node.children) prune(child, false);
  for (const child of node.children) {
    if (child.message !== undefined) continue;
    if (isRoot && child.children.length > 1) continue;
    detach(child);
    for (const grandchild of child.children) attach(grandchild, node);
  }
}

/** The message that stands for a node: of a dummy its first child. */
function leadOf(node: Node): Node {
  const [first] = node.children;
  return node.message === undefined && first !== undefined ? first : node;
}

function byDate(left: Node, right: Node): number {
  const [one, other] = [leadOf(left), leadOf(right)];
  const seconds = ({ message }: Node): number =>
    message === undefined ? Number.NaN : sentSecondsOf(message);
  return seconds(one) - seconds(other) || (one.number ?? 0) - (other.number ?? 0);
}

function sortThreads(root: Node): void {
  for (const child of root.children) if (child.message === undefined) child.children.sort(byDate);
  root.children.sort(byDate);
}

function sortAll(node: Node): void {
  for (const child of node.children) sortAll(child);
  node.children.sort(byDate);
}

function subjectOf(node: Node): string {
  return leadOf(node).message?.facts?.subject ?? '';
}

function isReply(node: Node): boolean {
  return node.message?.facts?.isReplyOrForward ?? false;
}

function isDummy(node: Node): boolean {
  return node.message === undefined;
}

function mergeThreads(root: Node): void {
  const table = new Map<string, Node>();
  for (const node of root.children) {
    const subject = subjectOf(node);
    if (subject === '') continue;
    const known = table.get(subject);
    if (known === undefined) table.set(subject, node);
    else if (!isDummy(known) && (isDummy(node) || (isReply(known) && !isReply(node)))) {
      table.set(subject, node);
    }
  }
  for (const node of root.children.slice()) {
    if (node.parent !== root) continue;
    const subject = subjectOf(node);
    const known = table.get(subject);
    if (subject === '' || known === undefined || known === node) continue;
    if (isDummy(known) && isDummy(node)) {
      for (const child of node.children) attach(child, known);
      detach(node);
    } else if (isDummy(known)) attach(node, known);
    else if (isReply(node) && !isReply(known)) attach(node, known);
    else {
      const dummy = createNode(undefined, undefined);
      attach(dummy, root);
      attach(node, dummy);
      attach(known, dummy);
      table.set(subject, dummy);
    }
  }
}

function format(node: Node): string {
  return `(${formatMembers(node)})`;
}

function formatMembers({ number, children }: Node): string {
  const [only] = children;
  const inner =
    children.length === 1 && only !== undefined
      ? formatMembers(only)
      : children.map(format).join('');
  if (number === undefined) return inner;
  return inner === '' ? `${number}` : `${number} ${inner}`;
}
