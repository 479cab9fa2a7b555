/**
 * Ends sessions whose token has run out. One timer for all of them, for the next one that is due:
 * nothing is kept for each session, and no session is kept from being forgotten.
 */
import type { ConversationSet } from '../conversation/conversation-set.ts';
import type { LiveConversation } from '../conversation/live-session.ts';
import type { Clock } from '../login/ports.ts';

/** Many that run out one after the other cost one look in that time. */
const LEAST_WAIT_MS = 500;
/** The wall clock may be set meanwhile, and timers have an end. */
const MOST_WAIT_MS = 60_000;

export interface TokenExpiryParts {
  readonly conversations: Pick<ConversationSet, 'find' | 'onSession'>;
  readonly clock: Pick<Clock, 'nowMs' | 'after'>;
}

/** Close it. */
export class TokenExpiry {
  readonly #parts: TokenExpiryParts;
  readonly #stop: () => void;
  #dueAtMs = Infinity;
  #cancel: (() => void) | undefined;

  constructor(parts: TokenExpiryParts) {
    this.#parts = parts;
    this.#stop = parts.conversations.onSession((conversation) => {
      this.#awaitUntil(expiryOf(conversation));
    });
  }

  close(): void {
    this.#stop();
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #awaitUntil(atMs: number): void {
    if (atMs >= this.#dueAtMs) return;
    this.#cancel?.();
    this.#dueAtMs = atMs;
    const { clock } = this.#parts;
    const waitMs = Math.min(Math.max(atMs - clock.nowMs(), LEAST_WAIT_MS), MOST_WAIT_MS);
    this.#cancel = clock.after(waitMs, () => this.#look());
  }

  #look(): void {
    const nowMs = this.#parts.clock.nowMs();
    this.#cancel = undefined;
    this.#dueAtMs = Infinity;
    let nextMs = Infinity;
    for (const conversation of this.#parts.conversations.find()) {
      const atMs = expiryOf(conversation);
      if (atMs <= nowMs) conversation.end('token-expired');
      else nextMs = Math.min(nextMs, atMs);
    }
    this.#awaitUntil(nextMs);
  }
}

function expiryOf({ session }: LiveConversation): number {
  return session?.secret.kind === 'token' ? session.secret.expiresAtMs : Infinity;
}
