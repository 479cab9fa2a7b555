/** Those who want to hear of changes, in the order in which they asked. */
import type { DirectoryChange } from './ports.ts';

/** A set of listeners, each told of every change, in order. */
export class ChangeListeners {
  readonly #listeners = new Set<{ readonly hear: (change: DirectoryChange) => void }>();

  /** @returns ends the subscription; may be called twice. */
  add(listener: (change: DirectoryChange) => void): () => void {
    const entry = { hear: listener };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  tell(change: DirectoryChange): void {
    for (const listener of this.#listeners) listener.hear(change);
  }
}
