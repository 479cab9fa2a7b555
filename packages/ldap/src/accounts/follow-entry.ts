/**
 * Writes an entry into the directory as an account, or an account's changes as its entry has them.
 * Two who do it at once make one account: its id is made from the entry's, and a change of an older
 * version gives way.
 */
import type { AccountRecord, SiteName } from '@homeward/directory';
import { type EntryFields, isUpToDate } from '../entry/entry-account.ts';
import type { AccountStore } from './ports.ts';

export type FollowOutcome =
  | {
      readonly ok: true;
      readonly account: AccountRecord;
      readonly change: 'none' | 'added' | 'changed';
    }
  | { readonly ok: false; readonly detail: string };

/** Of an account that is only a draft so far. */
export const DRAFT_VERSION = 0;
/** Concurrent changes of one account that a change of ours gives way to. */
const ATTEMPT_LIMIT = 4;

/**
 * Adds an account that the directory does not have.
 *
 * @param draft As it is to be; `home` may be empty, which is refused.
 */
export async function addFromEntry(
  draft: AccountRecord,
  fields: EntryFields,
  store: AccountStore,
): Promise<FollowOutcome> {
  if (draft.home === ('' as SiteName)) {
    const detail = `${fields.address} has no home site: set ldap.site, or ldap.attributes.site`;
    return { ok: false, detail };
  }
  const names = await listFreeNames(fields, { id: draft.id, names: [] }, store);
  const account: AccountRecord = { ...draft, ...fields, names, version: 1 };
  const outcome = await store.addAccount(account, undefined);
  if (outcome.ok) return { ok: true, account, change: 'added' };
  // Another front end was quicker with the same entry.
  if (outcome.reason === 'exists') return updateFromEntry(draft, fields, store);
  return { ok: false, detail: outcome.detail };
}

/** Has an account follow its entry; what the entry does not decide stays as it is. */
export async function updateFromEntry(
  { id }: Pick<AccountRecord, 'id'>,
  fields: EntryFields,
  store: AccountStore,
): Promise<FollowOutcome> {
  for (let attempt = 0; attempt < ATTEMPT_LIMIT; attempt += 1) {
    const current = await store.getAccount(id);
    if (current === undefined) return { ok: false, detail: `${fields.address} was deleted` };
    // An operator has taken it out of LDAP's hands.
    if (current.ldap === undefined) return { ok: true, account: current, change: 'none' };
    if (isUpToDate(current, fields)) return { ok: true, account: current, change: 'none' };
    const names = await listFreeNames(fields, current, store);
    const changed = { ...fields, names };
    if (isUpToDate(current, changed)) return { ok: true, account: current, change: 'none' };
    const account: AccountRecord = { ...current, ...changed, version: current.version + 1 };
    const outcome = await store.replaceAccount(account, current.version);
    if (outcome.ok) return { ok: true, account, change: 'changed' };
    if (outcome.reason !== 'conflict') return { ok: false, detail: outcome.detail };
  }
  return { ok: false, detail: `${fields.address} is being changed by others` };
}

/**
 * The names that nobody else has. The address is never left out: without it the account is
 * refused, since mail to it belongs to somebody else.
 */
async function listFreeNames(
  { address, names }: EntryFields,
  { id, names: own }: Pick<AccountRecord, 'id' | 'names'>,
  store: AccountStore,
): Promise<readonly string[]> {
  const free: string[] = [];
  for (const name of names) {
    const isOwn = name === address || own.includes(name);
    const holder = isOwn ? undefined : await store.findHolder(name);
    if (holder === undefined || holder.id === id) free.push(name);
  }
  return free;
}
