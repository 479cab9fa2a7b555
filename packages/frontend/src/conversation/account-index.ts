/**
 * Which conversations an account has a part in. Most accounts have one or two, so an entry is
 * the conversation itself until there is a second one.
 */
import type { LiveConversation } from './live-session.ts';

export class AccountIndex {
  readonly #entries = new Map<string, LiveConversation | Set<LiveConversation>>();

  add(accountId: string, conversation: LiveConversation): void {
    const entry = this.#entries.get(accountId);
    if (entry === undefined) this.#entries.set(accountId, conversation);
    else if (entry instanceof Set) entry.add(conversation);
    else this.#entries.set(accountId, new Set([entry, conversation]));
  }

  remove(accountId: string, conversation: LiveConversation): void {
    const entry = this.#entries.get(accountId);
    if (entry instanceof Set) {
      entry.delete(conversation);
      if (entry.size === 0) this.#entries.delete(accountId);
    } else if (entry === conversation) {
      this.#entries.delete(accountId);
    }
  }

  find(accountId: string): Iterable<LiveConversation> {
    const entry = this.#entries.get(accountId);
    if (entry === undefined) return [];
    return entry instanceof Set ? entry : [entry];
  }
}
