/**
 * The access lists of one mailbox as its owner, and those who may administer a folder, read and
 * change them (RFC 4314 §3). The store keeps them by account id; the site's index follows.
 */
import type { AccountId } from '@homeward/directory';
import type { AccessList, Outcome } from '@homeward/imap/session';
import type * as Store from '@homeward/mailstore';
import { ALL_RIGHTS, type FolderRights, unionOfRights } from '../rights/folder-rights.ts';
import { ANYONE, type Identities } from './identities.ts';
import type { Grantee, ShareIndex } from './share-index.ts';

type Lists = Pick<Store.Mailbox, 'readAcl' | 'setAcl' | 'listFolders'>;

export interface AccessListsParts {
  readonly ownerId: AccountId;
  readonly mailbox: Lists;
  readonly identities: Identities;
  readonly index: ShareIndex;
}

export class AccessLists {
  readonly #parts: AccessListsParts;

  constructor(parts: AccessListsParts) {
    this.#parts = parts;
  }

  async has(path: string): Promise<boolean> {
    return (await this.#parts.mailbox.readAcl(path)).ok;
  }

  async read(path: string): Promise<Outcome<AccessList>> {
    const { mailbox, identities, ownerId } = this.#parts;
    const stored = await mailbox.readAcl(path);
    if (!stored.ok) return refused(stored);
    const rights = new Map<string, string>();
    for (const [grantee, letters] of stored.value) {
      rights.set(await identities.show(grantee), letters);
    }
    return { ok: true, value: { owner: await identities.show(ownerId), rights } };
  }

  /** @param identifier As `read` shows it, or `canonicalIdentifier` gives it. */
  async set(
    path: string,
    identifier: string,
    rights: FolderRights | undefined,
  ): Promise<Outcome<void>> {
    const grantee = await this.#findGrantee(path, identifier);
    if (!grantee.ok) return grantee;
    const { index, ownerId } = this.#parts;
    return index.inTurn(ownerId, () => this.#change(path, grantee.value, rights));
  }

  async canonicalIdentifier(identifier: string): Promise<Outcome<string>> {
    const { identities } = this.#parts;
    const found = await identities.find(identifier);
    return found.ok ? { ok: true, value: await identities.show(found.value) } : found;
  }

  /**
   * Puts the index right where it lacks something: after a restored volume, or a mailbox that
   * came from elsewhere.
   */
  async mendIndex(): Promise<void> {
    const { index, ownerId } = this.#parts;
    await index.inTurn(ownerId, async () => {
      for (const grantee of await this.#findAllGrantees()) {
        const owners = await index.listOwners(grantee);
        if (!owners.includes(ownerId)) await index.add(ownerId, grantee);
      }
    });
  }

  /** An account that is gone is found by what it is shown as. */
  async #findGrantee(path: string, identifier: string): Promise<Outcome<Grantee>> {
    const { mailbox, identities } = this.#parts;
    const found = await identities.find(identifier);
    if (found.ok) return found;
    const stored = await mailbox.readAcl(path);
    const isListed = stored.ok && stored.value.has(identifier);
    return isListed ? { ok: true, value: identifier as AccountId } : found;
  }

  async #change(
    path: string,
    grantee: Grantee,
    rights: FolderRights | undefined,
  ): Promise<Outcome<void>> {
    const { mailbox, index, ownerId } = this.#parts;
    if (rights !== undefined && !(await index.add(ownerId, grantee))) {
      return { ok: false, reason: 'unavailable' };
    }
    const changed = await mailbox.setAcl(path, grantee, rights);
    if (!(await this.#findAllGrantees()).has(grantee)) await index.remove(ownerId, grantee);
    return changed.ok ? { ok: true, value: undefined } : refused(changed);
  }

  async #findAllGrantees(): Promise<ReadonlySet<Grantee>> {
    const { mailbox } = this.#parts;
    const grantees = new Set<Grantee>();
    for (const { path } of await mailbox.listFolders()) {
      const stored = await mailbox.readAcl(path);
      if (!stored.ok) continue;
      for (const grantee of stored.value.keys()) grantees.add(grantee as Grantee);
    }
    return grantees;
  }
}

/** What one account may do in another's folder, by what its list says of it and of everybody. */
export function rightsInList(list: ReadonlyMap<string, string>, grantee: AccountId): FolderRights {
  return unionOfRights(list.get(grantee) ?? '', list.get(ANYONE) ?? '');
}

/** The owner may do everything; nothing takes that away. */
export const OWNER_RIGHTS: FolderRights = ALL_RIGHTS;

/** Lists know no maildrop lock. */
function refused(outcome: Extract<Store.Outcome<unknown>, { ok: false }>): {
  readonly ok: false;
  readonly reason: Exclude<Store.Refusal, 'in-use'>;
} {
  return { ok: false, reason: outcome.reason === 'in-use' ? 'unavailable' : outcome.reason };
}
