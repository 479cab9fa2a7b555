/**
 * All conversations of one process: begins them, and at the end tells each to stop and waits
 * until the last is over.
 */
import { createConversationIds } from './conversation-id.ts';
import { Conversation, type Visitor } from './conversation.ts';
import type { ConversationPorts } from './ports.ts';

export class ConversationSet {
  readonly #ports: ConversationPorts;
  readonly #ids = createConversationIds();
  readonly #live = new Set<Conversation>();
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
    const conversation = new Conversation({ ...visitor, conversationId }, this.#ports);
    this.#live.add(conversation);
    if (this.#isStopping) conversation.stop();
    void conversation.run().then(() => {
      this.#live.delete(conversation);
      if (this.#live.size === 0) this.#onEmpty?.();
    });
  }

  /** Ends all, with a farewell where a client can understand one. Call once. */
  async stopAll(): Promise<void> {
    this.#isStopping = true;
    const emptied = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    if (this.#live.size === 0) return;
    for (const conversation of this.#live) conversation.stop();
    await emptied;
  }
}
