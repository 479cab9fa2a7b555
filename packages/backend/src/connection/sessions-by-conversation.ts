/** The sessions of one worker by the conversation that each is a part of. */
import type { SessionEndReason } from '@homeward/sasl';

/** One that can be asked to end. */
export interface EndableSession {
  requestEnd(reason: SessionEndReason): void;
}

/** Knows each session from its login to its end. */
export class SessionsByConversation {
  readonly #sessions = new Map<string, EndableSession>();

  /** @returns How to forget it, when it is over. */
  add(conversationId: string, session: EndableSession): () => void {
    this.#sessions.set(conversationId, session);
    return () => {
      if (this.#sessions.get(conversationId) === session) this.#sessions.delete(conversationId);
    };
  }

  /** Asks it to end at its next safe point. @returns False if there is none. */
  end(conversationId: string, reason: SessionEndReason): boolean {
    const session = this.#sessions.get(conversationId);
    session?.requestEnd(reason);
    return session !== undefined;
  }
}
