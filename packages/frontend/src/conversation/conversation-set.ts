/**
 * All conversations of one process: begins them, finds those that are live, ends them, and at
 * the end tells each to stop and waits until the last is over.
 */
import type { SessionEndReason } from '@homeward/sasl';
import { AccountIndex } from './account-index.ts';
import { createConversationIds } from './conversation-id.ts';
import { Conversation, type Visitor } from './conversation.ts';
import {
  accountsOf,
  isMeant,
  type ConversationFilter,
  type LiveConversation,
} from './live-session.ts';
import type { ConversationPorts } from './ports.ts';

/** Told of each session that begins; may end it. Must not throw. */
export type SessionListener = (conversation: LiveConversation) => void;

export class ConversationSet {
  readonly #ports: ConversationPorts;
  readonly #ids = createConversationIds();
  readonly #live = new Set<Conversation>();
  readonly #byAccount = new AccountIndex();
  readonly #listeners = new Set<SessionListener>();
  #isStopping = false;
  #onEmpty: (() => void) | undefined;

  constructor(ports: ConversationPorts) {
    this.#ports = ports;
  }

  get count(): number {
    return this.#live.size;
  }

  /** Talks to a client from now on; owns its connection. */
  begin(visitor: Omit<Visitor, 'conversationId'>): void {
    const conversationId = this.#ids.next();
    const conversation = new Conversation({ ...visitor, conversationId }, this.#ports, (joined) =>
      this.#noteSession(joined),
    );
    this.#live.add(conversation);
    if (this.#isStopping) conversation.end('shutting-down');
    void conversation.run().then(() => this.#forget(conversation));
  }

  /**
   * Those that are live now, visitors without a login included unless the filter asks about
   * sessions. By account it is a look-up, else a pass over all.
   */
  find(filter: ConversationFilter = {}): readonly LiveConversation[] {
    const { accountId } = filter;
    const candidates = accountId === undefined ? this.#live : this.#byAccount.find(accountId);
    const found: LiveConversation[] = [];
    for (const one of candidates) if (isMeant(one, filter)) found.push(one);
    return found;
  }

  /**
   * Ends all that are meant. One whose login is under way is not found by its account yet: who
   * ends sessions for good reason listens to those that begin, too.
   *
   * @returns How many were told to end.
   */
  end(filter: ConversationFilter, reason: SessionEndReason): number {
    const found = this.find(filter);
    for (const conversation of found) conversation.end(reason);
    return found.length;
  }

  /** Tells of each session from now on, when its home has opened it. @returns How to cease. */
  onSession(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Ends all, with a farewell where a client can understand one. Call once. */
  async stopAll(): Promise<void> {
    this.#isStopping = true;
    const emptied = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    if (this.#live.size === 0) return;
    for (const conversation of this.#live) conversation.end('shutting-down');
    await emptied;
  }

  #noteSession(conversation: Conversation): void {
    const { session } = conversation;
    if (session === undefined) return;
    for (const id of accountsOf(session)) this.#byAccount.add(id, conversation);
    for (const listener of this.#listeners) listener(conversation);
  }

  #forget(conversation: Conversation): void {
    this.#live.delete(conversation);
    const { session } = conversation;
    for (const id of session === undefined ? [] : accountsOf(session)) {
      this.#byAccount.remove(id, conversation);
    }
    if (this.#live.size === 0) this.#onEmpty?.();
  }
}
