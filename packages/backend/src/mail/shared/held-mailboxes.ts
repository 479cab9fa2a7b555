/**
 * Others' mailboxes that one session has open, each once: what it does in a folder there and what
 * it does beside it go the same way, so that it finds in the one what it did by the other.
 */
import type { AccountId } from '@homeward/directory';
import type { Outcome } from '@homeward/imap/session';
import type { OtherMailbox } from './other-mailboxes.ts';

interface Held {
  readonly opening: Promise<Outcome<OtherMailbox>>;
  userCount: number;
}

export class HeldMailboxes {
  readonly #held = new Map<AccountId, Held>();

  /** Opens it, or takes the one that is open; each user closes its own. */
  async open(
    owner: AccountId,
    open: () => Promise<Outcome<OtherMailbox>>,
  ): Promise<Outcome<OtherMailbox>> {
    const held = this.#held.get(owner) ?? { opening: open(), userCount: 0 };
    held.userCount += 1;
    this.#held.set(owner, held);
    const opened = await held.opening;
    if (!opened.ok) {
      this.#release(owner, held);
      return opened;
    }
    const { mailbox } = opened.value;
    return { ok: true, value: { mailbox, close: () => this.#release(owner, held, opened.value) } };
  }

  #release(owner: AccountId, held: Held, opened?: OtherMailbox): void {
    held.userCount -= 1;
    if (held.userCount > 0) return;
    if (this.#held.get(owner) === held) this.#held.delete(owner);
    opened?.close();
  }
}
