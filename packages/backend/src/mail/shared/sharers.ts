/**
 * Who shares a mailbox with an account: those of whom it is a delegate, as the directory says, and
 * those whose access lists name it or everybody, as the site's index says. What is switched off
 * for an owner is off for those whom he shares with.
 */
import {
  type AccountId,
  type AccountRecord,
  type DelegateAccess,
  type DirectoryView,
  findDelegateAccess,
  findPolicyRefusal,
  type Protocol,
  type SiteName,
} from '@homeward/directory';
import { ANYONE } from './identities.ts';
import type { ShareIndex } from './share-index.ts';

/** So many mailboxes of others are looked at for one account. */
const SHARER_LIMIT = 1_000;

/** An account that may share something, and what its record says of who asks. */
export interface Sharer {
  readonly account: AccountRecord;
  /** Undefined: access lists alone count. */
  readonly access: DelegateAccess | undefined;
}

export interface SharersParts {
  readonly view: Pick<DirectoryView, 'listSharers' | 'findAccount'>;
  readonly index: Pick<ShareIndex, 'listOwners'>;
  readonly site: SiteName;
  readonly protocol: Protocol;
  /** Whether the mailbox can be reached from this worker. */
  readonly isReachable: (owner: AccountId) => boolean;
}

export class Sharers {
  readonly #parts: SharersParts;

  constructor(parts: SharersParts) {
    this.#parts = parts;
  }

  /** In order of address. What the directory cannot say now is left out. */
  async listFor(grantee: AccountId): Promise<readonly Sharer[]> {
    const { view, index } = this.#parts;
    const lists = await Promise.all([
      view.listSharers(grantee),
      index.listOwners(grantee),
      index.listOwners(ANYONE),
    ]);
    const owners = new Set(lists.flatMap((ids) => ids ?? []));
    owners.delete(grantee);
    const found: Sharer[] = [];
    for (const owner of owners) {
      if (found.length >= SHARER_LIMIT) break;
      const sharer = await this.find(owner, grantee);
      if (sharer !== undefined) found.push(sharer);
    }
    return found.toSorted((a, b) => (a.account.address < b.account.address ? -1 : 1));
  }

  /** One of them, by its address; undefined if it shares nothing that can be reached. */
  async findByAddress(address: string, grantee: AccountId): Promise<Sharer | undefined> {
    const all = await this.listFor(grantee);
    return all.find(({ account }) => account.address === address);
  }

  async find(owner: AccountId, grantee: AccountId): Promise<Sharer | undefined> {
    const { view, site, protocol, isReachable } = this.#parts;
    if (!isReachable(owner)) return undefined;
    const found = await view.findAccount(owner);
    if (found.kind !== 'found') return undefined;
    const { account } = found;
    if (account.home !== site || findPolicyRefusal(account, protocol) !== undefined) {
      return undefined;
    }
    return { account, access: findDelegateAccess(account, grantee) };
  }
}
