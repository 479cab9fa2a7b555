/**
 * What is read of accounts, sites and settings, believed only as far as it can be: nothing that is
 * missing where the directory itself may be missing, and no record from before a move that this
 * process has heard of.
 */
import type { ChangeListeners } from '../change-listeners.ts';
import type { AccountId, AccountRecord } from '../ports.ts';
import { EpochFloors, type SetBackAccount } from './epoch-floors.ts';
import { DELETED_EPOCH } from './redis-accounts.ts';

export interface GuardedReadsParts {
  /** Rejects as unavailable where the directory is not the one that is known. */
  readonly confirmIdentity: () => Promise<void>;
  readonly listeners: Pick<ChangeListeners, 'add'>;
  /** Undefined: records are taken as they are. */
  readonly onSetBack: ((found: SetBackAccount) => void) | undefined;
}

export class GuardedReads {
  readonly #parts: GuardedReadsParts;
  readonly #floors: EpochFloors | undefined;

  constructor(parts: GuardedReadsParts) {
    this.#parts = parts;
    if (parts.onSetBack !== undefined) this.#floors = this.#openFloors(parts.onSetBack);
  }

  /** What is not there may be what was lost a moment ago, and then nothing is known. */
  async unlessLost<Result>(reading: Promise<Result>): Promise<Result> {
    const result = await reading;
    if (isNothing(result)) await this.#parts.confirmIdentity();
    return result;
  }

  /**
   * The same of one account.
   *
   * @throws RecordSetBackError for a record with a lower epoch than was heard of.
   */
  async unlessSetBack<Found>(
    id: AccountId,
    read: () => Promise<Found | undefined>,
    accountOf: (found: Found) => AccountRecord,
  ): Promise<Found | undefined> {
    const first = await this.unlessLost(read());
    if (first === undefined) this.#floors?.forget(id);
    if (this.#floors === undefined || first === undefined) return first;
    if (!this.#floors.isBelow(accountOf(first))) {
      this.#floors.accept(accountOf(first));
      return first;
    }
    // News of a move may overtake the answer to a question from before it: that is asked again.
    const second = await this.unlessLost(read());
    if (second !== undefined) this.#floors.accept(accountOf(second));
    return second;
  }

  /** Moves are heard of also where the account was never asked for. */
  #openFloors(onSetBack: (found: SetBackAccount) => void): EpochFloors {
    const floors = new EpochFloors(onSetBack);
    this.#parts.listeners.add((change) => {
      if (change.area !== 'account' || change.epoch === undefined) return;
      if (change.epoch === DELETED_EPOCH) floors.forget(change.id);
      else floors.note(change.id, change.epoch);
    });
    return floors;
  }
}

/** Null, undefined, or a list or record without entries. */
function isNothing(result: unknown): boolean {
  if (result === null || result === undefined) return true;
  return typeof result === 'object' && Object.keys(result).length === 0;
}
