/**
 * Who descends from whom, while links are made and broken: a forest as link-cut trees (Sleator
 * and Tarjan), so that a question or a change takes logarithmic time, amortised, however deep
 * the forest is. Looking up parent by parent would take an hour for a mailbox made to hurt.
 *
 * Every path from a node towards its root is kept as a splay tree ordered by depth; `#up` of a
 * splay tree's root leads to the node above the path's top.
 */

const NONE = -1;

/** A forest of nodes numbered from 0, all single at first. */
export class Ancestry {
  readonly #up: Int32Array;
  readonly #left: Int32Array;
  readonly #right: Int32Array;

  constructor(nodeCount: number) {
    this.#up = new Int32Array(nodeCount).fill(NONE);
    this.#left = new Int32Array(nodeCount).fill(NONE);
    this.#right = new Int32Array(nodeCount).fill(NONE);
  }

  /** Puts `child`, which is a root, under `parent`, which is not below it. */
  link(child: number, parent: number): void {
    this.#expose(child);
    this.#up[child] = parent;
  }

  /** Makes `child`, which is no root, a root. */
  cut(child: number): void {
    this.#expose(child);
    this.#up[this.#left[child] as number] = NONE;
    this.#left[child] = NONE;
  }

  rootOf(node: number): number {
    this.#expose(node);
    let root = node;
    while (this.#left[root] !== NONE) root = this.#left[root] as number;
    // What lay deep comes up, which pays for the way down.
    this.#splay(root);
    return root;
  }

  /** Makes one splay tree of the path from the root to `node`, with `node` at its top. */
  #expose(node: number): void {
    let below = NONE;
    for (let at = node; at !== NONE; at = this.#up[at] as number) {
      this.#splay(at);
      this.#right[at] = below;
      below = at;
    }
    this.#splay(node);
  }

  #splay(node: number): void {
    while (!this.#isTop(node)) {
      const parent = this.#up[node] as number;
      if (!this.#isTop(parent)) {
        const grandparent = this.#up[parent] as number;
        const isStraight = (this.#left[grandparent] === parent) === (this.#left[parent] === node);
        this.#rotate(isStraight ? parent : node);
      }
      this.#rotate(node);
    }
  }

  #isTop(node: number): boolean {
    const parent = this.#up[node] as number;
    return parent === NONE || (this.#left[parent] !== node && this.#right[parent] !== node);
  }

  /** Lets `node` and the node above it in the splay tree change places. */
  #rotate(node: number): void {
    const parent = this.#up[node] as number;
    const grandparent = this.#up[parent] as number;
    const isParentTop = this.#isTop(parent);
    const isLeft = this.#left[parent] === node;
    const [near, far] = isLeft ? [this.#left, this.#right] : [this.#right, this.#left];
    const moved = far[node] as number;
    near[parent] = moved;
    if (moved !== NONE) this.#up[moved] = parent;
    far[node] = parent;
    this.#up[parent] = node;
    this.#up[node] = grandparent;
    if (isParentTop) return;
    if (this.#left[grandparent] === parent) this.#left[grandparent] = node;
    else this.#right[grandparent] = node;
  }
}
