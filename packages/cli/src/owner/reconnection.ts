/** Trying again after a lost connection: after pauses that grow, and not for ever. */
import type { ConnectionLostError } from '../output/connection-lost-error.ts';
import { OperatorError } from '../output/operator-error.ts';

/** Pauses before further attempts. Three minutes without any progress. */
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 30_000, 30_000, 30_000];

export interface ReconnectionParts {
  /** Makes the connections anew. @throws OperatorError if that fails. */
  readonly reopen: () => Promise<void>;
  readonly wait: (delayMs: number) => Promise<void>;
  /** For people: a connection was lost, and what happens now. */
  readonly onTrouble: (text: string) => void;
  /** What the operator is told in the end beside the fault. */
  readonly remedy: string;
}

/** The attempts at one piece of work. */
export class Reconnection {
  readonly #parts: ReconnectionParts;
  #failedCount = 0;

  constructor(parts: ReconnectionParts) {
    this.#parts = parts;
  }

  /**
   * Resolves once the connections are there again.
   *
   * @param hasAdvanced Whether the lost attempt came further than all before it.
   * @throws OperatorError after too many attempts that did not.
   */
  async recover(lost: ConnectionLostError, hasAdvanced: boolean): Promise<void> {
    const { reopen, wait, onTrouble, remedy } = this.#parts;
    if (hasAdvanced) this.#failedCount = 0;
    let error: OperatorError = lost;
    while (this.#failedCount < PAUSES_MS.length) {
      const pauseMs = PAUSES_MS[this.#failedCount] ?? 0;
      this.#failedCount += 1;
      onTrouble(`${error.message}; trying again in ${pauseMs / 1_000} s`);
      await wait(pauseMs);
      try {
        await reopen();
        return;
      } catch (again) {
        if (!(again instanceof OperatorError)) throw again;
        error = again;
      }
    }
    throw new OperatorError(
      `${error.message}; given up after ${PAUSES_MS.length} attempts. ${remedy}`,
    );
  }
}
