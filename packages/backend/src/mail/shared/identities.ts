/**
 * Access lists name accounts by their id, which stays; people name them by a login name, and are
 * shown the primary address (RFC 4314 §3.3: one canonical form).
 */
import {
  type AccountId,
  type DirectoryView,
  isBlockedKind,
  normaliseLoginName,
  parseAccountId,
  type SiteName,
} from '@homeward/directory';
import type { Outcome } from '@homeward/imap/session';
import type { Grantee } from './share-index.ts';

/** Everybody who has an account at the site (RFC 4314 §2). */
export const ANYONE = 'anyone';

export interface Identities {
  /** How an entry of a list is shown; what is left of an account that is gone is its id. */
  show(grantee: string): Promise<string>;
  /**
   * Whom somebody means. `not-permitted` for who is not known at this site, or never gets in.
   *
   * @param identifier A login name, "anyone", or an id as `show` may give it.
   */
  find(identifier: string): Promise<Outcome<Grantee>>;
}

export function createIdentities(
  view: Pick<DirectoryView, 'findAccount' | 'lookUpLogin'>,
  site: SiteName,
): Identities {
  return {
    async show(grantee) {
      const id = parseAccountId(grantee);
      if (id === undefined) return grantee;
      const found = await view.findAccount(id);
      return found.kind === 'found' ? found.account.address : grantee;
    },
    async find(identifier) {
      if (identifier.toLowerCase() === ANYONE) return { ok: true, value: ANYONE };
      const name = normaliseLoginName(identifier);
      const found = name === undefined ? undefined : await view.lookUpLogin(name);
      if (found?.kind === 'unavailable') return { ok: false, reason: 'unavailable' };
      const account = found?.kind === 'found' ? found.record.account : undefined;
      if (account === undefined || account.home !== site || isBlockedKind(account.kind)) {
        return { ok: false, reason: 'not-permitted' };
      }
      return { ok: true, value: account.id satisfies AccountId };
    },
  };
}
