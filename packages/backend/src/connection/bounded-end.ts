/**
 * The end of a session that somebody opened without a front end, which would bound it: it is asked
 * to end at its next safe point, and cut where it does not come to one in time.
 */
import { isRevocation, type SessionEndReason } from '@homeward/sasl';

/** Who is no longer entitled to what he sees is gone within two seconds of the change. */
const REVOKED_GRACE_MS = 1_000;
/** For a command that is under way: what front ends leave it by default. */
const COMMAND_GRACE_MS = 30_000;

export interface BoundedEndParts {
  /** Asks the session to end at its next safe point; a second time does nothing. */
  readonly ask: (reason: SessionEndReason) => void;
  /** Cuts it, whatever is under way. */
  readonly cut: (reason: SessionEndReason) => void;
  /** See service's `Clock`. */
  readonly after: (delayMs: number, run: () => void) => () => void;
}

/** Of one session. Cancel it when the session is over. */
export class BoundedEnd {
  readonly #parts: BoundedEndParts;
  #reason: SessionEndReason | undefined;
  #cutReason: SessionEndReason | undefined;
  #cancel: (() => void) | undefined;

  constructor(parts: BoundedEndParts) {
    this.#parts = parts;
  }

  /** Why it was cut; undefined as long as it was not. */
  get cutReason(): SessionEndReason | undefined {
    return this.#cutReason;
  }

  /** The first reason counts, but who may have no more is not left the time that others have. */
  request(reason: SessionEndReason): void {
    const before = this.#reason;
    if (before !== undefined && (isRevocation(before) || !isRevocation(reason))) return;
    this.#reason = reason;
    this.cancel();
    const { ask, cut, after } = this.#parts;
    this.#cancel = after(isRevocation(reason) ? REVOKED_GRACE_MS : COMMAND_GRACE_MS, () => {
      this.#cutReason = reason;
      cut(reason);
    });
    ask(reason);
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
