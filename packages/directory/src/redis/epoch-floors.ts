/**
 * The highest epoch that this process has heard of, account by account. A record with a lower one
 * is of before a move that somebody saw: Redis was set back. Its home is not the account's any
 * more, and what secret it has nobody knows, so it is as good as no answer.
 *
 * Accounts that never moved need no memory; of the others those heard of last are kept.
 */
import { RecordSetBackError, type AccountId, type AccountRecord } from '../ports.ts';

/** As many as a front end has copies of. */
const MOST_FLOORS = 20_000;
/** What every account begins with. */
const FIRST_EPOCH = 1;

/** A record that was refused. */
export interface SetBackAccount {
  readonly account: AccountRecord;
  /** The highest that was seen. */
  readonly knownEpoch: number;
}

interface Floor {
  readonly epoch: number;
  isTold: boolean;
}

export class EpochFloors {
  readonly #onSetBack: (found: SetBackAccount) => void;
  /** Heard of longest ago first. */
  readonly #floors = new Map<AccountId, Floor>();

  /** @param onSetBack Told once for each account, until a good record comes; must not throw. */
  constructor(onSetBack: (found: SetBackAccount) => void) {
    this.#onSetBack = onSetBack;
  }

  /** Somebody has moved the account, or has seen that it moved. */
  note(id: AccountId, epoch: number): void {
    const floor = this.#floors.get(id);
    if (epoch <= FIRST_EPOCH || (floor !== undefined && epoch < floor.epoch)) return;
    this.#floors.delete(id);
    this.#floors.set(id, { epoch, isTold: false });
    if (this.#floors.size <= MOST_FLOORS) return;
    const [oldest] = this.#floors.keys();
    if (oldest !== undefined) this.#floors.delete(oldest);
  }

  /** The account is deleted: another one may begin under its id, as one of an LDAP entry does. */
  forget(id: AccountId): void {
    this.#floors.delete(id);
  }

  /** Whether a higher epoch is known. */
  isBelow({ id, epoch }: AccountRecord): boolean {
    return epoch < (this.#floors.get(id)?.epoch ?? FIRST_EPOCH);
  }

  /** @throws RecordSetBackError if a higher epoch is known. */
  accept(account: AccountRecord): void {
    const floor = this.#floors.get(account.id);
    if (floor === undefined || account.epoch >= floor.epoch) {
      this.note(account.id, account.epoch);
      return;
    }
    const { epoch: knownEpoch } = floor;
    if (!floor.isTold) this.#onSetBack({ account, knownEpoch });
    floor.isTold = true;
    throw new RecordSetBackError(
      `account ${account.id} was set back: epoch ${account.epoch}, ${knownEpoch} was seen`,
    );
  }
}
